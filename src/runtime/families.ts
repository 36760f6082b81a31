/**
 * Who belongs to whom: watches, parents and children, on one thread or across.
 *
 * A watch is a call whose answer is the notice, and so is the end of a child for its parent: the one who is told keeps the
 * call, the one who tells keeps its number. Whichever of both threads dies, the other knows what to do.
 */
import { type Cell, ENDED, FALLEN, HELD, NOTICED, RUNNING, SCHEDULED, STARTING } from '../actor/cell.js';
import type { Child, Ended, Parent, SupervisionEvent, Watch, Watcher } from '../actor/family.js';
import type { KernelFamilies } from '../actor/kernel.js';
import { Lane } from '../actor/lane.js';
import { type AnyRef, REF, sameRef } from '../actor/ref.js';
import type { LinkOptions } from '../actor/self.js';
import { describe } from '../base/describe.js';
import { InvalidDefinition, InvalidOptions, NoSuchActor } from '../base/errors.js';
import { checkMembers } from '../base/members.js';
import { originOf, threadOf } from '../mesh/link.js';
import { NO_MS, UNLINKED } from './commands.js';
import type { Core } from './core.js';
import { checkShutdown } from './options.js';
import { DISMISS, HALT_ACTOR, LINK, UNLINK, UNWATCH, WATCH } from './verbs.js';

const NO_CALL = -1;
const NO_KEY = -1;

const LINK_OPTIONS: ReadonlySet<string> = new Set<keyof LinkOptions>(['shutdownMs']);

/** The answer to a watch; when the system ends before there is one, that. */
const endedOf = (answer: unknown): Ended =>
  answer instanceof Error ? { reason: 'stopped', detail: answer.message, error: answer } : (answer as Ended);

export class Families implements KernelFamilies {
  readonly #core: Core;
  readonly #hostWatches = new Map<Watch, number>();
  /** Those of the host whose listener has not been called. */
  readonly #listening = new Set<Watch>();

  constructor(core: Core) {
    this.#core = core;
  }

  // ---- watches ----------------------------------------------------------------------------------------------------

  watch(ref: AnyRef, cell: Cell): Watch {
    if (cell.behavior.details.hooks.onSupervision === undefined) {
      const { name } = cell.behavior.details;
      throw new InvalidDefinition(`${name} watches an actor, but has no onSupervision that could be told of its end`);
    }
    const rare = cell.demandRare();
    rare.watches ??= new Map();
    return this.#watch(ref, cell.slot, rare.watches, (ended, watch) => {
      this.#notice(cell, ref, { kind: 'down', ref, ended, watch });
    });
  }

  /** @param told called once, unless the watch is given up before */
  watchFromHost(ref: AnyRef, told: (ended: Ended) => void): Watch {
    const watch = this.#watch(ref, NO_KEY, this.#hostWatches, (ended, own) => {
      // An error of the listener is the application's, as in a timer of its own.
      queueMicrotask(() => {
        if (this.#listening.delete(own)) told(ended);
      });
    });
    this.#listening.add(watch);
    return watch;
  }

  #watch(ref: AnyRef, key: number, watches: Map<Watch, number>, told: (ended: Ended, watch: Watch) => void): Watch {
    const { calls, commands } = this.#core;
    this.#core.checkRef(ref);
    this.#core.checkOpen();
    const watch: Watch = Object.freeze({ ref });
    const call = calls.listen(ref[REF].thread, (answer) => {
      watches.delete(watch);
      told(endedOf(answer), watch);
    });
    // Before it is sent: the answer may be here at once.
    watches.set(watch, call);
    commands.send(ref, { verb: WATCH, call, key });
    return watch;
  }

  unwatch(watch: Watch, cell: Cell): void {
    if (this.#unwatch(watch, cell.rare?.watches)) return;
    cell.rare?.lane?.dropNotice((event) => event.kind === 'down' && event.watch === watch);
  }

  unwatchFromHost(watch: Watch): void {
    this.#listening.delete(watch);
    this.#unwatch(watch, this.#hostWatches);
  }

  /** Returns whether the notice had not come yet. */
  #unwatch(watch: Watch, watches: Map<Watch, number> | undefined): boolean {
    const call = watches?.get(watch);
    if (call === undefined) return false;
    watches!.delete(watch);
    this.#unlisten(watch.ref, call);
    return true;
  }

  #unlisten(ref: AnyRef, call: number): void {
    const { calls, commands } = this.#core;
    if (calls.take(call) !== undefined) commands.send(ref, { verb: UNWATCH, call: NO_CALL, target: call });
  }

  /** Somebody does not want to be told any more. */
  unwatched(cell: Cell, origin: number, call: number): void {
    const watchers = cell.rare?.watchers;
    const index = watchers?.findIndex((watcher) => watcher.origin === origin && watcher.call === call) ?? -1;
    if (index >= 0) watchers!.splice(index, 1);
  }

  // ---- children ---------------------------------------------------------------------------------------------------

  /** A new child of an actor, to be started. `start` is the call of whoever awaits that. */
  adopt(cell: Cell, ref: AnyRef, start: number, shutdownMs: number, isSupervised: boolean): Child {
    const child: Child = { ref, call: NO_CALL, start, shutdownMs, isSupervised, starting: true, isAsked: false };
    const rare = cell.demandRare();
    rare.children ??= new Set();
    rare.children.add(child);
    this.#core.life.becomeParent(cell);
    this.awaitEnd(cell, child);
    return child;
  }

  /** From now on the parent waits for the end of the present life of a child. */
  awaitEnd(cell: Cell, child: Child): void {
    child.call = this.#core.calls.listen(child.ref[REF].thread, (answer) => this.#ended(cell, child, answer));
  }

  #ended(cell: Cell, child: Child, answer: unknown): void {
    child.call = NO_CALL;
    child.starting = false;
    if (!child.isSupervised) cell.rare?.children?.delete(child);
    if (answer === UNLINKED || this.#core.life.childEnded(cell, child)) return;
    // One that was not born because its thread has ended: whoever awaits its start is told, as of any other failure.
    if (!child.isSupervised && this.#core.calls.isOpen(child.start)) return;
    const { ref, isAsked } = child;
    child.isAsked = false;
    this.#notice(cell, ref, { kind: 'child', ref, ended: endedOf(answer), isAsked });
  }

  /** A child is no longer one, whatever becomes of it. */
  forget(cell: Cell, child: Child): void {
    cell.rare?.children?.delete(child);
    this.#core.calls.take(child.call);
    child.call = NO_CALL;
    child.starting = false;
    this.#core.life.childEnded(cell, child);
  }

  /** A supervised child was not born. Returns whether its end has been told already, so that there is a notice of it. */
  startFailed(cell: Cell, child: Child): boolean {
    child.starting = false;
    if (child.call === NO_CALL) return true;
    this.#core.calls.take(child.call);
    child.call = NO_CALL;
    this.#core.life.childEnded(cell, child);
    return false;
  }

  /** Ends a child for good. */
  dismiss({ ref, starting }: Child, detail: string): void {
    this.#core.commands.send(ref, { verb: DISMISS, call: NO_CALL, detail, inOrder: starting });
  }

  /** The same, and sees to it that the parent is told when it has ended, also if it only waits to be started again. */
  dismissAndWait(cell: Cell, child: Child, detail: string): void {
    if (child.call !== NO_CALL) {
      this.dismiss(child, detail);
      return;
    }
    this.awaitEnd(cell, child);
    const { ref, call, starting } = child;
    this.#core.commands.send(ref, { verb: DISMISS, call, key: cell.slot, detail, inOrder: starting });
  }

  /** Stops a child that is to be started again. */
  halt({ ref, starting }: Child, detail: string): void {
    this.#core.commands.send(ref, { verb: HALT_ACTOR, call: NO_CALL, detail, inOrder: starting });
  }

  async link(cell: Cell, ref: AnyRef, options: LinkOptions | undefined): Promise<void> {
    const core = this.#core;
    core.checkRef(ref);
    core.checkOpen();
    if (options !== undefined) checkMembers('link', options, LINK_OPTIONS);
    const shutdownMs = checkShutdown(options?.shutdownMs);
    if (sameRef(ref, cell.ref)) throw new InvalidOptions('link: an actor cannot be its own child');
    const child = this.adopt(cell, ref, NO_CALL, shutdownMs, false);
    child.starting = false;
    const { slot, generation } = cell;
    const { call: target } = child;
    const ms = shutdownMs === Number.POSITIVE_INFINITY ? NO_MS : Math.ceil(shutdownMs);
    const answer = await core.commands.ask(ref, { verb: LINK, target, key: slot, keyGeneration: generation, ms });
    if (answer === undefined) return;
    this.forget(cell, child);
    if (answer === UNLINKED) throw new InvalidOptions('link: the parent of the actor is a supervisor, which keeps it');
    throw (answer as Ended).error ?? new NoSuchActor('link: no living actor has this address; it has ended');
  }

  /** An actor gets another parent. Returns whether it may. */
  reparent(cell: Cell, parent: Parent): boolean {
    const rare = cell.demandRare();
    const former = rare.parent;
    if (former?.supervises === true) return false;
    rare.parent = parent;
    this.#core.names.entrust(cell);
    if (former !== undefined) this.#core.settleRequest(former.origin, former.call, UNLINKED);
    return true;
  }

  ask(cell: Cell, ref: AnyRef): void {
    for (const child of cell.rare?.children ?? []) {
      if (!sameRef(child.ref, ref)) continue;
      child.isAsked = true;
      return;
    }
  }

  unlink(cell: Cell, ref: AnyRef): void {
    this.#core.checkRef(ref);
    const child = [...(cell.rare?.children ?? [])].find((one) => sameRef(one.ref, ref));
    if (child === undefined || child.isSupervised) {
      throw new InvalidOptions('unlink: the actor is not a child that one can give up', { actor: describe(ref) });
    }
    const { call } = child;
    this.forget(cell, child);
    this.#core.commands.send(ref, { verb: UNLINK, call: NO_CALL, target: call });
  }

  /** Its parent has given it up. */
  unlinked(cell: Cell, origin: number, call: number): void {
    const { rare } = cell;
    if (rare?.parent?.origin !== origin || rare.parent.call !== call) return;
    rare.parent = undefined;
    this.#core.names.entrust(cell);
  }

  parentOf(cell: Cell): AnyRef | undefined {
    const parent = cell.rare?.parent;
    return parent === undefined
      ? undefined
      : this.#core.refs.nameless(threadOf(parent.origin), parent.slot, parent.generation);
  }

  /** A thread has died: the children of its actors end, wherever they are. */
  loseThread(thread: number, epoch: number): void {
    const present = originOf(thread, epoch);
    const orphans: Cell[] = [];
    for (const cell of this.#core.table) {
      const parent = cell.rare?.parent;
      if (parent !== undefined && threadOf(parent.origin) === thread && parent.origin !== present) orphans.push(cell);
    }
    for (const cell of orphans) {
      // They may take their time to end; a parent that begins again must not wait for that to give their names anew.
      this.#core.names.freeAll(cell);
      this.#core.life.dismiss(cell, 'its parent has ended with its thread');
    }
  }

  // ---- the lane ---------------------------------------------------------------------------------------------------

  #laneOf(cell: Cell): Lane {
    const rare = cell.demandRare();
    rare.lane ??= new Lane();
    return rare.lane;
  }

  #notice(cell: Cell, subject: AnyRef, event: SupervisionEvent): void {
    if ((cell.gate & ENDED) !== 0) return;
    const { thread } = subject[REF];
    this.#laneOf(cell).pushNotice(cell.countTo(thread === this.#core.thread ? 0 : thread + 1), event);
    this.#wake(cell);
  }

  /** Somebody wants to know when all is handled that came before. */
  barrier(cell: Cell, watcher: Watcher): void {
    const before = [...(cell.rare?.pending ?? [])].filter(({ isHandler }) => isHandler);
    if (!cell.hasMessage && before.length === 0 && (cell.gate & (STARTING | FALLEN)) === 0) {
      this.#core.settleRequest(watcher.origin, watcher.call, undefined);
      return;
    }
    this.#laneOf(cell).pushBarrier(cell.waiting, watcher, before);
    this.#wake(cell);
  }

  #wake(cell: Cell): void {
    cell.gate |= NOTICED;
    if ((cell.gate & (SCHEDULED | RUNNING | HELD)) === 0) this.#core.schedule(cell);
    this.#core.wake();
  }

  /** Does the next thing in the lane of an actor that is due. Returns whether there was one. */
  step(cell: Cell): boolean {
    const { lane, pending } = cell.rare!;
    const event = lane!.takeNotice(cell.hasMessage);
    if (event !== undefined) this.#core.life.supervise(cell, event);
    const over = lane!.takeBarriers(cell.hasMessage, pending);
    for (const { origin, call } of over) this.#core.settleRequest(origin, call, undefined);
    const hasMoved = event !== undefined || over.length > 0;
    // A barrier may wait for nothing but handlers that are pending; they look here when they end.
    if (lane!.isEmpty || (!hasMoved && !cell.hasMessage)) cell.gate &= ~NOTICED;
    return hasMoved;
  }

  /** An actor ends: it watches nobody any more, and is told nothing. */
  leave(cell: Cell): void {
    const { rare } = cell;
    rare?.lane?.dropNotices();
    for (const watch of [...(rare?.watches?.keys() ?? [])]) this.#unwatch(watch, rare?.watches);
  }
}
