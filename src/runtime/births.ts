/**
 * Where actors come from: spawning here and on other threads, and what waits for it meanwhile.
 *
 * The spawner chooses the new actor's address, so messages may reach its thread before it exists: by another way
 * than its spawn, or while its module is being imported. They are kept as they arrived, and delivered at its birth.
 */
import { Behavior } from '../actor/behavior.js';
import { Cell, SCHEDULED } from '../actor/cell.js';
import { type AnyDefinition, type Details, detailsOf } from '../actor/definition.js';
import { type AnyRef, isRef, REF } from '../actor/ref.js';
import { DETAILS } from '../actor/ref-classes.js';
import type { Ended, SpawnOptions } from '../actor/self.js';
import { debug } from '../base/debug.js';
import { describe } from '../base/describe.js';
import {
  CallTimeout,
  type HeddleError,
  InvalidOptions,
  MailboxFull,
  NoSuchActor,
  ThreadLost,
  withoutStack,
} from '../base/errors.js';
import { HELD_BYTES_MAX, TIMEOUT_MS_MAX } from '../base/limits.js';
import { checkMembers } from '../base/members.js';
import type { DeadReason } from '../mesh/books.js';
import type { Inbound } from '../mesh/inbound.js';
import { CALL, CALL_REQUEST, CAST_REQUEST, COMMAND, GENERATION, SLOT, SPAWN } from '../mesh/records.js';
import { refuseGeneral, takeGeneral } from '../messages/tools.js';
import { spawnerOf } from './actor-table.js';
import { endedWith } from './commands.js';
import type { Core } from './core.js';
import { Held, type HeldRecord } from './held.js';
import { NO_SUCH_ACTOR } from './life.js';
import { type Loaded, Modules } from './modules.js';
import { Slots } from './slots.js';

const NO_CALL = -1;
/** A spawn: slot, generation, call, definition; then the arguments. */
const DEFINITION = 5;
const ARGUMENTS_AT = 24;

const SPAWN_OPTIONS: ReadonlySet<string> = new Set<keyof SpawnOptions>(['place', 'timeoutMs']);

const keyOf = (slot: number, generation: number): string => `${slot}:${generation}`;
const addressOf = ({ words }: HeldRecord): string => keyOf(words[SLOT]!, words[GENERATION]!);

export interface BirthPorts {
  /** Imports a module; the only place where anything received leads to an import. */
  readonly importModule: (url: string) => Promise<unknown>;
  /** The thread for a new actor. @throws InvalidOptions */
  readonly place: (place: SpawnOptions['place']) => number;
}

export class Births {
  readonly #core: Core;
  readonly #ports: BirthPorts;
  readonly #behaviors = new Map<Details, Behavior>();
  readonly slots: Slots;
  readonly modules: Modules;
  readonly #held: Held;
  /** Actors of which a ref has arrived, but not the spawn. */
  readonly #expected = new Set<Cell>();
  /** What is to be done at the birth of actors of this thread. */
  readonly #awaited = new Map<string, (() => void)[]>();
  /** By slot, until it is used again: actors that were not born because their definition could not be loaded. */
  readonly #failures = new Map<number, { readonly generation: number; readonly error: Error }>();
  /** Deaths of this thread. */
  readonly #epoch: number;

  constructor(core: Core, ports: BirthPorts, epochs: readonly number[]) {
    this.#core = core;
    this.#ports = ports;
    this.#epoch = epochs[core.thread]!;
    this.#held = new Held(core.mesh.books);
    this.slots = new Slots(core, epochs);
    this.modules = new Modules(core, {
      importModule: ports.importModule,
      loaded: ({ waiting }, loaded) => {
        for (const record of waiting.splice(0)) {
          this.#held.letGo(record);
          this.#birth(loaded, record);
        }
      },
    });
  }

  // ---- spawning ---------------------------------------------------------------------------------------------------

  behaviorOf(details: Details): Behavior {
    let behavior = this.#behaviors.get(details);
    if (behavior === undefined) {
      behavior = new Behavior(this.#core, details);
      this.#behaviors.set(details, behavior);
    }
    return behavior;
  }

  /** Of actors of which only the address is known. */
  get anonymous(): Behavior {
    return this.behaviorOf(ANONYMOUS);
  }

  spawnNow(definition: AnyDefinition, args: unknown, options: SpawnOptions | undefined): AnyRef {
    const details = this.#check(definition, options);
    return this.#spawn(details, args, this.#place(options?.place), NO_CALL);
  }

  spawn(definition: AnyDefinition, args: unknown, options: SpawnOptions | undefined): Promise<AnyRef> {
    const core = this.#core;
    const details = this.#check(definition, options);
    // The module may be imported first; the import has a deadline of its own, whose error says more.
    const otherwise = Math.min(TIMEOUT_MS_MAX, core.options.importTimeoutMs + core.options.callTimeoutMs);
    const timeoutMs = checkTimeout(options?.timeoutMs, otherwise);
    const thread = this.#place(options?.place);
    const promise = core.calls.open(thread, undefined, timeoutMs, undefined);
    const call = core.calls.openedCall;
    core.calls.date(call);
    try {
      const ref = this.#spawn(details, args, thread, call);
      core.calls.setRef(call, ref);
    } catch (error) {
      core.calls.take(call)?.reject(error);
    }
    return promise as Promise<AnyRef>;
  }

  #check(definition: AnyDefinition, options: SpawnOptions | undefined): Details {
    this.#core.checkOpen();
    const details = detailsOf(definition);
    if (options !== undefined) checkMembers('spawn of ', options, SPAWN_OPTIONS, details.name);
    return details;
  }

  #place(place: SpawnOptions['place']): number {
    if (typeof place === 'object' && isRef(place?.near)) this.#core.checkRef(place.near);
    return this.#ports.place(place);
  }

  /** The error of a spawn whose deadline has passed. The actor, if it is born after all, is ended. */
  late(ref: AnyRef, timeoutMs: number): CallTimeout {
    const core = this.#core;
    core.commands.abandon(ref);
    const { thread } = ref[REF];
    const { name, url } = (ref as { [DETAILS]?: Details })[DETAILS]!;
    const { layout, tools } = core.mesh;
    const importing = Atomics.load(tools.memory.i32, layout.importingWord(thread)) > 0;
    const why = importing
      ? 'the thread is still importing a module, which may loop or wait at its top level'
      : 'its init has not ended, or the thread is busy';
    return new CallTimeout(`${name} was not born in time: ${why}`, { timeoutMs, thread, url });
  }

  #spawn(details: Details, args: unknown, thread: number, call: number): AnyRef {
    const core = this.#core;
    const behavior = this.behaviorOf(details);
    const lease = this.slots.leaseOn(thread);
    if (thread === core.thread) {
      const taken = args === undefined ? undefined : takeArguments(args, initOf(behavior));
      const slot = lease.take();
      const cell = new Cell(behavior, slot, lease.generation, taken);
      if (call !== NO_CALL) cell.demandRare().spawner = { origin: thread, call };
      this.#add(cell);
      return new behavior.refs.Local(cell);
    }
    const link = core.mesh.links[thread]!;
    this.modules.announce(link, behavior.details);
    const slot = lease.take();
    const { generation } = lease;
    try {
      link.transmit({
        type: SPAWN,
        key: slot,
        reserved: false,
        message: args,
        write: ({ memory: { i32 }, general }, at, end) => {
          const word = at >> 2;
          i32[word + SLOT] = slot;
          i32[word + GENERATION] = generation;
          i32[word + CALL] = call;
          i32[word + DEFINITION] = behavior.details.number;
          try {
            return general.write(args, at + ARGUMENTS_AT, end);
          } catch (error) {
            return refuseGeneral(initOf(behavior), args, 'args', error);
          }
        },
      });
    } catch (error) {
      lease.giveBack(slot);
      throw error;
    }
    return new behavior.refs.Remote(link, slot, generation);
  }

  #add(cell: Cell): void {
    const core = this.#core;
    core.table.add(cell);
    core.mesh.books.add('actorsSpawned', 1);
    cell.gate |= SCHEDULED;
    core.runQueue.push(cell);
    if (!core.mesh.inTurn) core.wake();
  }

  // ---- what arrives -----------------------------------------------------------------------------------------------

  receiveSpawn(inbound: Inbound, words: Int32Array, at: number, end: number): void {
    const number = words[(at >> 2) + DEFINITION]!;
    const announced = this.modules.find(inbound.peer, number);
    const { origin, assembly } = inbound;
    const record = { origin, assembly, type: SPAWN, words: words.slice(at >> 2, end >> 2) };
    if (announced?.loaded !== undefined) this.#birth(announced.loaded, record);
    else if (announced !== undefined) {
      if (this.#held.hold(record)) announced.waiting.push(record);
      else this.#birth({ error: heldFull() }, record);
    }
  }

  #birth(loaded: Loaded, record: HeldRecord): void {
    const core = this.#core;
    const { origin, words } = record;
    const slot = words[SLOT]!;
    const generation = words[GENERATION]!;
    const call = words[CALL]!;
    if ('error' in loaded) {
      debug('thread %d: %s', core.thread, loaded.error.message);
      this.#failBirth(loaded.error, slot, generation);
      if (call !== NO_CALL) core.failCall(origin, call, loaded.error);
      else core.reports.problem('definition-failed', loaded.error);
      return;
    }
    this.#failures.delete(slot);
    const cell = core.table.find(slot, generation) ?? new Cell(loaded.behavior, slot, generation, undefined);
    this.#expected.delete(cell);
    cell.state = this.#readArguments(record);
    if (call !== NO_CALL) cell.demandRare().spawner = { origin, call };
    this.#add(cell);
    this.#deliverHeld(slot, generation);
  }

  #failBirth(error: Error, slot: number, generation: number): void {
    const { table, mesh, life } = this.#core;
    this.#failures.set(slot, { generation, error });
    // Whoever counts actors by thread has counted on this one.
    mesh.books.add('actorsSpawned', 1);
    const expected = table.find(slot, generation);
    if (expected !== undefined) {
      this.#expected.delete(expected);
      life.end(expected, failedBirth(error), 'definition-failed');
    } else {
      mesh.books.add('actorsEnded', 1);
      table.bury(slot, generation);
      this.slots.release({ slot, generation });
    }
    this.#deliverHeld(slot, generation);
  }

  /** Why an address never had an actor, as far as it is still known. */
  #failureOf(slot: number, generation: number): Error | undefined {
    const failure = this.#failures.get(slot);
    return failure?.generation === generation ? failure.error : undefined;
  }

  /** Why there is no actor of this address. */
  absenceOf(slot: number, generation: number): { readonly reason: DeadReason; readonly error: Error } {
    const failure = this.#failureOf(slot, generation);
    if (failure !== undefined) return { reason: 'definition-failed', error: failure };
    const { table, thread } = this.#core;
    return table.isLost(slot, generation)
      ? { reason: 'thread-lost', error: lostActor(thread) }
      : { reason: 'no-such-actor', error: noSuchActor(thread) };
  }

  /** What to tell about the end of an actor that is not there. */
  endOf(slot: number, generation: number): Ended {
    const { reason, error } = this.absenceOf(slot, generation);
    if (reason === 'definition-failed') return failedBirth(error);
    return error instanceof ThreadLost ? endedWith(error) : NO_SUCH_ACTOR;
  }

  /** A ref has arrived before the spawn that it speaks of: messages to it wait in the mailbox of this actor. */
  expect(cell: Cell): void {
    this.#expected.add(cell);
    this.#core.table.add(cell);
    this.#deliverHeld(cell.slot, cell.generation);
  }

  /** Does something once an actor of this thread is born that is not yet. */
  whenBorn(slot: number, generation: number, act: () => void): void {
    const key = keyOf(slot, generation);
    const acts = this.#awaited.get(key);
    if (acts === undefined) this.#awaited.set(key, [act]);
    else acts.push(act);
  }

  #readArguments({ assembly, words }: HeldRecord): unknown {
    const bytes = words.byteLength;
    const tools = this.#core.mesh.borrowApart(bytes);
    tools.memory.i32.set(words);
    tools.memory.at = ARGUMENTS_AT;
    tools.memory.end = bytes;
    tools.memory.source = assembly;
    const args = tools.general.read();
    this.#core.mesh.returnApart(tools);
    return args;
  }

  /** A record for an address that no living actor has: too late, or too early. */
  receiveForStranger(inbound: Inbound, type: number, words: Int32Array, at: number, end: number): void {
    const slot = words[(at >> 2) + SLOT]!;
    const generation = words[(at >> 2) + GENERATION]!;
    const { origin, assembly } = inbound;
    if (!this.#core.table.isUnborn(slot, generation)) this.#core.refuseStranger(origin, type, words, at);
    else {
      const record = { origin, assembly, type, words: words.slice(at >> 2, end >> 2) };
      if (!this.#held.keep({ slot, generation }, record)) this.#refuseHeld(record);
    }
  }

  #refuseHeld({ origin, type, words }: HeldRecord): void {
    const call = words[CALL]!;
    if (type >= CAST_REQUEST) this.#core.reports.letter('held-full', undefined, undefined, undefined);
    if (type >= CALL_REQUEST || (type === COMMAND && call !== NO_CALL)) this.#core.failCall(origin, call, heldFull());
  }

  #deliverHeld(slot: number, generation: number): void {
    const key = keyOf(slot, generation);
    const acts = this.#awaited.get(key) ?? [];
    this.#awaited.delete(key);
    for (const act of acts) act();
    for (const record of this.#held.take({ slot, generation })) this.#core.arrivals.receiveHeld(record);
  }

  // ---- threads that end -------------------------------------------------------------------------------------------

  /** A thread has died: what it was about to spawn here will not come, and it may be given its first slots anew. */
  loseThread(thread: number, epoch: number): void {
    const { table, life } = this.#core;
    const deaths = epoch + this.#epoch;
    const coming = new Set(this.modules.waitingOf(thread).map(addressOf));
    this.modules.loseThread(thread);
    this.slots.loseThread(thread, deaths);
    table.loseSpawner(thread, deaths);
    const isMissed = (slot: number, generation: number): boolean =>
      spawnerOf(slot) === thread && !coming.has(keyOf(slot, generation));
    for (const cell of this.#expected) {
      if (!isMissed(cell.slot, cell.generation)) continue;
      this.#expected.delete(cell);
      life.end(cell, endedWith(lostActor(thread)), 'thread-lost');
    }
    const keys = [...this.#awaited.keys()].map((key) => key.split(':').map(Number) as [number, number]);
    const held = this.#held.addresses().map(({ slot, generation }) => [slot, generation] as const);
    for (const [slot, generation] of [...keys, ...held])
      if (isMissed(slot, generation)) this.#deliverHeld(slot, generation);
  }

  /** The system ends: what waits for a birth is never handled. Its senders are told by their own threads. */
  bury(): void {
    for (const { type } of this.#held.takeAll()) {
      if (type >= CAST_REQUEST) this.#core.reports.letter('shutdown', undefined, undefined, undefined);
    }
    this.modules.bury();
  }
}

const ANONYMOUS: Details = {
  copy: Symbol('anonymous'),
  name: 'an actor',
  url: '',
  number: -1,
  plan: [],
  hash: 0,
  init: () => undefined,
  handlers: [],
  mailboxLimit: undefined,
  mailboxPolicy: 'refuse',
  concurrency: 1,
  budgetMs: undefined,
};

const heldFull = (): HeddleError =>
  withoutStack(
    () => new MailboxFull('too much waits for actors that are not yet born', { limitBytes: HELD_BYTES_MAX }),
  );

const failedBirth = (error: Error): Ended => ({ reason: 'failed', detail: error.message, error });

/** Where arguments go, for people. */
const initOf = ({ details }: Behavior): string => `${details.name}.init`;

const takeArguments = (args: unknown, where: string): unknown => {
  try {
    return takeGeneral(args);
  } catch (error) {
    return refuseGeneral(where, args, 'args', error);
  }
};

export const checkTimeout = (timeoutMs: number | undefined, otherwise: number): number => {
  if (timeoutMs === undefined) return otherwise;
  if (typeof timeoutMs === 'number' && timeoutMs >= 0 && timeoutMs <= TIMEOUT_MS_MAX) return timeoutMs;
  throw new InvalidOptions(`timeoutMs is a number from 0 to ${TIMEOUT_MS_MAX}`, { got: describe(timeoutMs) });
};

const lostActor = (thread: number): ThreadLost =>
  withoutStack(() => new ThreadLost('the actor ended with its thread', { thread }));

const noSuchActor = (thread: number): HeddleError =>
  withoutStack(() => new NoSuchActor('no living actor has this address; it has ended', { thread }));
