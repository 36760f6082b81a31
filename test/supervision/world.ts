/**
 * A tree of supervisors in a world made up by chance: what they ask for happens after a while, or fails; actors end by
 * themselves, threads take along all who are on them, and somebody adds and terminates children all the time. After a
 * while nothing fails any more, and the world is left to come to rest.
 *
 * Every supervisor is there twice, once as the machine and once as the reference. They hear the same, and have to say
 * the same. What they say is checked against what is true in the world, too.
 */
import type { Effect, Event, Exit } from '../../src/supervision/events.js';
import type { ChildPlan, Restart, Strategy, SupervisorPlan } from '../../src/supervision/plan.js';
import { childrenOf, initial, type State, step } from '../../src/supervision/supervisor-state.js';
import { type Random, randomOf } from '../support/random.js';
import { Reference } from './reference.js';

const STRATEGIES: readonly Strategy[] = ['one-for-one', 'one-for-all', 'rest-for-one', 'dynamic'];
const RESTARTS: readonly Restart[] = ['permanent', 'permanent', 'transient', 'temporary'];
const AUTO_SHUTDOWNS = ['never', 'any-significant', 'all-significant'] as const;
const COMMANDS = ['terminate', 'terminate', 'restart', 'restart', 'remove', 'add', 'add'] as const;

const DEPTH_MAX = 3;
const CHILDREN_MOST = 4;
const ADDED_MOST = 3;
const THREADS = 3;
/** When nothing fails any more. */
const PEACE_MS = 400;
const COMMANDS_MOST = 16;
const THREAD_DEATHS_MOST = 3;
const ANSWER_MS = 5;
const LIFE_MS = 150;
const AS_TOLD = 'as it was told';

export class Disagreement extends Error {}

const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Disagreement(what);
};

/** Something that a supervisor started; a restarted child is another one. */
interface Being {
  readonly id: string;
  readonly thread: number;
  readonly team: Team | undefined;
  isStarting: boolean;
  isStopping: boolean;
  /** It has ended, though its supervisor may not have heard of it. */
  isOver: boolean;
}

/** What has happened so far: a race that never happened was not tested. */
export interface Tally {
  readonly effects: Record<Effect['kind'], number>;
  events: number;
  refused: number;
  exitsWhileStopped: number;
  startsWhileDown: number;
  sharedDeaths: number;
  nestedFailures: number;
}

export const newTally = (): Tally => ({
  effects: { start: 0, halt: 0, end: 0, release: 0, arm: 0, disarm: 0, ready: 0, poison: 0, fail: 0, finish: 0 },
  events: 0,
  refused: 0,
  exitsWhileStopped: 0,
  startsWhileDown: 0,
  sharedDeaths: 0,
  nestedFailures: 0,
});

export class World {
  readonly random: Random;
  readonly tally: Tally;
  now = 0;
  readonly beings = new Set<Being>();
  readonly teams: Team[] = [];
  readonly #agenda: { at: number; order: number; act: () => void }[] = [];
  #order = 0;
  #deaths = 0;

  constructor(seed: number, tally: Tally) {
    this.random = randomOf(seed);
    this.tally = tally;
  }

  get isPeaceful(): boolean {
    return this.now >= PEACE_MS;
  }

  chance(part: number): boolean {
    return !this.isPeaceful && this.random.next() < part;
  }

  after(ms: number, act: () => void): void {
    this.#agenda.push({ at: this.now + ms, order: this.#order++, act });
  }

  soon(act: () => void): void {
    this.after(this.random.below(ANSWER_MS), act);
  }

  run(): void {
    const root = new Team(this, DEPTH_MAX, undefined);
    root.hear({ kind: 'begin' });
    for (let i = this.random.below(COMMANDS_MOST); i > 0; i--)
      this.after(this.random.below(PEACE_MS), () => this.#command());
    for (let i = this.random.below(THREAD_DEATHS_MOST); i > 0; i--) {
      this.after(this.random.below(PEACE_MS), () => this.killThread(this.random.below(THREADS), undefined));
    }
    while (this.#agenda.length > 0) {
      let first = 0;
      for (const [i, { at, order }] of this.#agenda.entries()) {
        const { at: earliest, order: oldest } = this.#agenda[first]!;
        if (at < earliest || (at === earliest && order < oldest)) first = i;
      }
      const { at, act } = this.#agenda.splice(first, 1)[0]!;
      this.now = at;
      act();
    }
    for (const team of this.teams) team.checkRest();
  }

  /** Everybody on the thread has ended; their supervisors hear of it in any order. */
  killThread(thread: number, culprit: Being | undefined): void {
    const death = `death ${this.#deaths++}`;
    const taken = [...this.beings].filter((being) => being.thread === thread && being.team === undefined);
    if (taken.length > 1) this.tally.sharedDeaths++;
    for (const being of taken) {
      const owner = this.teams.find((team) => team.living.get(being.id) === being)!;
      const exit = { normal: false, death, culprit: being === culprit, detail: 'its thread ended' };
      owner.end(being, exit);
    }
  }

  #command(): void {
    const teams = this.teams.filter(({ isGone }) => !isGone);
    if (teams.length > 0) this.random.pick(teams).command();
  }
}

const planOf = ({ random }: World): SupervisorPlan => {
  const mayDrop = random.next() < 0.5;
  const backOff = {
    minMs: 1 + random.below(40),
    maxMs: 80,
    factor: 2,
    jitter: random.pick([0, 0.5]),
    resetAfterMs: 60,
  };
  return {
    strategy: random.pick(STRATEGIES),
    intensity: { restarts: random.pick([0, 1, 3, 6, 20]), withinMs: 1 + random.below(100) },
    autoShutdown: random.pick(AUTO_SHUTDOWNS),
    backOff: mayDrop ? backOff : undefined,
    maxChildren: CHILDREN_MOST + 1,
  };
};

const childOf = ({ random }: World, { autoShutdown }: SupervisorPlan, id: string): ChildPlan => {
  const restart = random.pick(RESTARTS);
  return { id, restart, significant: restart !== 'permanent' && autoShutdown !== 'never' && random.next() < 0.3 };
};

/** How a supervisor that is a child itself tells its own. */
type Tell = (news: 'ready' | 'fail' | 'finish') => void;

/** A supervisor and what is true of its children. */
class Team {
  readonly living = new Map<string, Being>();
  isGone = false;
  readonly #world: World;
  readonly #depth: number;
  readonly #plan: SupervisorPlan;
  readonly #reference: Reference;
  readonly #tell: Tell | undefined;
  readonly #timers = new Map<string, object>();
  /** When a child ended that nobody had asked to, until it is started again. Not with its thread: that counts once. */
  readonly #failures = new Map<string, number>();
  readonly #restarts: number[] = [];
  #state: State;
  #added = 0;
  #isOver = false;
  readonly #random: Random;

  constructor(world: World, depth: number, tell: Tell | undefined) {
    this.#world = world;
    this.#depth = depth;
    this.#tell = tell;
    this.#plan = planOf(world);
    const children: ChildPlan[] = [];
    for (let i = world.random.below(CHILDREN_MOST + 1); i > 0; i--) children.push(childOf(world, this.#plan, `c${i}`));
    this.#state = initial(this.#plan, children);
    const seed = world.random.below(2 ** 32);
    this.#random = randomOf(seed);
    this.#reference = new Reference(this.#plan, children, randomOf(seed).next);
    world.teams.push(this);
  }

  hear(event: Event): void {
    const { tally, now } = this.#world;
    if (this.isGone) {
      must(
        !this.#isOver || step(this.#state, event, now, this.#random.next).effects.length === 0,
        'it speaks after its end',
      );
      return;
    }
    tally.events++;
    if (event.kind === 'started' && this.#state.round?.way === 'down') tally.startsWhileDown++;
    const before = this.#state;
    const [said, expected] = [this.#said(event), attempt(() => this.#reference.tell(event, now))];
    if (said instanceof Error || expected instanceof Error) {
      must(
        said instanceof Error && expected instanceof Error && said.name === expected.name,
        `${said} is not ${expected}`,
      );
      must(this.#state === before, 'a refused event has changed the state');
      tally.refused++;
      return;
    }
    this.#compare(event, said, expected);
    for (const [i, effect] of said.entries()) {
      must(!this.#isOver, 'nothing follows the end of a supervisor');
      this.#isOver = effect.kind === 'fail' || effect.kind === 'finish';
      must(!this.#isOver || i === said.length - 1, 'the end of a supervisor is the last that it says');
      tally.effects[effect.kind]++;
      this.#perform(effect);
    }
  }

  #said(event: Event): readonly Effect[] | Error {
    return attempt(() => {
      const { state, effects } = step(this.#state, event, this.#world.now, this.#random.next);
      this.#state = state;
      return effects;
    });
  }

  #compare(event: Event, said: readonly Effect[], expected: readonly Effect[]): void {
    const isSame = said.length === expected.length && said.every((effect, i) => isAlike(effect, expected[i]!));
    if (!isSame) {
      must(false, `after ${show(event)} of ${show(this.#plan)}: ${show(said)} instead of ${show(expected)}`);
    }
    const [is, shouldBe] = [childrenOf(this.#state), this.#reference.children];
    const areSame =
      is.length === shouldBe.length &&
      is.every(({ id, phase }, i) => id === shouldBe[i]!.id && phase === shouldBe[i]!.phase);
    if (!areSame) {
      must(false, `after ${show(event)} of ${show(this.#plan)}: ${show(is)} instead of ${show(shouldBe)}`);
    }
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'start':
        this.#start(effect.id);
        break;
      case 'halt':
      case 'end':
        this.#stop(effect.id, effect.kind);
        break;
      case 'arm':
        this.#arm(effect.id, effect.delayMs);
        break;
      case 'disarm':
        must(this.#timers.delete(effect.id), `${effect.id} is disarmed, but was not armed`);
        break;
      case 'release':
      case 'poison':
        must(!this.living.has(effect.id), `${effect.id} lives and is given up`);
        this.#failures.delete(effect.id);
        break;
      case 'ready':
        this.#tell?.('ready');
        break;
      default:
        if (effect.kind === 'fail' && this.#tell !== undefined) this.#world.tally.nestedFailures++;
        this.dismiss();
        this.#tell?.(effect.kind);
    }
  }

  #start(id: string): void {
    must(!this.living.has(id), `${id} is started twice`);
    must(!this.#timers.has(id), `${id} is started before its back-off is over`);
    const child = this.#state.children.find(({ plan }) => plan.id === id)!;
    if (this.#isGroup && child.cause === 'restart') this.#mustBeLast(id, 'started');
    const failure = this.#failures.get(id);
    if (failure !== undefined) this.#countRestart(failure);
    this.#failures.delete(id);

    const world = this.#world;
    const isTeam = this.#depth > 1 && world.random.next() < 0.25;
    let being: Being;
    const team = isTeam ? new Team(world, this.#depth - 1, (news) => this.#hearOfTeam(being, news)) : undefined;
    being = { id, thread: world.random.below(THREADS), team, isStarting: true, isStopping: false, isOver: false };
    this.living.set(id, being);
    world.beings.add(being);
    if (team !== undefined) world.soon(() => team.hear({ kind: 'begin' }));
    else world.soon(() => this.#answer(being));
  }

  #answer(being: Being): void {
    const world = this.#world;
    if (being.isOver) return;
    if (world.chance(0.05)) this.end(being, undefined);
    else if (world.chance(0.03)) world.killThread(being.thread, being);
    else {
      being.isStarting = false;
      this.hear({ kind: 'started', id: being.id });
      if (!world.isPeaceful && world.random.next() < 0.7)
        world.after(world.random.below(LIFE_MS), () => this.#dieByItself(being));
    }
  }

  #dieByItself(being: Being): void {
    if (being.isOver) return;
    if (this.#world.chance(0.35)) this.#world.killThread(being.thread, being);
    else this.end(being, { normal: this.#world.random.next() < 0.4, detail: 'by itself' });
  }

  /** It ends now; its supervisor hears of it soon. Without an exit it has failed to start. */
  end(being: Being, exit: Exit | undefined): void {
    const { id } = being;
    being.isOver = true;
    this.#world.beings.delete(being);
    this.#world.soon(() => {
      if (this.living.get(id) !== being) return;
      if (being.isStopping && exit?.detail !== AS_TOLD) this.#world.tally.exitsWhileStopped++;
      if (!being.isStopping && exit?.death === undefined) this.#failures.set(id, this.#world.now);
      const event: Event =
        exit === undefined ? { kind: 'start-failed', id, detail: 'in init' } : { kind: 'exited', id, exit };
      this.living.delete(id);
      this.hear(event);
    });
  }

  #stop(id: string, how: 'halt' | 'end'): void {
    const being = this.living.get(id);
    must(being !== undefined && !being.isStarting, `${id} is stopped, but does not run`);
    must(!being!.isStopping, `${id} is stopped twice`);
    if (how === 'halt') this.#mustBeLast(id, 'stopped');
    being!.isStopping = true;
    this.#world.soon(() => {
      if (being!.isOver) return;
      being!.team?.dismiss();
      this.end(being!, { normal: !this.#world.chance(0.1), detail: AS_TOLD });
    });
  }

  #arm(id: string, delayMs: number): void {
    must(!this.#timers.has(id) && !this.living.has(id), `${id} is armed, but lives or is armed already`);
    const timer = {};
    this.#timers.set(id, timer);
    this.#world.after(delayMs, () => {
      const armed = this.#timers.get(id);
      if (armed !== undefined && armed !== timer) return;
      this.#timers.delete(id);
      // One that was disarmed is heard, too: that may have been too late.
      this.hear({ kind: 'due', id });
    });
  }

  #hearOfTeam(being: Being, news: 'ready' | 'fail' | 'finish'): void {
    if (being.isOver) return;
    if (news === 'ready') {
      this.#world.soon(() => {
        if (being.isOver) return;
        being.isStarting = false;
        this.hear({ kind: 'started', id: being.id });
      });
    } else if (news === 'fail') this.end(being, being.isStarting ? undefined : { normal: false, detail: 'it failed' });
    else this.end(being, { normal: true, detail: 'it finished' });
  }

  /** The supervisor has ended: so do its children, whom nobody hears any more. */
  dismiss(): void {
    this.isGone = true;
    for (const being of [...this.living.values()].reverse()) {
      being.isOver = true;
      this.#world.beings.delete(being);
      being.team?.dismiss();
    }
    this.living.clear();
  }

  get #isGroup(): boolean {
    return this.#plan.strategy === 'one-for-all' || this.#plan.strategy === 'rest-for-one';
  }

  /** Nobody behind it lives, who would have to go down before it, or come up after it. */
  #mustBeLast(id: string, how: string): void {
    const { children } = this.#state;
    const place = children.findIndex(({ plan }) => plan.id === id);
    const later = children.slice(place + 1).find(({ plan }) => this.living.has(plan.id));
    must(later === undefined, `${id} is ${how}, but ${later?.plan.id} behind it lives`);
  }

  /** @param at when it failed that is started again */
  #countRestart(at: number): void {
    // In a group others may have failed, too, which counted no further.
    if (this.#isGroup) return;
    this.#restarts.push(at);
    const { restarts, withinMs } = this.#plan.intensity;
    const near = this.#restarts.filter((other) => other <= at && at <= other + withinMs);
    must(near.length <= restarts, `${near.length} restarts within ${withinMs} ms, of ${restarts} allowed`);
  }

  command(): void {
    const { random } = this.#world;
    const kind = random.pick(COMMANDS);
    if (kind === 'add') {
      const id = random.pick([`a${this.#added}`, `a${this.#added++ % ADDED_MOST}`, 'c1']);
      this.hear({ kind, child: childOf(this.#world, this.#plan, id) });
    } else {
      const ids = [...this.#state.children.map(({ plan }) => plan.id), 'nobody'];
      const id = random.pick(ids);
      if (kind === 'restart' || kind === 'terminate') this.#failures.delete(id);
      this.hear({ kind, id });
    }
  }

  /** Nothing is under way any more. */
  checkRest(): void {
    if (this.isGone) {
      for (const { id } of childrenOf(this.#state)) this.hear({ kind: 'started', id });
      return;
    }
    must(this.#state.round === undefined, 'a round is under way');
    must(this.#timers.size === 0, 'a timer is armed');
    const children = childrenOf(this.#state);
    for (const { id, phase } of children) {
      must(phase === 'running' || phase === 'terminated', `${id} rests while it is ${phase}`);
      must(this.living.has(id) === (phase === 'running'), `${id} is ${phase}, but it is not so`);
    }
    must(this.living.size === children.filter(({ phase }) => phase === 'running').length, 'somebody lives unknown');
  }
}

const attempt = <T>(act: () => T): T | Error => {
  try {
    return act();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
};

const show = (value: unknown): string => JSON.stringify(value);

const CLOSE_MS = 1e-9;

const isAlike = (said: Effect, expected: Effect): boolean => {
  if (said.kind !== expected.kind) return false;
  if (said.kind === 'fail') return said.detail.startsWith((expected as typeof said).detail);
  if (said.kind === 'ready' || said.kind === 'finish') return true;
  if (said.kind === 'arm' && Math.abs(said.delayMs - (expected as typeof said).delayMs) > CLOSE_MS) return false;
  return said.id === (expected as typeof said).id;
};
