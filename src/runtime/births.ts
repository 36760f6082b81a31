/**
 * How actors come to be on this thread, and what waits for them meanwhile.
 *
 * The spawner chooses the new actor's address, so messages may reach its thread before it exists: by another way
 * than its spawn, or while its module is being imported. They are kept as they arrived, and delivered at its birth.
 */
import { Behavior } from '../actor/behavior.js';
import { Cell, FALLEN, SCHEDULED, STARTING } from '../actor/cell.js';
import type { Details } from '../actor/definition.js';
import type { Ended, Parent } from '../actor/family.js';
import { debug } from '../base/debug.js';
import { type HeddleError, MailboxFull, NoSuchActor, ThreadLost, withoutStack } from '../base/errors.js';
import { HELD_BYTES_MAX } from '../base/limits.js';
import type { DeadReason } from '../mesh/books.js';
import type { Inbound } from '../mesh/inbound.js';
import { threadOf } from '../mesh/link.js';
import { CALL, CALL_REQUEST, CAST_REQUEST, COMMAND, GENERATION, SLOT, SPAWN } from '../mesh/records.js';
import type { Tools } from '../messages/tools.js';
import { spawnerOf } from './actor-table.js';
import { readGeneral } from './arrivals.js';
import { endedWith } from './commands.js';
import type { Core } from './core.js';
import { Held, type HeldRecord } from './held.js';
import { NO_SUCH_ACTOR } from './life.js';
import { type Loaded, Modules } from './modules.js';
import { Slots } from './slots.js';
import { ARGUMENTS_AT, DEFINITION, readSpawn, type SpawnHead } from './spawns.js';

const NO_CALL = -1;
const NO_KEY = -1;

const keyOf = (slot: number, generation: number): string => `${slot}:${generation}`;
const addressOf = ({ words }: HeldRecord): string => keyOf(words[SLOT]!, words[GENERATION]!);

/** Where an actor is, and who wants it there. */
type Address = Pick<SpawnHead, 'slot' | 'generation' | 'call' | 'parent'>;

export interface BirthPorts {
  /** Imports a module; the only place where anything received leads to an import. */
  readonly importModule: (url: string) => Promise<unknown>;
  /** What a definition is on this thread: itself, but where its handlers are watched in tests. */
  readonly prepare: (details: Details) => Details;
}

export class Births {
  readonly #core: Core;
  readonly #behaviors = new Map<Details, Behavior>();
  readonly #prepare: BirthPorts['prepare'];
  readonly slots: Slots;
  readonly modules: Modules;
  readonly #held: Held;
  /** Actors of which a ref has arrived, but not the spawn. */
  readonly #expected = new Set<Cell>();
  /** Actors of the thread before that are to begin again here, once their module is loaded. */
  readonly #returning = new Set<string>();
  /** What is to be done at the birth of actors of this thread. */
  readonly #awaited = new Map<string, (() => void)[]>();
  /** By slot, until it is used again: actors that were not born because their definition could not be loaded. */
  readonly #failures = new Map<number, { readonly generation: number; readonly error: Error }>();
  /** Deaths of this thread. */
  readonly #epoch: number;

  constructor(core: Core, ports: BirthPorts, epochs: readonly number[]) {
    this.#core = core;
    this.#epoch = epochs[core.thread]!;
    this.#prepare = ports.prepare;
    this.#held = new Held(core.mesh.books);
    this.slots = new Slots(core, epochs);
    this.modules = new Modules(core, {
      importModule: ports.importModule,
      loaded: ({ waiting }, loaded) => {
        for (const record of waiting.splice(0)) {
          this.#held.letGo(record);
          this.#birthHeld(loaded, record);
        }
      },
    });
  }

  // ---- births ---------------------------------------------------------------------------------------------------

  behaviorOf(details: Details): Behavior {
    let behavior = this.#behaviors.get(details);
    if (behavior === undefined) {
      behavior = new Behavior(this.#core, this.#prepare(details), details);
      this.#behaviors.set(details, behavior);
    }
    return behavior;
  }

  /** Of actors of which only the address is known. */
  get anonymous(): Behavior {
    return this.behaviorOf(ANONYMOUS);
  }

  /** A new actor of this thread. */
  begin(cell: Cell, origin: number, call: number, parent: Parent | undefined, name: string | undefined): void {
    if (parent !== undefined) cell.demandRare().parent = parent;
    if (name !== undefined) cell.demandRare().names = [name];
    if (call !== NO_CALL) cell.demandRare().spawner = { origin, call, key: NO_KEY };
    const core = this.#core;
    core.table.add(cell);
    core.mesh.books.add('actorsSpawned', 1);
    cell.gate |= SCHEDULED;
    core.runQueue.push(cell);
    if (!core.mesh.inTurn) core.wake();
  }

  /** An actor that has ended begins again: here, with its mailbox, or where its thread has taken the place of a dead one. */
  beginAgain(behavior: Behavior, head: Address, origin: number, args: unknown, name: string | undefined): void {
    const core = this.#core;
    const { slot, generation, call, parent } = head;
    core.mesh.books.add('actorsRestarted', 1);
    const fallen = core.table.find(slot, generation);
    if (fallen === undefined) {
      const cell = new Cell(behavior, slot, generation, args);
      // Its names went with its thread.
      if (name !== undefined) core.names.reserve(name, core.names.actorOf(cell, parent));
      this.begin(cell, origin, call, parent, name);
      return;
    }
    fallen.state = args;
    fallen.gate = (fallen.gate & ~FALLEN) | STARTING | SCHEDULED;
    Object.assign(fallen.demandRare(), { parent, spawner: { origin, call, key: NO_KEY } });
    core.runQueue.push(fallen);
    core.wake();
  }

  // ---- what arrives -----------------------------------------------------------------------------------------------

  receiveSpawn({ peer, origin, assembly }: Inbound, tools: Tools, at: number, end: number): void {
    const words = tools.memory.i32;
    const announced = this.modules.find(peer, words[(at >> 2) + DEFINITION]!);
    if (announced === undefined) return;
    const { loaded } = announced;
    if (loaded !== undefined && !('error' in loaded)) {
      const head = readSpawn(words, at >> 2, origin);
      this.#birth(loaded.behavior, head, origin, readGeneral(assembly, tools, at + ARGUMENTS_AT, end));
      return;
    }
    const record = { origin, assembly, type: SPAWN, words: words.slice(at >> 2, end >> 2) };
    if (loaded !== undefined) this.#failBirth(loaded.error, record);
    else if (this.#held.hold(record)) {
      announced.waiting.push(record);
      if (readSpawn(record.words, 0, origin).isAgain) this.#returning.add(addressOf(record));
    } else this.#failBirth(heldFull(), record);
  }

  /** A spawn that has waited for its module. */
  #birthHeld(loaded: Loaded, record: HeldRecord): void {
    if ('error' in loaded) this.#failBirth(loaded.error, record);
    else {
      const head = readSpawn(record.words, 0, record.origin);
      this.#birth(loaded.behavior, head, record.origin, this.#readArguments(record));
    }
  }

  /** @param read the arguments, behind the name if there is one */
  #birth(behavior: Behavior, head: SpawnHead, origin: number, read: unknown): void {
    const core = this.#core;
    const { slot, generation, call, parent, isAgain } = head;
    const [name, args] = head.isNamed ? (read as [string, unknown]) : [undefined, read];
    // It has waited for its module, and its parent has ended meanwhile, with its thread.
    const isOrphan = parent !== undefined && core.mesh.links[threadOf(origin)]!.origin !== origin;
    if (isAgain) {
      try {
        if (!isOrphan) this.beginAgain(behavior, head, origin, args, name);
      } catch (error) {
        core.failCall(origin, call, error as Error);
      }
      this.#returned(slot, generation);
      return;
    }
    this.#failures.delete(slot);
    const cell = core.table.find(slot, generation) ?? new Cell(behavior, slot, generation, undefined);
    this.#expected.delete(cell);
    cell.state = args;
    this.begin(cell, origin, call, parent, name);
    if (isOrphan) core.life.dismiss(cell, 'its parent has ended with its thread');
    this.#deliverHeld(slot, generation);
  }

  /** An actor has begun again, or cannot: what has come for it meanwhile goes there, or nowhere. */
  #returned(slot: number, generation: number): void {
    if (this.#returning.delete(keyOf(slot, generation))) this.#deliverHeld(slot, generation);
  }

  #failBirth(error: Error, record: HeldRecord): void {
    const core = this.#core;
    const { origin, words } = record;
    const { slot, generation, call, parent, isAgain, isNamed } = readSpawn(words, 0, origin);
    debug('thread %d: %s', core.thread, error.message);
    // One that has begun before waits on for its supervisor.
    if (isAgain) this.#returned(slot, generation);
    else this.#buryUnborn(error, slot, generation, isNamed ? record : undefined);
    if (call !== NO_CALL) core.failCall(origin, call, error);
    else core.reports.problem('definition-failed', error);
    if (call === NO_CALL && parent !== undefined) {
      core.sendEnded({ origin, call: parent.call, key: parent.slot }, failedBirth(error));
    }
  }

  #buryUnborn(error: Error, slot: number, generation: number, named: HeldRecord | undefined): void {
    const { table, mesh, life, names } = this.#core;
    if (named !== undefined) {
      const [name] = this.#readArguments(named) as [string, unknown];
      names.freeUnborn(name, slot, generation);
    }
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
    const isComing = this.#core.table.isUnborn(slot, generation) || this.#returning.has(keyOf(slot, generation));
    if (!isComing) this.#core.refuseStranger(origin, type, words, at);
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
    if (this.#awaited.size > 0) {
      const key = keyOf(slot, generation);
      const acts = this.#awaited.get(key) ?? [];
      this.#awaited.delete(key);
      for (const act of acts) act();
    }
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
    // Its replacement may be at work already: what that has begun to spawn here is still to come.
    const isMissed = (slot: number, generation: number): boolean =>
      spawnerOf(slot) === thread && table.isOrphan({ slot, generation }) && !coming.has(keyOf(slot, generation));
    this.#core.names.loseSpawner(isMissed);
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
  identity: 0,
  init: () => undefined,
  hooks: { started: undefined, stopped: undefined, restarting: undefined, onSupervision: undefined },
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

const lostActor = (thread: number): ThreadLost =>
  withoutStack(() => new ThreadLost('the actor ended with its thread', { thread }));

const noSuchActor = (thread: number): HeddleError =>
  withoutStack(() => new NoSuchActor('no living actor has this address; it has ended', { thread }));
