/**
 * What the actors of a scenario write down of what they do and see. They live in this process, whichever simulated thread they
 * are on, so a number that travels in their arguments is enough to find it.
 */
import { type AnyRef, type Ended, refKey, type Watch } from '../../../src/index.js';
import type { Simulation } from '../../../src/testing/simulation.js';

/** One life of an actor: a restart begins another under the same address. */
export interface LifeFacts {
  readonly id: number;
  readonly address: string;
  readonly thread: number;
  /** How often its thread had been killed when it began. */
  readonly epoch: number;
  readonly isKept: boolean;
  /** Where the log stood. */
  readonly begunAt: number;
}

export interface WatchFacts {
  readonly subject: string;
  /** The life that watches; 0: the host. */
  readonly watcher: number;
  readonly name: string | undefined;
  given: boolean;
  /** Given up before its notice was seen. */
  unwatched: boolean;
  notices: number;
}

export interface TimerFacts {
  readonly life: number;
  readonly setAt: number;
  readonly due: number;
  firedAt: number | undefined;
}

export interface CallFacts {
  /** The life that calls; 0: the host. */
  readonly caller: number;
  settled: number;
  /** When its caller was told that its deadline has passed. */
  lateAt: number | undefined;
}

interface Askable {
  ask(message: { call: number; how: string; ms: number }, options: { timeoutMs: number }): Promise<number>;
}

export const HOST_LIFE = 0;

export class World {
  readonly sim: Simulation;
  readonly number: number;
  readonly broken: string[] = [];
  readonly lives: LifeFacts[] = [];
  readonly watches: WatchFacts[] = [];
  readonly timers: TimerFacts[] = [];
  readonly calls: CallFacts[] = [];
  /** Parents and children, by address. */
  readonly families: { readonly parent: string; readonly child: string }[] = [];
  /** Addresses that were given another parent. */
  readonly adopted = new Set<string>();
  /** Addresses that somebody stopped, killed or drained. */
  readonly ended = new Set<string>();
  /** Notes by sender and receiver: how many were sent so far, which were refused, and the last that arrived. */
  readonly #sent = new Map<string, number>();
  readonly #refused = new Set<string>();
  readonly #arrived = new Map<string, number>();
  /** Accepted and not arrived, by sender and receiver. */
  readonly #missing = new Map<string, number>();
  /** Lives from which one receiver must hear no more. */
  readonly #closed = new Map<string, Set<number>>();
  accepted = 0;
  delivered = 0;
  /** Deaths of each thread, as far as the log was read. */
  readonly #epochs = new Map<number, number>();
  #read = 0;

  constructor(sim: Simulation, number: number) {
    this.sim = sim;
    this.number = number;
    this.lives.push({ id: 0, address: 'host', thread: 0, epoch: 0, isKept: false, begunAt: 0 });
  }

  violate(what: string): void {
    this.broken.push(`${what} (at ${this.sim.now} ms)`);
  }

  epochOf(thread: number): number {
    const { log } = this.sim;
    for (; this.#read < log.length; this.#read++) {
      const event = log[this.#read]!;
      if (event.kind === 'thread-ends') this.#epochs.set(event.thread, (this.#epochs.get(event.thread) ?? 0) + 1);
    }
    return this.#epochs.get(thread) ?? 0;
  }

  begin(ref: AnyRef, thread: number, isKept: boolean): LifeFacts {
    const { log } = this.sim;
    const id = this.lives.length;
    const life = { id, address: refKey(ref), thread, epoch: this.epochOf(thread), isKept, begunAt: log.length };
    this.lives.push(life);
    return life;
  }

  /** Whether a life is on a thread that has been killed since it began. */
  isLost({ thread, epoch }: LifeFacts): boolean {
    return this.epochOf(thread) !== epoch;
  }

  isKept(ref: AnyRef): boolean {
    const address = refKey(ref);
    return this.lives.some((life) => life.isKept && life.address === address);
  }

  /** What one may wait for of an ending that somebody asked for: a child of a supervisor may never end for good. */
  outcome(ref: AnyRef, ended: Promise<unknown>): Promise<unknown> | undefined {
    const settled = ended.catch(() => undefined);
    return this.isKept(ref) ? undefined : settled;
  }

  // ---- notes ------------------------------------------------------------------------------------------------------

  /** Sends the next note of a life to an actor. */
  send(from: number, to: { note(message: { from: number; n: number; pad: string }): void }, pad: string): void {
    const pair = `${from}>${refKey(to as unknown as AnyRef)}`;
    const n = (this.#sent.get(pair) ?? 0) + 1;
    this.#sent.set(pair, n);
    try {
      to.note({ from, n, pad });
      this.accepted++;
      this.#missing.set(pair, (this.#missing.get(pair) ?? 0) + 1);
    } catch {
      this.#refused.add(`${pair} ${n}`);
    }
  }

  receive(life: LifeFacts, from: number, n: number): void {
    const pair = `${from}>${life.address}`;
    this.delivered++;
    this.#missing.set(pair, (this.#missing.get(pair) ?? 0) - 1);
    if (this.#refused.has(`${pair} ${n}`)) this.violate(`delivery: note ${n} of ${pair} was refused, and arrived`);
    const last = this.#arrived.get(pair) ?? 0;
    if (n === last) this.violate(`delivery: note ${n} of ${pair} arrived twice`);
    else if (n < last) this.violate(`order: note ${n} of ${pair} arrived after ${last}`);
    this.#arrived.set(pair, n);
    if (this.#closed.get(life.address)?.has(from) === true) {
      this.violate(`order: the notice of the end of ${from} has overtaken note ${n} to ${life.address}`);
    }
  }

  /** Accepted notes that an actor has not got; those left out that may have died with their sender's thread. */
  missingOf(address: string): number {
    return this.lives
      .filter((life) => !this.isLost(life))
      .reduce((sum, { id }) => sum + (this.#missing.get(`${id}>${address}`) ?? 0), 0);
  }

  // ---- notices ----------------------------------------------------------------------------------------------------

  watch(watcher: LifeFacts, ref: AnyRef, name: string | undefined): WatchFacts {
    const facts = { subject: refKey(ref), watcher: watcher.id, name, given: false, unwatched: false, notices: 0 };
    this.watches.push(facts);
    return facts;
  }

  told(watcher: LifeFacts, facts: WatchFacts, { reason }: Ended, found: AnyRef | undefined): void {
    facts.given = true;
    facts.notices++;
    if (facts.unwatched) this.violate(`watching: a watch of ${facts.subject} that was given up gave a notice`);
    const over = this.lives.filter(
      (life) => life.address === facts.subject && (reason !== 'thread-lost' || this.isLost(life)),
    );
    const closed = this.#closed.get(watcher.address) ?? new Set();
    this.#closed.set(watcher.address, closed);
    for (const { id } of over) closed.add(id);
    const isKept = this.lives.some((life) => life.isKept && life.address === facts.subject);
    if (!isKept && found !== undefined && refKey(found) === facts.subject) {
      this.violate(`watching: the name ${facts.name} is still that of ${facts.subject}, whose end was told`);
    }
  }

  // ---- calls and timers -------------------------------------------------------------------------------------------

  /** Resolves with the answer, if there is one. */
  async call(caller: number, to: Askable, how: string, timeoutMs: number): Promise<number | undefined> {
    const facts: CallFacts = { caller, settled: 0, lateAt: undefined };
    const number = this.calls.push(facts) - 1;
    try {
      return await to.ask({ call: number, how, ms: timeoutMs / 2 }, { timeoutMs });
    } catch (error) {
      if ((error as { code?: string }).code === 'HEDDLE_CALL_TIMEOUT') facts.lateAt = this.sim.now;
      return undefined;
    } finally {
      facts.settled++;
    }
  }

  /** A call is handled. */
  asked(number: number): void {
    const { lateAt } = this.calls[number]!;
    if (lateAt !== undefined && Math.floor(this.sim.now) > Math.ceil(lateAt)) {
      this.violate(`calls: call ${number} was handled after its deadline had passed at ${lateAt}`);
    }
  }

  setTimer(life: LifeFacts, delayMs: number): number {
    const { now } = this.sim;
    return this.timers.push({ life: life.id, setAt: now, due: now + delayMs, firedAt: undefined }) - 1;
  }

  /** @param previous the timer that this life handled last */
  fired(life: LifeFacts, number: number, previous: number | undefined): void {
    const timer = this.timers[number]!;
    const { now } = this.sim;
    if (timer.firedAt !== undefined) this.violate(`time: a timer of life ${timer.life} fired twice`);
    timer.firedAt = now;
    if (now < timer.due) this.violate(`time: a timer of life ${timer.life} was early, by ${timer.due - now} ms`);
    if (timer.life !== life.id && !life.isKept) this.violate(`time: a timer of life ${timer.life} outlived it`);
    const before = previous === undefined ? undefined : this.timers[previous]!;
    if (before !== undefined && before.life === timer.life && timer.due < before.due && timer.setAt < before.due) {
      this.violate(`time: a timer of life ${timer.life} due at ${timer.due} fired after one due at ${before.due}`);
    }
  }
}

const worlds = new Map<number, World>();

export const openWorld = (sim: Simulation): World => {
  const world = new World(sim, worlds.size === 0 ? 1 : Math.max(...worlds.keys()) + 1);
  worlds.set(world.number, world);
  return world;
};

export const closeWorld = ({ number }: World): void => void worlds.delete(number);
export const worldOf = (number: number): World => worlds.get(number)!;

export interface OpenWatch {
  readonly watch: Watch;
  readonly facts: WatchFacts;
}
