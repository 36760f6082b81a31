/** Reserves, publishes, conceals, frees and finds names at random, as many others do, and counts what must not be. */
import { workerData } from 'node:worker_threads';
import { HeddleError } from '../../../src/base/errors.js';
import { originOf, threadOf } from '../../../src/mesh/link.js';
import { type NamedActor, NameTable } from '../../../src/registry/name-table.js';
import { Sequence } from '../ring-traffic.js';
import {
  ControlWord,
  definitionOf,
  KEEPERS_NAMES,
  KEEPERS_NAMES_MAX,
  type NameKeeperTask,
} from './name-keeper-task.js';

const { thread, epoch, seed, table, epochs, owners, done, control } = workerData as NameKeeperTask;
const origin = originOf(thread, epoch);
const isOver = (other: number): boolean => other !== originOf(threadOf(other), Atomics.load(epochs, threadOf(other)));
const names = new NameTable(table, 0, origin, isOver, KEEPERS_NAMES_MAX);
const random = new Sequence(seed);
const mine = new Map<number, NamedActor>();
let generation = 0;

const check = (holds: boolean): void => {
  if (!holds) Atomics.add(control, ControlWord.faults, 1);
};

const isSame = (one: NamedActor | undefined, other: NamedActor): boolean =>
  one?.origin === other.origin && one.slot === other.slot && one.generation === other.generation;

const take = (name: number): void => {
  const definition = definitionOf(origin, name, generation);
  const actor = { origin, slot: name, generation, definition, parent: origin };
  generation++;
  try {
    names.reserve(`name ${name}`, actor);
  } catch (error) {
    if (error instanceof HeddleError) return;
    throw error;
  }
  const before = Atomics.exchange(owners, name, origin + 1);
  check(before === 0 || isOver(before - 1));
  mine.set(name, actor);
  check(!isSame(names.find(`name ${name}`), actor));
  names.publish(`name ${name}`, actor);
  check(isSame(names.find(`name ${name}`), actor));
};

const leave = (name: number, actor: NamedActor): void => {
  if (random.upTo(1) === 0) {
    names.conceal(`name ${name}`, actor);
    check(names.find(`name ${name}`) === undefined);
    names.publish(`name ${name}`, actor);
  }
  check(names.entrust(`name ${name}`, actor));
  check(isSame(names.find(`name ${name}`), actor));
  mine.delete(name);
  check(Atomics.compareExchange(owners, name, origin + 1, 0) === origin + 1);
  names.free(`name ${name}`, actor);
  check(!isSame(names.find(`name ${name}`), actor));
};

const look = (name: number): void => {
  const found = names.find(`name ${name}`);
  if (found === undefined) return;
  check(found.slot === name && found.definition === definitionOf(found.origin, name, found.generation));
};

while (Atomics.load(control, ControlWord.stop) === 0) {
  const name = random.upTo(KEEPERS_NAMES - 1);
  const actor = mine.get(name);
  if (actor === undefined) take(name);
  else leave(name, actor);
  look(random.upTo(KEEPERS_NAMES - 1));
  Atomics.add(done, thread, 1);
}
