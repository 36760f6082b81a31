/**
 * A thread that can be taken up again at any of its accesses.
 *
 * A thread is a deterministic function of what its accesses returned. So it need not be stopped in the middle: it is
 * run again from its start with the results of its earlier accesses, and breaks off in front of the first one whose
 * result is not known. What is known of a thread is a graph: a node is a point in front of an access, an edge from it
 * is what that access returned. An edge is walked once by the real code, and then as often as needed by the graph.
 *
 * Two ways of getting somewhere lead to the same node if the thread cannot tell them apart: its program says at
 * `rest` all that it and its objects know (no method of the source is under way there), so the results before that do
 * not count any more. What the modules of the source keep for themselves would not be seen: a test says that they
 * keep nothing. And one configuration is checked without this as well.
 */
import type { RingPlace } from '../../../native-free-queues/contract.js';
import { type Access, type AccessKind, DONE, NOT_EQUAL, TIMED_OUT } from './access.js';
import type { Queues, Seam } from './source.js';

/** What a program has to do with the checker. */
export interface Surroundings {
  readonly queues: Queues;
  readonly place: RingPlace;
  /** The program stands at `label`, and all that it goes on with is in `state`. */
  rest(label: string, ...state: unknown[]): void;
  /** A number for all to see: how many records it has asked to show, or has received. */
  tell(count: number): void;
}
export type Program = (surroundings: Surroundings) => Promise<void>;

export interface Node {
  readonly access: Access;
  /** What the program has told last. */
  readonly told: number;
  /** Accesses since the last rest. */
  readonly steps: number;
  /** Results that lead here from the start of the program. */
  readonly history: readonly number[];
  /** Node by the result of the access. */
  readonly next: Map<number, number>;
}

/** Thrown by the first access whose result is not known. */
const BREAK = new Error('a thread breaks off here');

/** A run of the program over a history. */
interface Run {
  readonly history: readonly number[];
  /** Results that are used up. */
  at: number;
  pending: Access | undefined;
  /** What was said at the last rest, and how many results it had used up. */
  rest: string;
  restAt: number;
  told: number;
  /** Resolves the promise of the `waitAsync` that is outstanding. */
  resolve: (() => void) | undefined;
  /** Settles once the thread has nothing to do but to wait for that promise. */
  idle: Deferred;
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

const deferred = (): Deferred => {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};

const newRun = (history: readonly number[]): Run => ({
  history,
  at: 0,
  pending: undefined,
  rest: '',
  restAt: 0,
  told: 0,
  resolve: undefined,
  idle: deferred(),
});

const isSame = (one: Access, other: Access): boolean =>
  one.kind === other.kind && one.word === other.word && one.value === other.value && one.expected === other.expected;

/** What a thread does when it makes no access. */
const inaction = (kind: 'end' | 'failure' | 'idle'): Access => ({ kind, word: 0, value: 0 });

/** What `Atomics.wait` returns, by the result of the access. */
const OUTCOMES: Readonly<Record<number, string>> = { [DONE]: 'ok', [NOT_EQUAL]: 'not-equal', [TIMED_OUT]: 'timed-out' };

export interface ThreadOptions {
  /** Words of memory, at whose beginning there is a ring. */
  readonly wordCount: number;
  readonly capacityBytes: number;
  /** Without, what led to a rest is not forgotten there: more nodes, and nothing that a program must say. */
  readonly rests: boolean;
}

export class Thread {
  readonly nodes: Node[] = [];
  readonly #program: Program;
  readonly #queues: Queues;
  readonly #place: RingPlace;
  readonly #rests: boolean;
  readonly #byKey = new Map<string, number>();
  #run: Run = newRun([]);

  constructor(program: Program, instance: (seam: Seam) => Queues, options: ThreadOptions) {
    const { wordCount, capacityBytes, rests } = options;
    this.#program = program;
    this.#rests = rests;
    this.#queues = instance({ Atomics: this.#atomics(), Uint8Array: this.#byteArrays() });
    this.#place = { words: this.#words(wordCount), atBytes: 0, capacityBytes };
  }

  /** The node in front of the first access; number 0. */
  start(): Promise<number> {
    return this.#explore([]);
  }

  /** The node behind an access of `node` that returns `result`, which is not known yet. */
  async learn(node: number, result: number): Promise<number> {
    const { history, next } = this.nodes[node]!;
    const to = await this.#explore([...history, result]);
    next.set(result, to);
    return to;
  }

  async #explore(history: readonly number[]): Promise<number> {
    const run = newRun(history);
    this.#run = run;
    const pending = await this.#runOn(run);
    if (run.at !== history.length) throw new Error('a program is not the same when it is run again');
    const key = `${run.rest}/${history.slice(run.restAt).join()}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      if (!isSame(this.nodes[known]!.access, pending)) {
        throw new Error(`a program knows more than it says at rest: ${key}`);
      }
      return known;
    }
    this.#byKey.set(key, this.nodes.length);
    const steps = history.length - run.restAt;
    return this.nodes.push({ access: pending, told: run.told, steps, history, next: new Map() }) - 1;
  }

  async #runOn(run: Run): Promise<Access> {
    const ended = this.#program({
      queues: this.#queues,
      place: this.#place,
      rest: (label, ...state) => {
        if (!this.#rests) return;
        run.rest = this.#restKey(run, label, state);
        run.restAt = run.at;
      },
      tell: (count) => {
        run.told = count;
      },
    }).then(
      () => inaction('end'),
      (error: Error) => run.pending ?? { ...inaction('failure'), error },
    );
    for (;;) {
      const stop = await Promise.race([ended, run.idle.promise]);
      if (stop !== undefined) return stop;
      if (run.at === run.history.length) return inaction('idle');
      run.at++;
      run.idle = deferred();
      setImmediate(run.idle.resolve);
      run.resolve?.();
      run.resolve = undefined;
    }
  }

  #restKey(run: Run, label: string, state: unknown[]): string {
    const { words } = this.#place;
    const known = JSON.stringify(state, (_key, value: unknown) => (value === words ? 'words' : value));
    return `${label} ${run.told} ${run.resolve !== undefined} ${known}`;
  }

  #perform(kind: AccessKind, word: number, value = 0, more: Pick<Access, 'limited' | 'expected'> = {}): number {
    const run = this.#run;
    if (run.at < run.history.length) return run.history[run.at++]!;
    run.pending ??= { kind, word, value, ...more };
    throw BREAK;
  }

  /** A view of shared memory in which plain accesses are accesses too, wherever the source makes them. */
  #words(count: number): Int32Array {
    const bare = new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));
    const isIndex = (key: string | symbol): key is string => typeof key === 'string' && /^-?\d/.test(key);
    return new Proxy(bare, {
      get: (target, key) =>
        isIndex(key) ? this.#perform('loadPlain', Number(key)) : (Reflect.get(target, key, target) as unknown),
      set: (_target, key, value: number) => {
        this.#perform('storePlain', Number(key), value | 0);
        return true;
      },
    });
  }

  #atomics(): object {
    type Words = Int32Array;
    return {
      load: (_: Words, word: number) => this.#perform('loadShared', word),
      store: (_: Words, word: number, value: number) => this.#perform('publish', word, value | 0),
      exchange: (_: Words, word: number, value: number) => this.#perform('exchange', word, value | 0),
      compareExchange: (_: Words, word: number, expected: number, value: number) =>
        this.#perform('compareExchange', word, value | 0, { expected: expected | 0 }),
      notify: (_: Words, word: number) => this.#perform('wake', word),
      wait: (_: Words, word: number, value: number, timeoutMs: number) => {
        return OUTCOMES[this.#perform('wait', word, value, { limited: Number.isFinite(timeoutMs) })];
      },
      waitAsync: (_: Words, word: number, value: number) => {
        const run = this.#run;
        if (run.resolve !== undefined) throw new Error('one waitAsync at a time');
        if (this.#perform('waitAsync', word, value) === NOT_EQUAL) return { async: false, value: 'not-equal' };
        const { promise, resolve } = deferred();
        run.resolve = resolve;
        // Promises that are resolved come first.
        setImmediate(run.idle.resolve);
        return { async: true, value: promise };
      },
    };
  }

  /** Views of bytes, whose accesses are those of the words that they lie in; lengths are multiples of 4 here. */
  #byteArrays(): object {
    const perform = this.#perform.bind(this);
    return class Bytes {
      readonly #atBytes: number;
      readonly length: number;

      constructor(buffer: SharedArrayBuffer, atBytes: number, length = buffer.byteLength - atBytes) {
        this.#atBytes = atBytes;
        this.length = length;
      }

      set(bytes: Uint8Array, at: number): void {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        for (let i = 0; i < bytes.length; i += 4) {
          perform('storePlain', (this.#atBytes + at + i) >> 2, view.getInt32(i, true));
        }
      }

      slice(): Uint8Array {
        const copy = new Uint8Array(this.length);
        const view = new DataView(copy.buffer);
        for (let i = 0; i < this.length; i += 4) {
          view.setInt32(i, perform('loadPlain', (this.#atBytes + i) >> 2), true);
        }
        return copy;
      }

      /** Keeps nothing of its own, so all are the same at rest. */
      toJSON(): string {
        return 'bytes';
      }
    };
  }
}
