/**
 * A supervisor as a pure transition: (state, event) -> (state, effects). It does nothing itself; who performs the
 * effects answers with events (see `events.ts`).
 *
 * The semantics are those of Erlang's `supervisor`; where that stops the world to restart a group, this goes on
 * listening. Each event changes what is known of the children, then `#advance` looks at all of them and asks for the
 * next step that they need. Nothing is queued, so nothing can be lost, or wait for something that has passed.
 *
 * A group (all children, or those from the failed one on) is restarted in one *round*: it goes down, the last child
 * first, each after the one behind it has ended; waits for back-offs; then comes up, the first child first. To begin is
 * to come up, too. What a member of the group does meanwhile:
 *
 * | it                            | while the group goes down           | while the group comes up                     |
 * | ----------------------------- | ----------------------------------- | -------------------------------------------- |
 * | exits, and is to be restarted | it is down; counts no further       | counts; down again, from there               |
 * | cannot be restarted           | as above                            | counts; down again, from there               |
 * | is temporary and exits        | is forgotten                        | is forgotten                                 |
 * | is transient, exits normally  | comes up again with the others      | stays away                                   |
 * | is starting                   | answers first, then is told to stop | the next waits for it                        |
 * | is added or requested         | starts when it is its turn          | the same                                     |
 * | is terminated                 | the round goes on without it        | the same                                     |
 *
 * Where this is not as in Erlang:
 * - A child that was terminated on request, or is poison, does not come up with its group. One that is transient and
 *   had ended normally does.
 * - A child that ends its thread for the second time within the time of the intensity is poison. It is not restarted,
 *   counts as no restart, and neither its supervisor nor its group go down for it: what kills threads must not take the
 *   healthy ones along. For the auto-shutdown it has ended by itself.
 */
import { delayOf } from './back-off.js';
import { type Child, isAlive, isNext, newChild, type Phase } from './child.js';
import type { Effect, Event, Exit } from './events.js';
import { type Counted, count, isWithin } from './intensity.js';
import { type ChildPlan, checkIds, type Restart, type SupervisorPlan } from './plan.js';
import { checkRoom, Roster } from './roster.js';

interface Round {
  readonly way: 'down' | 'up';
  /** The place of the first child of the group. */
  readonly from: number;
}

export interface State {
  readonly plan: SupervisorPlan;
  readonly stage: 'new' | 'beginning' | 'begun' | 'over';
  /** In the order in which they are started. */
  readonly children: readonly Child[];
  readonly nextPlace: number;
  readonly round: Round | undefined;
  readonly counted: readonly Counted[];
}

/** @throws AlreadyRegistered when two children have one id, LimitReached when they are too many */
export const initial = (plan: SupervisorPlan, children: readonly ChildPlan[]): State => {
  checkIds(children);
  checkRoom(plan, children.length);
  return {
    plan,
    stage: 'new',
    children: children.map((child, place) => newChild(child, place, 'begin')),
    nextPlace: children.length,
    round: undefined,
    counted: [],
  };
};

/**
 * @param now milliseconds of a clock that does not go back
 * @param random 0 <= result < 1
 * @throws AlreadyRegistered, LimitReached, NoSuchActor or InvalidOptions for an `add`, `terminate`, `restart` or
 *   `remove` that cannot be done; the state is then what it was
 */
export const step = (
  state: State,
  event: Event,
  now: number,
  random: () => number,
): { readonly state: State; readonly effects: readonly Effect[] } => {
  if (state.stage === 'over') return { state, effects: [] };
  const transition = new Transition(state, now, random);
  transition.take(event);
  return transition.result();
};

/** Those that are known, in the order in which they are started. */
export const childrenOf = (
  state: State,
): readonly { readonly id: string; readonly restart: Restart; readonly phase: Phase }[] =>
  state.children.map(({ plan: { id, restart }, phase }) => ({ id, restart, phase }));

/** The next state while it is made. */
class Transition {
  readonly #plan: SupervisorPlan;
  readonly #now: number;
  readonly #random: () => number;
  readonly #effects: Effect[] = [];
  readonly #roster: Roster;
  #stage: State['stage'];
  #nextPlace: number;
  #round: Round | undefined;
  #counted: readonly Counted[];

  constructor(state: State, now: number, random: () => number) {
    this.#plan = state.plan;
    this.#now = now;
    this.#random = random;
    this.#roster = new Roster(state.children);
    this.#stage = state.stage;
    this.#nextPlace = state.nextPlace;
    this.#round = state.round;
    this.#counted = state.counted;
  }

  result(): { readonly state: State; readonly effects: readonly Effect[] } {
    const state: State = {
      plan: this.#plan,
      stage: this.#stage,
      children: this.#roster.all,
      nextPlace: this.#nextPlace,
      round: this.#round,
      counted: this.#counted,
    };
    return { state, effects: this.#effects };
  }

  take(event: Event): void {
    switch (event.kind) {
      case 'begin':
        this.#begin();
        break;
      case 'add':
        this.#roster.add(this.#plan, event.child, this.#nextPlace++);
        break;
      case 'terminate':
        this.#terminate(this.#roster.known(event.id));
        break;
      case 'restart':
        this.#roster.change(this.#roster.resting(event.id), { phase: 'waiting', cause: 'request' });
        break;
      case 'remove':
        this.#roster.forget(this.#roster.resting(event.id));
        break;
      default:
        // News of a child that was forgotten when it ended: there is nothing left to do about it.
        this.#hear(event, this.#roster.find(event.id));
    }
    this.#advance();
  }

  #hear(
    event: Extract<Event, { kind: 'started' | 'start-failed' | 'exited' | 'due' }>,
    child: Child | undefined,
  ): void {
    if (child === undefined) return;
    switch (event.kind) {
      case 'started':
        this.#started(child);
        break;
      case 'start-failed':
        if (child.phase === 'starting') this.#exited(child, { normal: false, detail: event.detail });
        break;
      case 'exited':
        if (isAlive(child)) this.#exited(child, event.exit);
        break;
      case 'due':
        if (child.isArmed) this.#roster.change(child, { isArmed: false });
    }
  }

  #begin(): void {
    if (this.#stage !== 'new') return;
    this.#stage = 'beginning';
    this.#round = { way: 'up', from: 0 };
  }

  #terminate(child: Child): void {
    const { phase } = child;
    if (phase === 'starting' || phase === 'halting') this.#roster.change(child, { isLeaving: true });
    else if (phase === 'running') this.#end(child);
    else if (phase === 'waiting') {
      if (child.isArmed) this.#emit({ kind: 'disarm', id: child.plan.id });
      this.#release(child);
      this.#retire(child, true);
    } else if (phase === 'terminated') this.#roster.change(child, { isHeld: true });
  }

  #started(child: Child): void {
    if (child.phase !== 'starting') return;
    if (child.isLeaving) this.#end(child);
    else this.#roster.change(child, { phase: 'running', since: this.#now });
  }

  /** It has ended, or has failed to start. */
  #exited(before: Child, exit: Exit): void {
    const child = exit.culprit === true ? this.#roster.change(before, { culpritAt: this.#now }) : before;
    if (child.phase === 'ending') this.#retire(child, true);
    else if (child.isLeaving) {
      this.#release(child);
      this.#retire(child, true);
    } else if (child.phase === 'starting' && child.cause !== 'restart') this.#notBegun(child, exit);
    else if (!this.#isToRestart(child, exit)) this.#endedByItself(child, false);
    else if (this.#isPoison(before, exit)) {
      this.#emit({ kind: 'poison', id: child.plan.id, detail: exit.detail });
      this.#endedByItself(child, true);
    } else this.#toRestart(child, exit);
  }

  #notBegun(child: Child, { detail }: Exit): void {
    if (child.cause === 'begin') this.#fail(`child ${JSON.stringify(child.plan.id)} cannot start: ${detail}`);
    else {
      this.#release(child);
      if (child.cause === 'add') this.#roster.forget(child);
      else this.#retire(child, true);
    }
  }

  #isToRestart(child: Child, { normal }: Exit): boolean {
    const { restart } = child.plan;
    if (restart === 'temporary') return false;
    return restart === 'permanent' || !normal || child.phase === 'starting' || this.#isGoingDown(child);
  }

  #toRestart(child: Child, exit: Exit): void {
    const down = this.#roster.change(child, {
      phase: 'waiting',
      cause: 'restart',
      since: undefined,
      restarts: this.#hasLasted(child) ? 0 : child.restarts,
    });
    if (!this.#isGoingDown(child)) this.#restart(down, exit);
  }

  #isPoison({ culpritAt }: Child, { culprit }: Exit): boolean {
    return culprit === true && culpritAt !== undefined && isWithin(this.#plan.intensity, culpritAt, this.#now);
  }

  #hasLasted({ since }: Child): boolean {
    const { backOff } = this.#plan;
    return backOff !== undefined && since !== undefined && this.#now - since >= backOff.resetAfterMs;
  }

  /** A child that has failed starts again, and its group with it, unless that has been too often. */
  #restart(child: Child, { death, detail }: Exit): void {
    const { intensity, strategy } = this.#plan;
    this.#counted = count(this.#counted, intensity, this.#now, death);
    if (this.#counted.length > intensity.restarts) {
      const { restarts, withinMs } = intensity;
      const last = `the last one after child ${JSON.stringify(child.plan.id)}: ${detail}`;
      this.#fail(`${this.#counted.length} restarts within ${withinMs} ms, of ${restarts} allowed; ${last}`);
      return;
    }
    this.#backOff(child);
    if (strategy === 'one-for-all') this.#round = { way: 'down', from: 0 };
    else if (strategy === 'rest-for-one') this.#round = { way: 'down', from: this.#groupOf(child) };
  }

  #backOff(child: Child): void {
    const { backOff } = this.#plan;
    if (backOff === undefined) return;
    const restarts = child.restarts + 1;
    this.#roster.change(child, { restarts, isArmed: true });
    this.#emit({ kind: 'arm', id: child.plan.id, delayMs: delayOf(backOff, restarts, this.#random) });
  }

  /** Where the group begins that this child takes down. What a round has left undone that came up is part of it. */
  #groupOf({ place }: Child): number {
    const undone = this.#round?.way === 'up' ? this.#roster.from(this.#round.from).find(isNext) : undefined;
    return Math.min(place, undone?.place ?? place);
  }

  #isGoingDown({ place }: Child): boolean {
    return this.#round?.way === 'down' && place >= this.#round.from;
  }

  /** Nobody asked for its end, and it is not restarted. */
  #endedByItself(child: Child, isHeld: boolean): void {
    this.#release(child);
    this.#retire(child, isHeld);
    if (!child.plan.significant || !this.#endsWithIt()) return;
    this.#emit({ kind: 'finish' });
    this.#stage = 'over';
  }

  #endsWithIt(): boolean {
    const { autoShutdown } = this.#plan;
    if (autoShutdown !== 'all-significant') return autoShutdown === 'any-significant';
    const remains = ({ plan, phase, isLeaving }: Child): boolean =>
      plan.significant && phase !== 'terminated' && phase !== 'ending' && !isLeaving;
    return !this.#roster.all.some(remains);
  }

  /** Asks for the next step that the children need. */
  #advance(): void {
    if (this.#stage === 'new' || this.#stage === 'over') return;
    if (this.#stage === 'beginning' && !this.#roster.all.some(isYetToBegin)) {
      this.#stage = 'begun';
      this.#emit({ kind: 'ready' });
    }
    if (this.#round?.way === 'down' && this.#takeDown(this.#round.from)) this.#round = { ...this.#round, way: 'up' };
    if (this.#round?.way === 'up' && this.#bringUp(this.#round.from)) this.#round = undefined;
    if (this.#round === undefined) for (const child of this.#roster.all.filter(isNext)) this.#start(child);
  }

  /** Whether the group is down. */
  #takeDown(from: number): boolean {
    const members = this.#roster.from(from);
    const last = members.findLast(isAlive);
    if (last?.phase === 'running') this.#halt(last);
    if (last !== undefined || members.some(({ isArmed }) => isArmed)) return false;
    for (const child of members) {
      const { phase, isHeld } = child;
      if (phase === 'terminated' && !isHeld) this.#roster.change(child, { phase: 'waiting', cause: 'restart' });
    }
    return true;
  }

  /** Whether the group is up. */
  #bringUp(from: number): boolean {
    const members = this.#roster.from(from);
    if (members.some(({ phase }) => phase === 'starting')) return false;
    const next = members.find(isNext);
    if (next !== undefined) this.#start(next);
    return next === undefined;
  }

  #start(child: Child): void {
    this.#roster.change(child, { phase: 'starting' });
    this.#emit({ kind: 'start', id: child.plan.id });
  }

  #halt(child: Child): void {
    if (child.plan.restart === 'temporary') this.#end(child);
    else {
      this.#roster.change(child, { phase: 'halting' });
      this.#emit({ kind: 'halt', id: child.plan.id });
    }
  }

  #end(child: Child): void {
    this.#roster.change(child, { phase: 'ending' });
    this.#emit({ kind: 'end', id: child.plan.id });
  }

  #release(child: Child): void {
    this.#emit({ kind: 'release', id: child.plan.id });
  }

  #fail(detail: string): void {
    this.#emit({ kind: 'fail', detail });
    this.#stage = 'over';
  }

  /** It has ended for good: it is kept for who may ask for it, if it is of a kind that is kept. */
  #retire(child: Child, isHeld: boolean): void {
    if (child.plan.restart === 'temporary' || this.#plan.strategy === 'dynamic') this.#roster.forget(child);
    else {
      const rest = { isLeaving: false, isArmed: false, since: undefined, restarts: 0 };
      this.#roster.change(child, { ...rest, phase: 'terminated', isHeld });
    }
  }

  #emit(effect: Effect): void {
    this.#effects.push(effect);
  }
}

const isYetToBegin = ({ cause, phase }: Child): boolean =>
  cause === 'begin' && (phase === 'waiting' || phase === 'starting');
