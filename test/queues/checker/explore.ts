/**
 * All interleavings of two threads over one piece of shared memory.
 *
 * A state is: where each thread is (a node of its graph), whom it sleeps for, the words of memory, and the clocks. From
 * each state each thread that can take its next access takes it; states that were seen before are not followed again.
 * The search goes breadth first, so what is found is found by the fewest accesses.
 *
 * What is looked for, with the names that it is reported by:
 *
 * - `data race`: two accesses of a word conflict, are not ordered, and are not both shared.
 * - `lost wake-up`: no thread can go on but by a time limit, and not all have ended.
 * - `wrong record`: a thread has got what was not sent, or says that the ring is corrupt.
 * - `seen too early`: one thread was shown more than the other has asked to show.
 * - `failure`: a thread has thrown anything else, or left the ring.
 * - `bad end`: both have ended, and the memory is not as it should be.
 * - `busy loop`: a thread that is alone goes round for ever instead of sleeping.
 * - `too many steps`: a thread has made more accesses between two rests than it may.
 * - `no way out`: nobody sleeps for good, but the two can get where no end can be reached any more.
 *
 * Accesses are sequentially consistent here. That is what a program without data races gets from JavaScript (ECMA-262,
 * Memory Model), and the clocks say that there are none.
 */
import { type Access, DONE, NOT_EQUAL, TIMED_OUT } from './access.js';
import { Clocks } from './clocks.js';
import { endless, turnsAlone } from './endings.js';
import { States } from './states.js';
import type { Node, Thread } from './thread.js';

export type Violation =
  | 'data race'
  | 'lost wake-up'
  | 'wrong record'
  | 'seen too early'
  | 'failure'
  | 'bad end'
  | 'busy loop'
  | 'too many steps'
  | 'no way out';

export interface Finding {
  readonly violation: Violation;
  readonly message: string;
  /** The accesses that lead there. */
  readonly trace: readonly string[];
}

export interface Outcome {
  readonly states: number;
  readonly steps: number;
  readonly finding: Finding | undefined;
}

export interface Scene {
  /** The thread that shows records, and the one that they are shown to. */
  readonly threads: readonly [Thread, Thread];
  /** The words of the ring as they are before both begin. */
  readonly memory: Int32Array;
  /** Words that are used at most. */
  readonly wordsMax: number;
  readonly nameOf: (word: number) => string;
  /** Accesses that each of them makes at most between two rests, if that is limited. */
  readonly stepsMax?: readonly [number, number];
  /** What is wrong with the memory once both have ended. */
  readonly checkEnd: (read: (word: number) => number) => string | undefined;
  /** Thrown by a program that got what was not sent. */
  readonly isWrong: (error: Error) => boolean;
  readonly statesMax: number;
}

const NAMES = ['producer', 'consumer'] as const;

/** In a state: the threads' nodes, the word that each is listed as a sleeper of, their epochs, then the words. */
const NODE = 0;
const SLEEPS = 2;
const EPOCH = 4;
const WORDS = 6;

/** What `SLEEPS` says: the slot of a word plus 1, or one of these. */
const NOWHERE = 0;
const WOKEN = -1;

/** In place of the number of a state. */
const NO_STATE = -1;

class Found extends Error {
  readonly violation: Violation;
  /** The access that led there, if there was one. */
  readonly lastStep: string[] = [];

  constructor(violation: Violation, message: string) {
    super(message);
    this.violation = violation;
  }
}

class Exploration {
  readonly #scene: Scene;
  readonly #state: Int32Array;
  readonly #clocks: Clocks;
  readonly #states: States;
  /** Words that have been used have a slot in the state, in the order of their first use. */
  readonly #slots = new Map<number, number>();
  readonly #initial: Int32Array;
  /** By state: the one before it and the thread that made the step, for the trace. */
  readonly #before: number[] = [NO_STATE];
  readonly #movers: number[] = [NO_STATE];
  /** By state: the next one if the producer goes on, if the consumer goes on; or `NO_STATE`. */
  readonly #next: readonly [number[], number[]] = [[], []];
  #steps = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
    const count = scene.wordsMax;
    this.#state = new Int32Array(WORDS + 3 * count);
    this.#clocks = new Clocks(this.#state, {
      epochs: EPOCH,
      marks: WORDS + count,
      authors: WORDS + 2 * count,
      count,
    });
    this.#states = new States(this.#state.length);
    this.#initial = new Int32Array(count);
  }

  async run(): Promise<Outcome> {
    const { threads } = this.#scene;
    const state = this.#state;
    for (const [t, thread] of threads.entries()) state[NODE + t] = await thread.start();
    state[EPOCH] = state[EPOCH + 1] = 1;
    this.#states.add(state);
    for (let from = 0; from < this.#states.count; from++) {
      try {
        const moved = [await this.#advance(from, 0), await this.#advance(from, 1)];
        if (!moved.includes(true)) this.#checkLast(from);
        for (const t of NAMES.keys()) if (this.#mayTimeOut(from, t)) await this.#timeOut(from, t);
      } catch (found) {
        if (!(found instanceof Found)) throw found;
        const trace = [...this.#trace(from), ...found.lastStep];
        return this.#outcome({ violation: found.violation, message: found.message, trace });
      }
    }
    return this.#outcome(this.#checkWays());
  }

  /** Lets one thread take its next access, if it can. */
  async #advance(from: number, t: number): Promise<boolean> {
    const state = this.#state;
    this.#states.read(from, state);
    const result = this.#result(t);
    this.#next[t]![from] = NO_STATE;
    if (result === undefined) return false;
    const to = await this.#nodeAfter(t, result);
    const { access } = this.#nodeOf(t);
    // Who is blocked is woken right here; who waits for a promise goes on when it likes.
    const blocked = access.kind === 'wake' && result > 0 && this.#nodeOf(1 - t).access.kind === 'wait';
    const wokenTo = blocked ? await this.#nodeAfter(1 - t, DONE) : undefined;
    try {
      this.#step(t, access, to, wokenTo);
      this.#next[t]![from] = this.#arrive(from, t);
    } catch (found) {
      if (found instanceof Found) found.lastStep.push(this.#describe(t, access, result));
      throw found;
    }
    return true;
  }

  /** A time limit may pass at any time. That nothing needs it to pass is seen before. */
  #mayTimeOut(from: number, t: number): boolean {
    this.#states.read(from, this.#state);
    const { kind, limited } = this.#nodeOf(t).access;
    return kind === 'wait' && limited === true && this.#state[SLEEPS + t] !== NOWHERE;
  }

  async #timeOut(from: number, t: number): Promise<void> {
    const state = this.#state;
    state[NODE + t] = await this.#nodeAfter(t, TIMED_OUT);
    state[SLEEPS + t] = NOWHERE;
    this.#steps++;
    this.#arrive(from, t);
  }

  #nodeAfter(t: number, result: number): number | Promise<number> {
    const thread = this.#scene.threads[t]!;
    const number = this.#state[NODE + t]!;
    return thread.nodes[number]!.next.get(result) ?? thread.learn(number, result);
  }

  /** What the next access of a thread returns, or `undefined` if it cannot take it now. */
  #result(t: number): number | undefined {
    const state = this.#state;
    const { kind, word, value } = this.#nodeOf(t).access;
    switch (kind) {
      case 'loadPlain':
      case 'loadShared':
      case 'exchange':
      case 'compareExchange':
        return this.#read(word);
      case 'wait':
        if (state[SLEEPS + t] !== NOWHERE) return undefined;
        return this.#read(word) === value ? DONE : NOT_EQUAL;
      case 'waitAsync':
        return this.#read(word) === value ? DONE : NOT_EQUAL;
      case 'wake':
        return state[SLEEPS + 1 - t] === this.#slot(word) + 1 ? 1 : 0;
      case 'idle':
        return state[SLEEPS + t] === WOKEN ? DONE : undefined;
      case 'end':
      case 'failure':
        return undefined;
      default:
        return DONE;
    }
  }

  /** The thread takes its access and goes on to node `to`; who is woken from a blocking sleep goes on to `wokenTo`. */
  #step(t: number, { kind, word, value, expected }: Access, to: number, wokenTo: number | undefined): void {
    const state = this.#state;
    this.#steps++;
    const slot = kind === 'idle' ? 0 : this.#slot(word);
    const check = (flavour: Parameters<Clocks['access']>[2]): void => {
      if (!this.#clocks.access(t, slot, flavour)) {
        throw new Found('data race', `the ${NAMES[t]}'s ${kind} of ${this.#scene.nameOf(word)}`);
      }
    };
    switch (kind) {
      case 'loadPlain':
        check('loadPlain');
        break;
      case 'loadShared':
        check('loadShared');
        break;
      case 'storePlain':
        check('storePlain');
        this.#write(slot, value);
        break;
      case 'publish':
        check('storeShared');
        this.#write(slot, value);
        break;
      case 'exchange':
        check('loadShared');
        check('storeShared');
        this.#write(slot, value);
        break;
      case 'compareExchange':
        check('loadShared');
        if (this.#read(word) !== expected) break;
        check('storeShared');
        this.#write(slot, value);
        break;
      case 'wait':
      case 'waitAsync':
        check('loadShared');
        if (this.#read(word) !== value) break;
        state[SLEEPS + t] = slot + 1;
        // A thread that is blocked stays in front of its `wait` until it is woken.
        if (kind === 'wait') return;
        break;
      case 'wake':
        if (state[SLEEPS + 1 - t] !== slot + 1) break;
        state[SLEEPS + 1 - t] = wokenTo === undefined ? WOKEN : NOWHERE;
        if (wokenTo !== undefined) state[NODE + 1 - t] = wokenTo;
        break;
      case 'idle':
        state[SLEEPS + t] = NOWHERE;
        break;
    }
    state[NODE + t] = to;
  }

  /** Looks at the state and puts it in; returns its number. */
  #arrive(from: number, mover: number): number {
    this.#inspect();
    this.#clocks.normalise();
    const count = this.#states.count;
    const number = this.#states.add(this.#state);
    if (number === count) {
      if (count >= this.#scene.statesMax) throw new Error(`more than ${count} states`);
      this.#before.push(from);
      this.#movers.push(mover);
    }
    return number;
  }

  #inspect(): void {
    const shown = this.#nodeOf(0).told;
    const seen = this.#nodeOf(1).told;
    if (seen > shown) throw new Found('seen too early', `record ${seen} is received, ${shown} were to be shown`);
    const { stepsMax } = this.#scene;
    for (const t of NAMES.keys()) {
      const { access, steps } = this.#nodeOf(t);
      const { kind, error } = access;
      if (stepsMax !== undefined && steps >= stepsMax[t]!) {
        throw new Found('too many steps', `the ${NAMES[t]} makes more than ${steps} without a rest`);
      }
      if (kind !== 'failure') continue;
      throw new Found(this.#scene.isWrong(error!) ? 'wrong record' : 'failure', `the ${NAMES[t]}: ${error!.message}`);
    }
  }

  /** A state that nobody goes on from. */
  #checkLast(from: number): void {
    this.#states.read(from, this.#state);
    const stuck = [...NAMES.keys()].filter((t) => this.#nodeOf(t).access.kind !== 'end');
    if (stuck.length > 0) throw new Found('lost wake-up', `${stuck.map((t) => NAMES[t]).join(' and ')} sleep for good`);
    const wrong = this.#scene.checkEnd((word) => this.#read(word));
    if (wrong !== undefined) throw new Found('bad end', wrong);
  }

  /** What is seen of all states together. */
  #checkWays(): Finding | undefined {
    for (const [t, next] of this.#next.entries()) {
      const at = turnsAlone(next);
      if (at === undefined) continue;
      return { violation: 'busy loop', message: `the ${NAMES[t]} never rests`, trace: this.#trace(at) };
    }
    const at = endless(this.#next);
    return at === undefined
      ? undefined
      : { violation: 'no way out', message: 'the two go round for ever', trace: this.#trace(at) };
  }

  #outcome(finding: Finding | undefined): Outcome {
    return { states: this.#states.count, steps: this.#steps, finding };
  }

  #nodeOf(t: number): Node {
    return this.#scene.threads[t]!.nodes[this.#state[NODE + t]!]!;
  }

  #slot(word: number): number {
    const known = this.#slots.get(word);
    if (known !== undefined) return known;
    const { memory, wordsMax, nameOf } = this.#scene;
    if (!(word >= 0 && word < memory.length)) throw new Found('failure', `an access behind the ring, ${nameOf(word)}`);
    const slot = this.#slots.size;
    if (slot === wordsMax) throw new Error(`more than ${wordsMax} words are used`);
    this.#slots.set(word, slot);
    this.#initial[slot] = memory[word]!;
    return slot;
  }

  /** Words are kept as their difference from what they were, so that one that has no slot yet is the same state. */
  #read(word: number): number {
    const slot = this.#slot(word);
    return this.#state[WORDS + slot]! ^ this.#initial[slot]!;
  }

  #write(slot: number, value: number): void {
    this.#state[WORDS + slot] = value ^ this.#initial[slot]!;
  }

  #trace(number: number): string[] {
    const lines: string[] = [];
    for (let at = number; at > 0; at = this.#before[at]!) {
      const t = this.#movers[at]!;
      this.#states.read(this.#before[at]!, this.#state);
      lines.push(this.#describe(t, this.#nodeOf(t).access, this.#result(t)));
    }
    return lines.reverse();
  }

  #describe(t: number, { kind, word, value, expected }: Access, result: number | undefined): string {
    const stores = ['storePlain', 'publish', 'exchange', 'compareExchange', 'wait', 'waitAsync'].includes(kind);
    const given = stores ? `${expected === undefined ? '' : ` ${expected}`} ${value}` : '';
    const outcome = result === undefined ? 'timed out' : result;
    return `${NAMES[t]}: ${kind} ${kind === 'idle' ? '' : this.#scene.nameOf(word)}${given} -> ${outcome}`;
  }
}

export const explore = (scene: Scene): Promise<Outcome> => new Exploration(scene).run();
