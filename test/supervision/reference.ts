/**
 * What a supervisor does, told a second time and in another way: as a story that runs from the first line to the last
 * and waits for events where it has to (a generator), and that remembers nothing but what happened: whether a restart
 * was one too many, how long it waits and who is poison is looked up in the history of the supervisor's whole life.
 */
import { AlreadyRegistered, InvalidOptions, LimitReached, NoSuchActor } from '../../src/base/errors.js';
import type { Effect, Event, Exit } from '../../src/supervision/events.js';
import type { ChildPlan, SupervisorPlan } from '../../src/supervision/plan.js';

type Being = 'starting' | 'running' | 'halting' | 'ending' | 'waiting' | 'terminated';

/** Mutable, and its own key. */
interface Kid {
  readonly plan: ChildPlan;
  readonly place: number;
  being: Being;
  why: 'begin' | 'add' | 'request' | 'restart';
  unwanted: boolean;
  asleep: boolean;
  /** It stays away when its group comes up. */
  keptAway: boolean;
}

interface Happening {
  readonly at: number;
  readonly kid: Kid;
  readonly what: 'started' | 'culprit' | 'down' | 'again' | 'rested';
  readonly death: string | undefined;
}

type Story = Generator<void, void, Event>;

export class Reference {
  readonly plan: SupervisorPlan;
  readonly #kids: Kid[] = [];
  readonly #history: Happening[] = [];
  readonly #random: () => number;
  readonly #story: Story;
  #said: Effect[] = [];
  #now = 0;
  #places = 0;
  #begun = false;
  #ready = false;
  #over = false;
  /** A group is going down, this kid first in order. */
  #falling: Kid | undefined;
  /** The kid because of which its group has to be restarted. */
  #trouble: Kid | undefined;

  constructor(plan: SupervisorPlan, children: readonly ChildPlan[], random: () => number) {
    this.plan = plan;
    this.#random = random;
    for (const child of children) this.#join(child, 'begin');
    this.#story = this.#life();
    this.#story.next();
  }

  tell(event: Event, now: number): readonly Effect[] {
    this.#said = [];
    this.#now = now;
    if (!this.#over) {
      this.#refuse(event);
      this.#story.next(event);
    }
    return this.#said;
  }

  get children(): readonly { id: string; restart: string; phase: Being }[] {
    return this.#kids.map(({ plan, being }) => ({ id: plan.id, restart: plan.restart, phase: being }));
  }

  // The story.

  *#life(): Story {
    while (!this.#begun) yield* this.#listen();
    yield* this.#up(undefined);
    for (;;) {
      const trouble = this.#takeTrouble();
      if (trouble !== undefined) yield* this.#regroup(trouble);
      else {
        for (const kid of this.#kids) if (kid.being === 'waiting' && !kid.asleep) this.#start(kid);
        yield* this.#listen();
      }
    }
  }

  *#regroup(first: Kid): Story {
    this.#falling = first;
    for (;;) {
      const last = this.#group(first).findLast((kid) => kid.being !== 'waiting' && kid.being !== 'terminated');
      if (last === undefined && this.#group(first).every((kid) => !kid.asleep)) break;
      if (last?.being === 'running') this.#stop(last);
      yield* this.#listen();
      const worse = this.#takeTrouble();
      if (worse !== undefined) return yield* this.#regroup(worse);
    }
    this.#falling = undefined;
    for (const kid of this.#group(first)) {
      if (kid.being !== 'terminated' || kid.keptAway) continue;
      kid.being = 'waiting';
      kid.why = 'restart';
    }
    return yield* this.#up(first);
  }

  *#up(first: Kid | undefined): Story {
    for (;;) {
      const next = this.#group(first).find((kid) => kid.being === 'waiting' && !kid.asleep);
      if (next === undefined) return;
      this.#start(next);
      do {
        yield* this.#listen();
        const trouble = this.#takeTrouble();
        if (trouble !== undefined) {
          const undone = this.#group(first).find((kid) => kid.being === 'waiting' && !kid.asleep);
          const isEarlier = undone !== undefined && undone.place < trouble.place;
          return yield* this.#regroup(isEarlier ? undone : trouble);
        }
      } while (this.#group(first).some((kid) => kid.being === 'starting'));
    }
  }

  *#listen(): Story {
    const event = yield;
    this.#hear(event);
    while (this.#over) yield;
    const isMissing = ({ why, being }: Kid): boolean =>
      why === 'begin' && (being === 'waiting' || being === 'starting');
    if (!this.#begun || this.#ready || this.#kids.some(isMissing)) return;
    this.#ready = true;
    this.#said.push({ kind: 'ready' });
  }

  // What is heard.

  #refuse(event: Event): void {
    if (event.kind === 'add') {
      if (this.#named(event.child.id) !== undefined) throw new AlreadyRegistered('twice');
      if (this.#kids.length === this.plan.maxChildren) throw new LimitReached('full');
    }
    if (event.kind === 'terminate' || event.kind === 'restart' || event.kind === 'remove') {
      const kid = this.#named(event.id);
      if (kid === undefined) throw new NoSuchActor('unknown');
      if (event.kind !== 'terminate' && kid.being !== 'terminated') throw new InvalidOptions('busy');
    }
  }

  #hear(event: Event): void {
    if (event.kind === 'begin') this.#begun = true;
    else if (event.kind === 'add') this.#join(event.child, 'add');
    else {
      const kid = this.#named(event.id);
      if (kid === undefined) return;
      if (event.kind === 'terminate') this.#dismiss(kid);
      else if (event.kind === 'remove') this.#drop(kid);
      else if (event.kind === 'restart') Object.assign(kid, { being: 'waiting', why: 'request', keptAway: false });
      else if (event.kind === 'due') kid.asleep = false;
      else if (event.kind === 'started') this.#hasStarted(kid);
      else if (event.kind === 'exited') this.#hasEnded(kid, event.exit);
      else if (kid.being === 'starting') this.#hasEnded(kid, { normal: false, detail: event.detail });
    }
  }

  #dismiss(kid: Kid): void {
    if (kid.being === 'running') this.#say('end', kid, 'ending');
    else if (kid.being === 'terminated') kid.keptAway = true;
    else if (kid.being !== 'waiting') kid.unwanted = true;
    else {
      if (kid.asleep) this.#said.push({ kind: 'disarm', id: kid.plan.id });
      this.#rest(kid, true, true);
    }
  }

  #hasStarted(kid: Kid): void {
    if (kid.being !== 'starting') return;
    this.#note('started', kid);
    if (kid.unwanted) this.#say('end', kid, 'ending');
    else Object.assign(kid, { being: 'running', why: 'restart' });
  }

  #hasEnded(kid: Kid, exit: Exit): void {
    const { being, why } = kid;
    if (being === 'waiting' || being === 'terminated') return;
    const hasDoneItBefore = this.#history.some(
      (past) => past.kid === kid && past.what === 'culprit' && this.#isRecent(past),
    );
    if (exit.culprit) this.#note('culprit', kid);
    this.#note('down', kid);
    const wasFalling = this.#falling !== undefined && this.#group(this.#falling).includes(kid);

    const isDone = being === 'running' && !wasFalling && kid.plan.restart === 'transient' && exit.normal;
    if (being === 'ending') this.#rest(kid, true, false);
    else if (kid.unwanted) this.#rest(kid, true, true);
    else if (being === 'starting' && why !== 'restart') this.#neverStarted(kid);
    else if (kid.plan.restart === 'temporary' || isDone) this.#leave(kid, false);
    else if (exit.culprit && hasDoneItBefore) {
      this.#said.push({ kind: 'poison', id: kid.plan.id, detail: exit.detail });
      this.#leave(kid, true);
    } else {
      Object.assign(kid, { being: 'waiting', why: 'restart' });
      if (being !== 'halting' && !wasFalling) this.#again(kid, exit.death);
    }
  }

  #neverStarted(kid: Kid): void {
    if (kid.why === 'begin') this.#fail(`child ${JSON.stringify(kid.plan.id)} cannot start`);
    else if (kid.why === 'request') this.#rest(kid, true, true);
    else {
      this.#said.push({ kind: 'release', id: kid.plan.id });
      this.#drop(kid);
    }
  }

  #again(kid: Kid, death: string | undefined): void {
    this.#note('again', kid, death);
    const recent = this.#restartsOfLate();
    const { backOff, intensity, strategy } = this.plan;
    if (recent > intensity.restarts) {
      this.#fail(`${recent} restarts within ${intensity.withinMs} ms, of ${intensity.restarts} allowed`);
    } else {
      if (backOff !== undefined) this.#sleep(kid, backOff);
      if (strategy === 'one-for-all' || strategy === 'rest-for-one') this.#trouble = kid;
    }
  }

  #sleep(kid: Kid, { minMs, maxMs, factor, jitter }: NonNullable<SupervisorPlan['backOff']>): void {
    let fullMs = Math.min(maxMs, minMs);
    for (let n = this.#inARow(kid); n > 1; n--) fullMs = Math.min(maxMs, fullMs * factor);
    kid.asleep = true;
    this.#said.push({ kind: 'arm', id: kid.plan.id, delayMs: fullMs - fullMs * jitter * this.#random() });
  }

  #leave(kid: Kid, keptAway: boolean): void {
    this.#rest(kid, keptAway, true);
    const { autoShutdown } = this.plan;
    if (autoShutdown === 'never' || !kid.plan.significant) return;
    const others = this.#kids.filter(({ plan, being, unwanted }) => {
      return plan.significant && being !== 'terminated' && being !== 'ending' && !unwanted;
    });
    if (autoShutdown === 'all-significant' && others.length > 0) return;
    this.#said.push({ kind: 'finish' });
    this.#over = true;
  }

  // What history says.

  #isRecent({ at }: { at: number }): boolean {
    return this.#now - at <= this.plan.intensity.withinMs;
  }

  #restartsOfLate(): number {
    const counted: Happening[] = [];
    for (const past of this.#history.filter(({ what }) => what === 'again')) {
      const isSame = (other: Happening): boolean =>
        other.death === past.death && past.at - other.at <= this.plan.intensity.withinMs;
      if (past.death === undefined || !counted.some(isSame)) counted.push(past);
    }
    return counted.filter((past) => this.#isRecent(past)).length;
  }

  #inARow(kid: Kid): number {
    let restarts = 0;
    let startedAt: number | undefined;
    for (const { kid: whose, what, at } of this.#history) {
      if (whose !== kid) continue;
      if (what === 'started') startedAt = at;
      if (what === 'again') restarts++;
      if (what === 'rested') restarts = 0;
      if (what === 'down') {
        if (startedAt !== undefined && at - startedAt >= this.plan.backOff!.resetAfterMs) restarts = 0;
        startedAt = undefined;
      }
    }
    return restarts;
  }

  // Small words.

  #join(plan: ChildPlan, why: Kid['why']): void {
    const place = this.#places++;
    this.#kids.push({ plan, place, being: 'waiting', why, unwanted: false, asleep: false, keptAway: false });
  }

  #named(id: string): Kid | undefined {
    return this.#kids.find(({ plan }) => plan.id === id);
  }

  /** With whom a kid goes down: undefined is everybody. */
  #group(first: Kid | undefined): readonly Kid[] {
    if (first === undefined || this.plan.strategy !== 'rest-for-one') return this.#kids;
    return this.#kids.filter(({ place }) => place >= first.place);
  }

  #takeTrouble(): Kid | undefined {
    const trouble = this.#trouble;
    this.#trouble = undefined;
    return trouble;
  }

  #note(what: Happening['what'], kid: Kid, death?: string): void {
    this.#history.push({ at: this.#now, kid, what, death });
  }

  #start(kid: Kid): void {
    this.#say('start', kid, 'starting');
  }

  #stop(kid: Kid): void {
    if (kid.plan.restart === 'temporary') this.#say('end', kid, 'ending');
    else this.#say('halt', kid, 'halting');
  }

  #say(kind: 'start' | 'halt' | 'end', kid: Kid, being: Being): void {
    kid.being = being;
    this.#said.push({ kind, id: kid.plan.id });
  }

  #rest(kid: Kid, keptAway: boolean, release: boolean): void {
    if (release) this.#said.push({ kind: 'release', id: kid.plan.id });
    this.#note('rested', kid);
    Object.assign(kid, { being: 'terminated', unwanted: false, asleep: false, keptAway });
    if (kid.plan.restart === 'temporary' || this.plan.strategy === 'dynamic') this.#drop(kid);
  }

  #drop(kid: Kid): void {
    this.#kids.splice(this.#kids.indexOf(kid), 1);
  }

  #fail(detail: string): void {
    this.#said.push({ kind: 'fail', detail });
    this.#over = true;
  }
}
