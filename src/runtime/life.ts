/**
 * How actors begin and end.
 *
 * ```
 *   begin     [restarting] -> init -> told to the spawner -> [started] -> messages
 *   end       pending handlers void, signal aborted -> children, the last one first -> [stopped] -> over, or fallen
 *   over      the address is free -> whoever watches is told
 *   fallen    the supervisor is told; the next life, or the end for good, is its decision
 * ```
 */
import type { Cell, Closing, Fallen } from '../actor/cell.js';
import {
  CLOSING,
  DRAINING,
  ENDED,
  FALLEN,
  HOOKED,
  QUEUED,
  RUNNING,
  STARTING,
  STOPPING,
  SUSPENDED,
} from '../actor/cell.js';
import { type Child, type Ended, isNormal, type SupervisionEvent } from '../actor/family.js';
import type { Hook } from '../actor/labels.js';
import { type Request, untag } from '../actor/mailbox.js';
import { ActorFailed, ActorStopped, withoutStack } from '../base/errors.js';
import type { DeadReason } from '../mesh/books.js';
import { packError } from '../messages/envelope.js';
import type { Core } from './core.js';
import { DRAIN, type Ending, KILL, STOP } from './verbs.js';

const REASONS = { [STOP]: 'stopped', [KILL]: 'killed', [DRAIN]: 'drained' } as const;

const NO_CALL = -1;

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

export const NO_SUCH_ACTOR: Ended = { reason: 'no-such-actor', detail: 'no living actor has this address' };

/** The rest of the mailbox is for what is under way when senders are told. */
const FILLING_SHARE = 8;

/** Messages in a mailbox from which on senders elsewhere are told that it fills. */
export const fillingMark = ({ behavior }: Cell): number => Math.ceil(behavior.mailboxLimit / FILLING_SHARE);

export class Life {
  readonly #core: Core;
  /** Actors whose end is a matter of order, because they have a `stopped` hook or children; the first to begin first. */
  readonly #orderly = new Set<Cell>();
  /** Why messages are dead whose actor was stopped. */
  #undelivered: DeadReason = 'actor-stopped';

  constructor(core: Core) {
    this.#core = core;
  }

  // ---- hooks ------------------------------------------------------------------------------------------------------

  /** Runs code of a definition that is no handler of a message, and goes on when it has ended, at once or later. */
  #hook(
    cell: Cell,
    name: Hook,
    run: () => unknown,
    then: (value: unknown) => void,
    failed: (error: unknown) => void,
  ): void {
    this.#core.dispatcher.begin(cell, cell.behavior.labelOf(name));
    let value: unknown;
    let pending: Promise<unknown> | undefined;
    try {
      value = run();
      // A thenable that is no promise may settle twice, or throw; the promise of it does not.
      if (isPromise(value)) pending = Promise.resolve(value);
    } catch (error) {
      this.#core.dispatcher.end(cell);
      failed(error);
      return;
    }
    this.#core.dispatcher.end(cell);
    if (pending === undefined) then(value);
    else this.#awaitHook(cell, pending, then, failed);
  }

  #awaitHook(
    cell: Cell,
    pending: Promise<unknown>,
    then: (value: unknown) => void,
    failed: (error: unknown) => void,
  ): void {
    const hook = { fenced: false };
    const rare = cell.demandRare();
    rare.hook = hook;
    cell.gate |= HOOKED;
    this.#core.microtasks = true;
    const settle = (act: () => void): void => {
      if (hook.fenced) return;
      rare.hook = undefined;
      cell.gate &= ~HOOKED;
      act();
      this.#core.settleGate(cell);
      this.#core.wake();
    };
    pending.then(
      (value) => settle(() => then(value)),
      (error: unknown) => settle(() => failed(error)),
    );
  }

  /** What a hook has thrown, for people. */
  #hookFailure(cell: Cell, hook: string, cause: unknown): ActorFailed {
    const { name } = cell.behavior.details;
    return withoutStack(() => new ActorFailed(`${hook} of ${name} failed`, { thread: this.#core.thread }, { cause }));
  }

  // ---- beginning --------------------------------------------------------------------------------------------------

  /** Runs `init`. */
  start(cell: Cell): void {
    const fallen = cell.rare?.fallen;
    const { restarting } = cell.behavior.details.hooks;
    if (fallen !== undefined) cell.rare!.fallen = undefined;
    if (restarting === undefined || fallen?.hasState !== true) this.#init(cell);
    else {
      const failed = (error: unknown): void => {
        this.#core.reports.problem('actor-failed', this.#hookFailure(cell, 'restarting', error));
        this.#init(cell);
      };
      this.#hook(
        cell,
        'restarting',
        () => restarting(fallen.state, fallen.ended, cell),
        () => this.#init(cell),
        failed,
      );
    }
  }

  #init(cell: Cell): void {
    const failed = (error: unknown): void => this.fail(cell, this.#hookFailure(cell, 'init', error));
    this.#hook(
      cell,
      'init',
      () => cell.behavior.details.init(cell, cell.state),
      (state) => this.#born(cell, state),
      failed,
    );
  }

  #born(cell: Cell, state: unknown): void {
    const core = this.#core;
    const { started, stopped } = cell.behavior.details.hooks;
    cell.state = state;
    cell.gate &= ~STARTING;
    const parent = cell.rare?.parent;
    if (parent !== undefined) parent.isBorn = true;
    core.names.publish(cell);
    core.reports.life('spawned', cell);
    const spawner = cell.takeSpawner();
    if (spawner !== undefined) core.settleRequest(spawner.origin, spawner.call, undefined);
    if (stopped !== undefined) this.#orderly.add(cell);
    if (started !== undefined) {
      // It may take its time, or end its thread; whoever waits for the birth hears of that first.
      core.mesh.flush();
      const failed = (error: unknown): void => this.fail(cell, this.#hookFailure(cell, 'started', error));
      this.#hook(
        cell,
        'started',
        () => started(cell.state, cell),
        () => undefined,
        failed,
      );
    }
    if (cell.gate !== 0) core.settleGate(cell);
  }

  /** An actor has children, who end before it. */
  becomeParent(cell: Cell): void {
    this.#orderly.add(cell);
  }

  // ---- what it is told --------------------------------------------------------------------------------------------

  /** Tells an actor of the end of another one. */
  supervise(cell: Cell, event: SupervisionEvent): void {
    const { onSupervision } = cell.behavior.details.hooks;
    if (onSupervision !== undefined) {
      const failed = (error: unknown): void => this.fail(cell, this.#hookFailure(cell, 'onSupervision', error));
      this.#hook(
        cell,
        'onSupervision',
        () => onSupervision(cell.state, event, cell),
        () => undefined,
        failed,
      );
      return;
    }
    const { reason, detail, error } = event.ended;
    if (isNormal(event.ended) || (event.kind === 'child' && event.isAsked)) return;
    const { name } = cell.behavior.details;
    const facts = { thread: this.#core.thread, reason, detail };
    this.fail(
      cell,
      withoutStack(
        () => new ActorFailed(`a child of ${name} has ended`, facts, error === undefined ? {} : { cause: error }),
      ),
    );
  }

  // ---- ending -----------------------------------------------------------------------------------------------------

  /** A handler or hook has failed. */
  fail(cell: Cell, error: ActorFailed): void {
    // Packed, because the members of what was thrown may throw too.
    this.failWith(cell, error, 'cause' in error ? packError(error.cause).message : error.message);
  }

  /** An actor fails for a reason that is more than what was thrown. */
  failWith(cell: Cell, error: ActorFailed, detail: string): void {
    this.#core.mesh.books.add('actorsFailed', 1);
    this.#core.reports.problem('actor-failed', error);
    this.end(cell, { reason: 'failed', detail, error });
  }

  /** Somebody wants an actor to end. */
  command(cell: Cell, verb: Ending, detail: string, deadlineMs: number): void {
    const rare = cell.demandRare();
    rare.ending ??= { reason: REASONS[verb], detail };
    if (verb === DRAIN) cell.gate |= DRAINING;
    else cell.gate |= STOPPING;
    this.#setDeadline(cell, deadlineMs);
    if (verb === KILL) {
      rare.ending = { reason: 'killed', detail };
      if ((cell.gate & CLOSING) !== 0) this.#hasten(cell, rare.ending);
    }
    this.settle(cell);
  }

  /** The parent of an actor ends, or gives it up: it ends for good. */
  dismiss(cell: Cell, detail: string): void {
    const rare = cell.demandRare();
    const { parent, fallen } = rare;
    const shutdownMs = parent?.shutdownMs ?? Number.POSITIVE_INFINITY;
    // To one that was to begin again this is news; why it failed says more.
    const now = (ended: Ended): Ended => (isNormal(ended) ? { reason: 'stopped', detail } : ended);
    if (parent !== undefined) parent.supervises = false;
    if (fallen === undefined) {
      if (rare.halting === true) {
        if (rare.ending !== undefined) rare.ending = now(rare.ending);
        if (rare.closing !== undefined) rare.closing.ended = now(rare.closing.ended);
      }
      this.command(cell, STOP, detail, shutdownMs);
    } else {
      this.#setDeadline(cell, shutdownMs);
      this.end(cell, now(fallen.ended));
    }
  }

  /** The supervisor of an actor stops it, to start it again. */
  halt(cell: Cell, detail: string): void {
    const rare = cell.demandRare();
    if ((cell.gate & (FALLEN | CLOSING)) !== 0) return;
    rare.halting = true;
    this.command(cell, STOP, detail, rare.parent?.shutdownMs ?? Number.POSITIVE_INFINITY);
  }

  #setDeadline(cell: Cell, deadlineMs: number): void {
    const { alarms, clock } = this.#core;
    const rare = cell.demandRare();
    const at = clock.now() + deadlineMs;
    // The earliest of several is the one that counts.
    if (deadlineMs === Number.POSITIVE_INFINITY || (rare.deadline !== undefined && rare.deadline.at <= at)) return;
    this.#clearDeadline(cell);
    const alarm = alarms.set(deadlineMs, () => {
      rare.deadline = undefined;
      const late: Ended = { reason: 'killed', detail: `it took longer than ${deadlineMs} ms to end` };
      const { present } = cell;
      this.command(present, KILL, late.detail, Number.POSITIVE_INFINITY);
      this.#hasten(present, late);
      this.#core.wake();
    });
    rare.deadline = { alarm, at };
  }

  /** Ends an actor that was asked to, once nothing speaks against it. Returns whether it has ended, or is about to. */
  settle(cell: Cell): boolean {
    const { gate } = cell;
    if ((gate & (ENDED | CLOSING)) !== 0) return true;
    if ((gate & (STOPPING | DRAINING)) === 0 || (gate & (RUNNING | FALLEN)) !== 0) return false;
    const ending = cell.rare?.ending;
    if (ending === undefined) return false;
    // Nothing interrupts a handler that is on the stack; a pending one is waited for by stop, and fenced by kill. Nobody
    // waits for an `init`, which may take for ever.
    const isStarting = (gate & STARTING) !== 0;
    const isBusy = cell.pendingCount > 0 || (!isStarting && (gate & HOOKED) !== 0);
    if ((gate & STOPPING) !== 0) {
      if (isBusy && ending.reason !== 'killed') return false;
    } else if (cell.hasMessage || isBusy || isStarting) return false;
    this.end(cell, ending);
    return true;
  }

  /** Ends an actor now, if it may take its time in good order. `reason` is that of the dead letters its mailbox becomes. */
  end(cell: Cell, ended: Ended, reason?: DeadReason): void {
    if ((cell.gate & (ENDED | CLOSING)) !== 0) return;
    const { rare } = cell;
    // One that is about to begin again, and is stopped before it does, still has its supervisor.
    const isGivenUp = (cell.gate & FALLEN) !== 0 || rare?.parent?.supervises !== true;
    if (rare?.fallen !== undefined && isGivenUp) this.#giveUp(cell, rare.fallen);
    const hasState = (cell.gate & STARTING) === 0;
    const parent = rare?.parent;
    const falls = parent?.supervises === true && parent.isBorn;
    const children = rare?.children;
    const hasHook = cell.behavior.details.hooks.stopped !== undefined && hasState && ended.reason !== 'killed';
    if (!falls && !hasHook && (children === undefined || children.size === 0)) this.#finish(cell, ended, reason);
    else {
      const keeps = falls && (ended.reason === 'failed' || rare?.halting === true);
      const order = [...(children ?? [])];
      this.#close(cell, { ended, falls, keeps, hasState, reason, order, child: undefined, busy: false });
    }
  }

  /** An actor that waits to be started again will not be: it ends with what is left of its former life. */
  #giveUp(cell: Cell, { hasState, state }: Fallen): void {
    const rare = cell.rare!;
    rare.fallen = undefined;
    if (rare.parent !== undefined) rare.parent.supervises = false;
    cell.state = state;
    cell.gate = (cell.gate & ~FALLEN) | (hasState ? 0 : STARTING);
  }

  #close(cell: Cell, closing: Closing): void {
    const { ended, keeps, reason } = closing;
    cell.gate = (cell.gate & (RUNNING | QUEUED)) | CLOSING | (keeps ? FALLEN : 0);
    cell.demandRare().closing = closing;
    const error = this.#errorOf(cell, ended);
    this.#void(cell, error);
    if (!keeps) {
      this.#discardMailbox(cell, reason ?? this.#deadReasonOf(ended), error);
      this.#failBarriers(cell, error);
    }
    this.#closeOn(cell, closing);
  }

  /** What this life of an actor had under way has no effect any more. */
  #void(cell: Cell, error: () => Error): void {
    const { rare } = cell;
    this.#core.dispatcher.fence(cell, error);
    if (rare === undefined) return;
    if (rare.hook !== undefined) rare.hook.fenced = true;
    rare.abort?.abort(error());
    this.#core.timers.cancelAll(cell);
    this.#core.families.leave(cell);
  }

  /** Ends the children, one after the other, and then the actor itself. */
  #closeOn(cell: Cell, closing: Closing): void {
    const { families } = this.#core;
    closing.busy = true;
    for (let child = closing.order.pop(); child !== undefined; child = closing.order.pop()) {
      if (!cell.rare!.children!.has(child)) continue;
      closing.child = child;
      families.dismissAndWait(cell, child, 'its parent has ended');
      if (child.call !== NO_CALL) {
        closing.busy = false;
        return;
      }
    }
    closing.child = undefined;
    closing.busy = false;
    this.#closeState(cell, closing);
  }

  /** The child of an actor has ended. Returns whether that is all there is to it, because the actor is ending. */
  childEnded(cell: Cell, child: Child): boolean {
    const closing = cell.rare?.closing;
    if (closing !== undefined && !closing.busy && closing.child === child) this.#closeOn(cell, closing);
    return (cell.gate & (ENDED | CLOSING)) !== 0;
  }

  #closeState(cell: Cell, closing: Closing): void {
    const { stopped } = cell.behavior.details.hooks;
    const { keeps, hasState, ended } = closing;
    if (stopped === undefined || keeps || !hasState || ended.reason === 'killed') this.#conclude(cell, closing);
    else {
      const failed = (error: unknown): void => {
        const failure = this.#hookFailure(cell, 'stopped', error);
        this.#core.reports.problem('actor-failed', failure);
        if (isNormal(ended)) {
          this.#core.mesh.books.add('actorsFailed', 1);
          closing.ended = { reason: 'failed', detail: packError(error).message, error: failure };
        }
        this.#conclude(cell, closing);
      };
      this.#hook(
        cell,
        'stopped',
        () => stopped(cell.state, ended, cell),
        () => this.#conclude(cell, closing),
        failed,
      );
    }
  }

  /** Somebody is out of patience: children are told, all at a time, and neither they nor a hook are waited for. */
  #hasten(cell: Cell, ended: Ended): void {
    const closing = cell.rare?.closing;
    if (closing === undefined || closing.busy) return;
    const before = closing.ended;
    closing.ended = isNormal(before) ? ended : { ...before, detail: `${before.detail}; ${ended.detail}` };
    if (cell.rare!.hook !== undefined) cell.rare!.hook.fenced = true;
    closing.child = undefined;
    for (const child of closing.order.splice(0).reverse()) this.#core.families.dismiss(child, 'its parent has ended');
    this.#conclude(cell, closing);
  }

  #conclude(cell: Cell, closing: Closing): void {
    if ((cell.gate & ENDED) !== 0) return;
    // What its last hook has begun ends with it, too.
    this.#core.timers.cancelAll(cell);
    this.#core.families.leave(cell);
    for (const child of cell.rare?.children ?? []) {
      if (child.call !== NO_CALL) this.#core.families.dismiss(child, 'its parent has ended');
    }
    if (closing.falls && cell.rare!.parent!.supervises) this.#fall(cell, closing);
    else this.#finish(cell, closing.ended, closing.reason);
  }

  /** Its supervisor decides what comes next. */
  #fall(cell: Cell, { ended, keeps, hasState }: Closing): void {
    const core = this.#core;
    const parent = cell.rare!.parent!;
    const spawner = cell.takeSpawner();
    this.#orderly.delete(cell);
    this.#clearDeadline(cell);
    core.names.conceal(cell);
    const told = cell.rare!.watchers?.filter(({ ofLife }) => ofLife) ?? [];
    cell.rare!.watchers = cell.rare!.watchers?.filter(({ ofLife }) => ofLife !== true);
    const heir = cell.leaveHeir(FALLEN);
    heir.demandRare().fallen = { ended, hasState: keeps && hasState, state: keeps ? cell.state : undefined };
    cell.gate = (cell.gate & RUNNING) | ENDED;
    cell.state = undefined;
    core.table.replace(cell, heir);
    // Senders elsewhere may have been told of a full mailbox whose last message it has just handled, or that is discarded.
    this.mailboxDrained(heir);
    const { origin, call, slot } = parent;
    parent.call = NO_CALL;
    // Whoever awaits the start is the supervisor too, and is told once.
    if (spawner !== undefined) core.failCall(spawner.origin, spawner.call, this.#errorOf(cell, ended)());
    else core.sendEnded({ origin, call, key: slot }, ended);
    for (const watcher of told) core.sendEnded(watcher, ended);
  }

  /** It is over. */
  #finish(cell: Cell, ended: Ended, reason: DeadReason | undefined): void {
    const core = this.#core;
    const error = this.#errorOf(cell, ended);
    if ((cell.gate & CLOSING) === 0) this.#void(cell, error);
    cell.gate = (cell.gate & (RUNNING | QUEUED)) | ENDED;
    core.table.remove(cell);
    core.mesh.books.add('actorsEnded', 1);
    this.#discardMailbox(cell, reason ?? this.#deadReasonOf(ended), error);
    cell.state = undefined;
    const { rare } = cell;
    if (rare !== undefined) core.names.freeAll(cell);
    core.reports.life('ended', cell, undefined, ended);
    if (rare === undefined) {
      core.births.slots.release(cell);
      return;
    }
    this.#orderly.delete(cell);
    this.#clearDeadline(cell);
    const spawner = cell.takeSpawner();
    if (spawner !== undefined) core.failCall(spawner.origin, spawner.call, error());
    core.births.slots.release(cell);
    this.#tellRoom(cell);
    this.#failBarriers(cell, error);
    for (const watcher of rare.watchers ?? []) core.sendEnded(watcher, ended);
    const { parent } = rare;
    if (parent === undefined || parent.call === NO_CALL || spawner !== undefined) return;
    core.sendEnded({ origin: parent.origin, call: parent.call, key: parent.slot }, ended);
  }

  /**
   * The system is about to end: those end in good order who care for it, the last to begin first, and their children before
   * them. Each may take `deadlineMs`.
   */
  async windDown(deadlineMs: number): Promise<void> {
    this.#undelivered = 'shutdown';
    for (const cell of [...this.#orderly].reverse()) {
      if ((cell.gate & ENDED) !== 0 || cell.rare?.parent !== undefined) continue;
      await this.#core.commands.ask(cell.ref, { verb: STOP, detail: 'the system is shut down', ms: deadlineMs });
    }
  }

  /** The system has ended: what is left of its actors ends without hooks. */
  bury(ended: Ended): void {
    for (const cell of this.#core.table) {
      const { rare } = cell;
      if (rare?.fallen !== undefined) this.#giveUp(cell, rare.fallen);
      this.#finish(cell, ended, 'shutdown');
    }
  }

  /** Those who wait until messages are handled that will not be. */
  #failBarriers({ rare }: Cell, error: () => Error): void {
    for (const { origin, call } of rare?.lane?.takeAllBarriers() ?? []) this.#core.failCall(origin, call, error());
  }

  #clearDeadline(cell: Cell): void {
    const { rare } = cell;
    if (rare?.deadline === undefined) return;
    this.#core.alarms.clear(rare.deadline.alarm);
    rare.deadline = undefined;
  }

  /** What a call hears that comes when its actor takes no more: how it ends, as far as that is known by now. */
  endOf(cell: Cell): Error {
    const ended = (cell.gate & CLOSING) === 0 ? undefined : cell.rare?.closing?.ended;
    if (ended !== undefined) return this.#errorOf(cell, ended)();
    const { name } = cell.behavior.details;
    return withoutStack(() => new ActorStopped(`${name} has ended`, { thread: this.#core.thread }));
  }

  /** Made when somebody is to be told: a system that ends may have a million actors that nobody asks anything of. */
  #errorOf(cell: Cell, { reason, detail, error }: Ended): () => Error {
    let stopped = error;
    return () => {
      const { name } = cell.behavior.details;
      stopped ??= withoutStack(() => new ActorStopped(`${name} has ended`, { reason, detail }));
      return stopped;
    };
  }

  #discardMailbox(cell: Cell, reason: DeadReason, error: () => Error): void {
    while (cell.hasMessage) {
      const message = cell.behavior.messages[untag(cell.oldestType)]!;
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

  #deadReasonOf({ reason }: Ended): DeadReason {
    return reason === 'failed' ? 'actor-failed' : this.#undelivered;
  }
}
