/** How actors begin and end. */
import type { Cell, Watcher } from '../actor/cell.js';
import { DRAINING, ENDED, QUEUED, RUNNING, STARTING, STOPPING, SUSPENDED } from '../actor/cell.js';
import type { Request } from '../actor/mailbox.js';
import type { Ended } from '../actor/self.js';
import { ActorFailed, ActorStopped, withoutStack } from '../base/errors.js';
import type { DeadReason } from '../mesh/books.js';
import { packError } from '../messages/envelope.js';
import type { Core } from './core.js';

/** What one can ask of an actor's life. */
export const STOP = 1;
export const KILL = 2;
export const DRAIN = 3;
export const WATCH = 4;
export type Verb = typeof STOP | typeof KILL | typeof DRAIN | typeof WATCH;

const REASONS = { [STOP]: 'stopped', [KILL]: 'killed', [DRAIN]: 'drained' } as const;

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

export const NO_SUCH_ACTOR: Ended = { reason: 'no-such-actor', detail: 'no living actor has this address' };

/** The rest of the mailbox is for what is under way when senders are told. */
const FILLING_SHARE = 8;

/** Messages in a mailbox from which on senders elsewhere are told that it fills. */
export const fillingMark = ({ behavior }: Cell): number => Math.ceil(behavior.mailboxLimit / FILLING_SHARE);

export class Life {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  // ---- beginning --------------------------------------------------------------------------------------------------

  /** Runs `init`. */
  start(cell: Cell): void {
    const { details } = cell.behavior;
    cell.gate |= RUNNING;
    let state: unknown;
    let pending: Promise<unknown> | undefined;
    try {
      state = details.init(cell, cell.state);
      // A thenable that is no promise may settle twice, or throw; the promise of it does not.
      if (isPromise(state)) pending = Promise.resolve(state);
    } catch (error) {
      cell.gate &= ~RUNNING;
      this.#failBirth(cell, error);
      return;
    }
    cell.gate &= ~RUNNING;
    if (pending === undefined) {
      this.#born(cell, state);
      return;
    }
    this.#core.microtasks = true;
    pending.then(
      (value) => {
        if ((cell.gate & ENDED) !== 0) return;
        this.#born(cell, value);
        this.#core.wake();
      },
      (error: unknown) => {
        if ((cell.gate & ENDED) !== 0) return;
        this.#failBirth(cell, error);
        this.#core.wake();
      },
    );
  }

  #born(cell: Cell, state: unknown): void {
    cell.state = state;
    cell.gate &= ~STARTING;
    const spawner = cell.takeSpawner();
    if (spawner !== undefined) this.#core.settleRequest(spawner.origin, spawner.call, undefined);
    if (cell.gate !== 0) this.#core.settleGate(cell);
  }

  #failBirth(cell: Cell, cause: unknown): void {
    this.fail(
      cell,
      withoutStack(
        () => new ActorFailed(`init of ${cell.behavior.details.name} failed`, { thread: this.#core.thread }, { cause }),
      ),
    );
  }

  // ---- ending -----------------------------------------------------------------------------------------------------

  /** A handler or `init` has failed. */
  fail(cell: Cell, error: ActorFailed): void {
    this.#core.mesh.books.add('actorsFailed', 1);
    this.#core.reports.problem('actor-failed', error);
    // Packed, because the members of what was thrown may throw too.
    this.end(cell, { reason: 'failed', detail: packError(error.cause).message, error });
  }

  command(cell: Cell, verb: Verb, detail: string, watcher: Watcher | undefined): void {
    const rare = cell.demandRare();
    if (watcher !== undefined) {
      rare.watchers ??= [];
      rare.watchers.push(watcher);
    }
    if (verb === WATCH) return;
    rare.ending ??= { reason: REASONS[verb], detail };
    if (verb === DRAIN) {
      cell.gate |= DRAINING;
      this.settle(cell);
      return;
    }
    if (verb === KILL) rare.ending = { reason: 'killed', detail };
    // Nothing interrupts a handler that is on the stack; a pending one is waited for by stop, and fenced by kill.
    cell.gate |= STOPPING;
    if ((cell.gate & RUNNING) !== 0) return;
    if (verb === KILL || cell.pendingCount === 0) this.end(cell, rare.ending);
  }

  /** Ends an actor that was asked to, once nothing speaks against it. Returns whether it has ended. */
  settle(cell: Cell): boolean {
    const { gate } = cell;
    if ((gate & ENDED) !== 0) return true;
    if ((gate & (STOPPING | DRAINING)) === 0 || (gate & RUNNING) !== 0) return false;
    const ending = cell.rare?.ending;
    if (ending === undefined) return false;
    if ((gate & STOPPING) !== 0) {
      if (cell.pendingCount > 0 && ending.reason !== 'killed') return false;
    } else if (cell.hasMessage || cell.pendingCount > 0 || (gate & STARTING) !== 0) return false;
    this.end(cell, ending);
    return true;
  }

  /** Ends an actor now. `reason` is that of the dead letters that its mailbox becomes. */
  end(cell: Cell, ended: Ended, reason?: DeadReason): void {
    if ((cell.gate & ENDED) !== 0) return;
    const core = this.#core;
    cell.gate = (cell.gate & RUNNING) | ENDED;
    core.table.remove(cell);
    core.mesh.books.add('actorsEnded', 1);
    const failed = ended.reason === 'failed';
    const { name } = cell.behavior.details;
    let stopped: Error | undefined;
    // Made when somebody is to be told: a system that ends may have a million actors that nobody asks anything of.
    const error = (): Error => {
      if (ended.error !== undefined) return ended.error;
      const { reason: how, detail } = ended;
      stopped ??= withoutStack(() => new ActorStopped(`${name} has ended`, { reason: how, detail }));
      return stopped;
    };
    core.dispatcher.fence(cell, error);
    core.timers.cancelAll(cell);
    this.#discardMailbox(cell, reason ?? (failed ? 'actor-failed' : 'actor-stopped'), error);
    cell.state = undefined;
    cell.rare?.abort?.abort(error());
    const spawner = cell.takeSpawner();
    if (spawner !== undefined) core.failCall(spawner.origin, spawner.call, error());
    core.births.slots.release(cell);
    this.#tellRoom(cell);
    for (const watcher of cell.rare?.watchers ?? []) core.sendEnded(watcher.origin, watcher.call, ended);
  }

  #discardMailbox(cell: Cell, reason: DeadReason, error: () => Error): void {
    while (cell.hasMessage) {
      const message = cell.behavior.messages[cell.firstType]!;
      const waiting = cell.shift();
      const request = message.isCall ? (waiting as Request) : undefined;
      this.#core.dead(reason, cell, message, request === undefined ? waiting : request.message);
      if (request !== undefined) this.#core.failCall(request.origin, request.call, error());
    }
    cell.gate &= ~(QUEUED | SUSPENDED);
  }

  #tellRoom(cell: Cell): void {
    const told = cell.rare?.toldFilling;
    if (told === undefined) return;
    for (const thread of told) this.#core.mesh.inbounds[thread]?.tellRoom(cell.slot);
    told.clear();
  }

  /** After messages were taken out of a mailbox that peers may have been told fills. */
  mailboxDrained(cell: Cell): void {
    if (cell.rare?.toldFilling !== undefined && cell.waiting <= fillingMark(cell) / 2) this.#tellRoom(cell);
  }
}
