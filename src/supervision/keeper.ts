/**
 * Performs what a supervisor's transitions ask for, and tells them what comes of it. It belongs to one actor, whose life it
 * shares: what arrives after that has ended has no effect.
 */
import type { Cell } from '../actor/cell.js';
import { type Child, type Ended, isNormal, type SupervisionEvent } from '../actor/family.js';
import { type AnyRef, REF, refKey } from '../actor/ref.js';
import type { SpawnOptions } from '../actor/self.js';
import { ActorFailed, type Culprit, ThreadLost } from '../base/errors.js';
import { isError } from '../messages/envelope.js';
import type { Core } from '../runtime/core.js';
import { STOP } from '../runtime/verbs.js';
import { type ChildSpec, splitSpec } from './child-spec.js';
import type { Effect, Event, Exit } from './events.js';
import { type ChildPlan, checkChild, type SupervisorPlan } from './plan.js';
import { childrenOf, initial, type State, step } from './supervisor-state.js';

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** One child, and what becomes of it. */
interface Kid {
  readonly spec: ChildSpec;
  readonly spawn: SpawnOptions;
  child: Child | undefined;
  isStarting: boolean;
  /** It is to end for good. */
  isEnding: boolean;
  /** What was told of its end before it was told that it had begun. */
  exit: Exit | undefined;
  /** What it did when its thread last ended. */
  culprit: Culprit | undefined;
  alarm: number | undefined;
  readonly starts: Waiter<AnyRef>[];
  readonly ends: Waiter<void>[];
}

export interface ChildStatus {
  readonly id: string;
  readonly restart: ChildPlan['restart'];
  readonly phase: ReturnType<typeof childrenOf>[number]['phase'];
  readonly ref: AnyRef | undefined;
}

/** What one of its children may have died of, together with others. */
const deathOf = ({ error }: Ended): ThreadLost | undefined => (error instanceof ThreadLost ? error : undefined);

const exitOf = (ref: AnyRef, ended: Ended): Exit => {
  const death = deathOf(ended);
  const exit = { normal: isNormal(ended), detail: `${ended.reason}: ${ended.detail}` };
  if (death === undefined) return exit;
  const { thread, slot } = ref[REF];
  return {
    ...exit,
    death: `${thread}:${death.epoch}`,
    culprit: death.reason !== 'terminated' && death.culprit?.slot === slot,
  };
};

export class Keeper {
  readonly #cell: Cell;
  readonly #core: Core;
  readonly #where: string;
  readonly #plan: SupervisorPlan;
  readonly #kids = new Map<string, Kid>();
  readonly #byRef = new Map<string, string>();
  #state: State;
  #idCount = 0;
  #beginning: Waiter<void> | undefined;
  /** Why a child has not started, the last one. */
  #cause: unknown;

  /** @throws InvalidOptions, AlreadyRegistered, LimitReached */
  constructor(self: unknown, where: string, plan: SupervisorPlan, specs: readonly ChildSpec[]) {
    this.#cell = self as Cell;
    this.#core = this.#cell.behavior.kernel as Core;
    this.#where = where;
    this.#plan = plan;
    this.#state = initial(
      plan,
      specs.map((spec) => this.#know(spec)),
    );
  }

  #know(spec: ChildSpec): ChildPlan {
    const { plan, spawn } = splitSpec(this.#where, spec);
    const checked = checkChild(this.#where, plan, this.#plan);
    const kid: Kid = {
      spec,
      spawn,
      child: undefined,
      isStarting: false,
      isEnding: false,
      exit: undefined,
      culprit: undefined,
      alarm: undefined,
      starts: [],
      ends: [],
    };
    if (!this.#kids.has(checked.id)) this.#kids.set(checked.id, kid);
    return checked;
  }

  // ---- what its actor asks for ------------------------------------------------------------------------------------

  /** Starts the children; resolves when all have started, rejects when one cannot. */
  begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#beginning = { resolve, reject };
      this.#take({ kind: 'begin' });
    });
  }

  /** Adds a child, and starts it. @throws AlreadyRegistered, LimitReached, InvalidOptions, and why it cannot start */
  add(spec: ChildSpec): Promise<AnyRef> {
    return new Promise((resolve, reject) => {
      const isKnown = this.#kids.has(spec.id);
      const plan = this.#know(spec);
      const waiter = { resolve, reject };
      try {
        // It may start at once.
        if (!isKnown) this.#kids.get(plan.id)!.starts.push(waiter);
        this.#take({ kind: 'add', child: plan });
      } catch (error) {
        if (!isKnown) this.#kids.delete(plan.id);
        throw error;
      }
    });
  }

  /** An id that no child has. */
  freeId(): string {
    let id: string;
    do id = `child-${++this.#idCount}`;
    while (this.#kids.has(id));
    return id;
  }

  /** Ends a child for good; resolves when it has ended. @throws NoSuchActor */
  terminate(id: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const kid = this.#kids.get(id);
      this.#take({ kind: 'terminate', id });
      if (kid?.isEnding === true || kid?.isStarting === true) kid.ends.push({ resolve, reject });
      else resolve();
    });
  }

  /** Starts a child that was terminated. @throws NoSuchActor, InvalidOptions, and why it cannot start */
  restart(id: string): Promise<AnyRef> {
    return new Promise((resolve, reject) => {
      const kid = this.#kids.get(id);
      const waiter = { resolve, reject };
      kid?.starts.push(waiter);
      try {
        this.#take({ kind: 'restart', id });
      } catch (error) {
        kid?.starts.splice(kid.starts.indexOf(waiter), 1);
        throw error;
      }
    });
  }

  /** Forgets a child that was terminated. @throws NoSuchActor, InvalidOptions */
  remove(id: string): void {
    this.#take({ kind: 'remove', id });
  }

  list(): readonly ChildStatus[] {
    return childrenOf(this.#state).map((status) => ({ ...status, ref: this.#kids.get(status.id)?.child?.ref }));
  }

  // ---- what it is told --------------------------------------------------------------------------------------------

  /** An actor has ended. */
  told({ kind, ref, ended }: SupervisionEvent): void {
    const id = kind === 'child' ? this.#byRef.get(refKey(ref)) : undefined;
    const kid = id === undefined ? undefined : this.#kids.get(id);
    if (id === undefined || kid === undefined) return;
    const exit = exitOf(ref, ended);
    kid.culprit = deathOf(ended)?.culprit;
    if (kid.isStarting) kid.exit = exit;
    else this.#exited(id, kid, exit);
  }

  #exited(id: string, kid: Kid, exit: Exit): void {
    kid.exit = undefined;
    if (kid.isEnding) this.#forget(kid);
    kid.isEnding = false;
    for (const { resolve } of kid.ends.splice(0)) resolve();
    this.#take({ kind: 'exited', id, exit });
  }

  #started(id: string, kid: Kid): void {
    if (this.#isOver) return;
    kid.isStarting = false;
    const { exit } = kid;
    const child = kid.child!;
    child.starting = false;
    for (const { resolve } of kid.starts.splice(0)) resolve(child.ref);
    this.#take({ kind: 'started', id });
    if (exit !== undefined) this.#exited(id, kid, exit);
  }

  #startFailed(id: string, kid: Kid, error: unknown): void {
    const { child, exit } = kid;
    // A supervisor that is ending waits for it.
    const isTold = child !== undefined && this.#core.families.startFailed(this.#cell, child);
    for (const { reject } of kid.starts.splice(0)) reject(error);
    if (this.#isOver) return;
    kid.isStarting = false;
    this.#cause = error;
    if (exit !== undefined) this.#exited(id, kid, exit);
    // Its thread has ended, and a notice of that is on the way. While the supervisor begins it hears of none.
    else if (isTold && this.#beginning === undefined) return;
    else {
      for (const { resolve } of kid.ends.splice(0)) resolve();
      this.#take({ kind: 'start-failed', id, detail: isError(error) ? error.message : String(error) });
    }
  }

  // ---- what is to be done -----------------------------------------------------------------------------------------

  get #isOver(): boolean {
    return this.#cell.isEnding;
  }

  #take(event: Event): void {
    const { state, effects } = step(this.#state, event, this.#core.clock.now(), this.#core.random);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (this.#kids.size === state.children.length) return;
    const known = new Set(state.children.map(({ plan }) => plan.id));
    for (const id of this.#kids.keys()) if (!known.has(id)) this.#kids.delete(id);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'ready':
        this.#beginning?.resolve();
        this.#beginning = undefined;
        return;
      case 'fail':
        this.#fail(effect.detail);
        return;
      case 'finish':
        this.#core.life.command(this.#cell, STOP, 'its significant children have ended', Number.POSITIVE_INFINITY);
        return;
      default:
        this.#performOn(this.#kids.get(effect.id)!, effect);
    }
  }

  #performOn(kid: Kid, effect: Exclude<Effect, { kind: 'ready' | 'fail' | 'finish' }>): void {
    const { alarms, families, reports, mesh } = this.#core;
    const { id } = effect;
    switch (effect.kind) {
      case 'start':
        this.#start(id, kid);
        return;
      case 'halt':
        families.halt(kid.child!, 'its supervisor starts it again');
        return;
      case 'end':
        kid.isEnding = true;
        families.dismiss(kid.child!, 'its supervisor has stopped it');
        return;
      case 'release':
        this.#forget(kid);
        return;
      case 'arm':
        kid.alarm = alarms.set(effect.delayMs, () => {
          kid.alarm = undefined;
          if (!this.#isOver) this.#take({ kind: 'due', id });
        });
        return;
      case 'disarm':
        if (kid.alarm !== undefined) alarms.clear(kid.alarm);
        kid.alarm = undefined;
        return;
      case 'poison':
        mesh.books.add('poisoned', 1);
        reports.problem('poison', this.#poison(id, kid, effect.detail));
    }
  }

  /** Names what ended the thread, not what was in it. */
  #poison(id: string, { culprit }: Kid, detail: string): ActorFailed {
    const { actor, message, messageNumber } = culprit ?? {};
    const what = `${this.#where}: a child is not started again, because it has ended its thread twice`;
    return new ActorFailed(what, { id, actor, message, messageNumber, detail });
  }

  #start(id: string, kid: Kid): void {
    const { spawns } = this.#core;
    const { definition, args } = kid.spec;
    kid.isStarting = true;
    try {
      const { child, started } =
        kid.child === undefined
          ? spawns.spawnSupervised(this.#cell, definition, args, kid.spawn)
          : spawns.startAgain(this.#cell, definition, args, kid.child, kid.spawn);
      kid.child ??= child;
      if (child !== undefined) this.#byRef.set(refKey(child.ref), id);
      started.then(
        () => this.#started(id, kid),
        (error: unknown) => this.#startFailed(id, kid, error),
      );
    } catch (error) {
      // What cannot even be sent is told like everything else: later.
      queueMicrotask(() => this.#startFailed(id, kid, error));
    }
  }

  /** A child that will not be started again under its address. */
  #forget(kid: Kid): void {
    const { child } = kid;
    if (child === undefined) return;
    kid.child = undefined;
    this.#byRef.delete(refKey(child.ref));
    this.#core.families.dismiss(child, 'its supervisor has given it up');
    this.#core.families.forget(this.#cell, child);
  }

  #fail(detail: string): void {
    const cause = this.#cause === undefined ? {} : { cause: this.#cause };
    const error = new ActorFailed(`${this.#where}: ${detail}`, {}, cause);
    if (this.#beginning !== undefined) this.#beginning.reject(error);
    else this.#core.life.failWith(this.#cell, error, detail);
  }
}
