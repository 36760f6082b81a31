/** The checker itself, on programs so small that everybody knows what they can do. */
import { describe, expect, it } from 'vitest';
import { explore, type Outcome } from './checker/explore.js';
import { compile, placeOf, type Queues, type Seam, shipped } from './checker/source.js';
import { States } from './checker/states.js';
import { type Program, type Surroundings, Thread } from './checker/thread.js';

const WORDS_MAX = 4;
const WRONG = 'what should not be';

/** What a program here works with: the seam itself, in place of the rings. */
interface Access {
  readonly words: Int32Array;
  readonly atomics: typeof Atomics;
  readonly thread: Surroundings;
}
type Small = (access: Access) => unknown;

const programOf =
  (small: Small): Program =>
  async (thread) => {
    const { Atomics: atomics } = thread.queues as unknown as { Atomics: typeof Atomics };
    await small({ words: thread.place.words, atomics, thread });
  };

/** What two threads can do; `isWrong` is asked about the first words of memory once both have ended. */
const meet = (
  first: Small,
  second: Small,
  isWrong: (...words: number[]) => boolean = () => false,
  rests = true,
): Promise<Outcome> => {
  const threadOf = (small: Small): Thread =>
    new Thread(programOf(small), (seam: Seam) => seam as unknown as Queues, {
      wordCount: WORDS_MAX,
      capacityBytes: 0,
      rests,
    });
  return explore({
    threads: [threadOf(first), threadOf(second)],
    memory: new Int32Array(WORDS_MAX),
    wordsMax: WORDS_MAX,
    nameOf: (word) => `word ${word}`,
    checkEnd: (read) => (isWrong(...Array.from({ length: WORDS_MAX }, (_, word) => read(word))) ? WRONG : undefined),
    isWrong: ({ message }) => message === WRONG,
    statesMax: 10_000,
  });
};

const violation = async (outcome: Promise<Outcome>): Promise<string | undefined> => (await outcome).finding?.violation;

describe('the checker', () => {
  it.each([1, 2, 5, 10])('sees every interleaving of %i accesses of each side', async (count) => {
    const loads: Small = ({ words }) => {
      for (let i = 0; i < count; i++) words[0];
    };
    const { states, steps, finding } = await meet(loads, loads);
    expect(finding).toBeUndefined();
    // The first load of each side is noted by a clock; all others change only where the thread is.
    expect(states).toBe((count + 1) ** 2);
    expect(steps).toBe(2 * count * (count + 1));
  });

  const storesAndLooks =
    (own: number, other: number): Small =>
    ({ words, atomics }) => {
      atomics.store(words, own, 1);
      atomics.store(words, own + 2, atomics.load(words, other) + 1);
    };

  it.each([
    [1, 2, true],
    [2, 1, true],
    [2, 2, true],
    [1, 1, false],
  ])('knows what store and look can see: %i and %i: %s', async (left, right, can) => {
    const outcome = meet(storesAndLooks(0, 1), storesAndLooks(1, 0), (_0, _1, l, r) => l === left && r === right);
    expect(await violation(outcome)).toBe(can ? 'bad end' : undefined);
  });

  it('takes a shared store for an order, and a plain one for a race', async () => {
    const publishes: Small = ({ words, atomics }) => {
      words[0] = 7;
      atomics.store(words, 1, 1);
    };
    const stores: Small = ({ words }) => {
      words[0] = 7;
      words[1] = 1;
    };
    const reads: Small = ({ words, atomics }) => {
      if (atomics.load(words, 1) === 1 && words[0] !== 7) throw new Error(WRONG);
    };
    expect(await violation(meet(publishes, reads))).toBeUndefined();
    expect(await violation(meet(stores, reads))).toBe('data race');
  });

  /** One access of word 3, each by its flavour. */
  const flavours = {
    loadPlain: ({ words }) => words[3],
    loadShared: ({ words, atomics }) => atomics.load(words, 3),
    storePlain: ({ words }) => {
      words[3] = 1;
    },
    storeShared: ({ words, atomics }) => atomics.store(words, 3, 1),
  } satisfies Record<string, Small>;
  const names = Object.keys(flavours) as (keyof typeof flavours)[];
  const pairs = names.flatMap((first) => names.map((second) => ({ first, second })));

  /** The second one goes on only if it was woken: so late that all was done, but that alone orders nothing. */
  const afterWake = (before: Small, after: Small): Promise<Outcome> =>
    meet(
      (access) => {
        const { words, atomics } = access;
        before(access);
        atomics.store(words, 2, 1);
        atomics.notify(words, 2);
      },
      (access) => {
        const { words, atomics } = access;
        if (atomics.wait(words, 2, 0, Number.POSITIVE_INFINITY) === 'ok') after(access);
      },
    );
  const stores: Small = ({ words, atomics }) => {
    words[0] = 7;
    atomics.store(words, 1, 1);
  };

  it.each(pairs)('knows whether $first races with a later $second', async ({ first, second }) => {
    const isStore = first.startsWith('store') || second.startsWith('store');
    const isShared = first.endsWith('Shared') && second.endsWith('Shared');
    const expected = isStore && !isShared ? 'data race' : undefined;
    expect(await violation(afterWake(flavours[first], flavours[second]))).toBe(expected);
  });

  it('remembers a plain access behind a shared one', async () => {
    const { loadPlain, loadShared, storePlain, storeShared } = flavours;
    const both =
      (first: Small, second: Small): Small =>
      (access) => {
        first(access);
        second(access);
      };
    expect(await violation(afterWake(both(loadPlain, loadShared), storeShared))).toBe('data race');
    expect(await violation(afterWake(both(storePlain, storeShared), storeShared))).toBe('data race');
    expect(await violation(afterWake(both(storePlain, storeShared), loadShared))).toBeUndefined();
  });

  it('takes no wake for an order', async () => {
    expect(await violation(afterWake(stores, ({ words }) => words[0]))).toBe('data race');
    expect(
      await violation(afterWake(stores, ({ words, atomics }) => atomics.load(words, 1) && words[0])),
    ).toBeUndefined();
  });

  it('takes a store for unordered that came after the one that was read', async () => {
    const late: Small = ({ words, atomics }) => {
      atomics.store(words, 1, 1);
      words[0] = 7;
    };
    expect(await violation(afterWake(late, ({ words, atomics }) => atomics.load(words, 1) && words[0]))).toBe(
      'data race',
    );
  });

  it('takes a store for unordered that was overwritten before it was read', async () => {
    const overwrites: Small = ({ words, atomics }) => {
      atomics.store(words, 1, 2);
      return atomics.load(words, 1) && words[0];
    };
    expect(await violation(afterWake(stores, overwrites))).toBe('data race');
  });

  const sleeps: Small = ({ words, atomics }) => atomics.wait(words, 0, 0, Number.POSITIVE_INFINITY);

  it('sees who sleeps for good, and who is woken', async () => {
    const wakes: Small = ({ words, atomics }) => atomics.notify(words, 0);
    const storesAndWakes: Small = ({ words, atomics }) => {
      atomics.store(words, 0, 1);
      atomics.notify(words, 0);
    };
    expect(await violation(meet(sleeps, () => undefined))).toBe('lost wake-up');
    expect(await violation(meet(sleeps, wakes))).toBe('lost wake-up');
    expect(await violation(meet(sleeps, storesAndWakes))).toBeUndefined();
  });

  it('sees who sleeps for good on an event loop, and who is woken', async () => {
    const listens: Small = async ({ words, atomics }) => {
      const outcome = atomics.waitAsync(words, 0, 0);
      if (outcome.async && (await outcome.value) !== undefined) throw new Error(WRONG);
      atomics.store(words, 1, 1);
    };
    const stores: Small = ({ words, atomics }) => atomics.store(words, 0, 1);
    const storesAndWakes: Small = (access) => {
      stores(access);
      access.atomics.notify(access.words, 0);
    };
    expect(await violation(meet(listens, stores))).toBe('lost wake-up');
    expect(await violation(meet(listens, storesAndWakes, (_, done) => done !== 1))).toBeUndefined();
  });

  it('does not need a time limit, but lets it pass', async () => {
    const naps: Small = ({ words, atomics }) => {
      if (atomics.wait(words, 0, 0, 1) === 'timed-out') atomics.store(words, 1, 1);
    };
    const storesAndWakes: Small = ({ words, atomics }) => {
      atomics.store(words, 0, 1);
      atomics.notify(words, 0);
    };
    expect(await violation(meet(naps, () => undefined))).toBe('lost wake-up');
    expect(await violation(meet(naps, storesAndWakes, (_, passed) => passed === 1))).toBe('bad end');
  });

  it('sees a thread that spins', async () => {
    const spins: Small = ({ words, atomics, thread }) => {
      do thread.rest('look');
      while (atomics.load(words, 0) === 0);
    };
    const stores: Small = ({ words, atomics }) => atomics.store(words, 0, 1);
    expect(await violation(meet(spins, stores))).toBe('busy loop');
  });

  it('sees two threads that keep each other going', async () => {
    const passes =
      (own: number): Small =>
      ({ words, atomics, thread }) => {
        for (;;) {
          thread.rest('pass');
          if (atomics.load(words, 0) === own) atomics.store(words, 0, 1 - own);
          else {
            atomics.wait(words, 0, 1 - own, Number.POSITIVE_INFINITY);
            continue;
          }
          atomics.notify(words, 0);
        }
      };
    expect(await violation(meet(passes(0), passes(1)))).toBe('no way out');
  });

  it('sees what is shown before it is told', async () => {
    const shows =
      (first: number): Small =>
      ({ words, atomics, thread }) => {
        thread.tell(first);
        atomics.store(words, 0, 1);
        atomics.store(words, 1, 1);
        thread.tell(1);
      };
    const sees: Small = ({ words, atomics, thread }) => {
      if (atomics.load(words, 0) === 1) thread.tell(1);
      atomics.load(words, 2);
    };
    expect(await violation(meet(shows(1), sees))).toBeUndefined();
    expect(await violation(meet(shows(0), sees))).toBe('seen too early');
  });

  it('tells how it got there', async () => {
    const { finding } = await meet(
      ({ words, atomics }) => atomics.store(words, 3, 5),
      ({ words }) => words[3],
    );
    expect(finding).toEqual({
      violation: 'data race',
      message: "the consumer's loadPlain of word 3",
      trace: ['producer: publish word 3 5 -> 0', 'consumer: loadPlain word 3 -> 5'],
    });
  });

  it('finds out a program that does not say all that it knows', async () => {
    const hides: Small = ({ words, atomics, thread }) => {
      const seen = atomics.load(words, 0);
      thread.rest('seen');
      atomics.store(words, 1, seen);
    };
    const stores: Small = ({ words, atomics }) => atomics.store(words, 0, 1);
    await expect(meet(hides, stores)).rejects.toThrow('a program knows more than it says at rest');
    expect((await meet(hides, stores, undefined, false)).finding).toBeUndefined();
  });
});

describe('a set of states', () => {
  it('tells states apart whose hashes are the same', () => {
    // So many rows that some of their 32-bit hashes are the same.
    const COUNT = 400_000;
    const states = new States(2);
    const row = new Int32Array(2);
    for (const round of ['new', 'known']) {
      for (let i = 0; i < COUNT; i++) {
        row[0] = i;
        row[1] = i & 1;
        if (states.add(row) !== i) throw new Error(`${round} state ${i} is taken for another`);
      }
      expect(states.count).toBe(COUNT);
    }
    states.read(COUNT - 1, row);
    expect([...row]).toEqual([COUNT - 1, 1]);
  });
});

describe('the source that is checked', () => {
  it('is all of the folder', () => {
    expect([...shipped.keys()]).toEqual(expect.arrayContaining(['producer.ts', 'consumer.ts', 'memory.ts', 'wait.ts']));
    const seen: string[] = [];
    const atomics = new Proxy({}, { get: (_, name) => void seen.push(String(name)) });
    const queues = compile([])({ Atomics: atomics, Uint8Array });
    expect(Object.keys(queues)).toEqual(expect.arrayContaining(['RecordProducer', 'RecordConsumer', 'Doorbell']));
    expect(seen).toEqual(['pause']);
  });

  const texts = [...shipped].map(([name, text]) => ({ name, text }));

  it('has no names that a renamed field could meet', () => {
    expect(texts.filter(({ text }) => /\$(?!\{)/.test(text))).toEqual([]);
  });

  it('catches nothing, so it cannot catch what breaks a thread off', () => {
    expect(texts.filter(({ text }) => /\b(try|catch|finally)\b\s*[{(]/.test(text))).toEqual([]);
  });

  it('keeps nothing outside of its objects but where a pause goes', () => {
    const variables = texts.flatMap(({ text }) => [...text.matchAll(/^(?:export )?(?:let|var) (\w+)/gm)]);
    expect(variables.map(([, name]) => name)).toEqual(['pauseSink']);
  });

  it('is edited where it says so, once', () => {
    expect(placeOf({ file: 'wait.ts', find: 'let pauseSink', replace: '' })).toBeGreaterThan(0);
    expect(() => placeOf({ file: 'wait.ts', find: 'not there', replace: '' })).toThrow('must match exactly once');
    expect(() => placeOf({ file: 'wait.ts', find: 'pauseSink', replace: '' })).toThrow('must match exactly once');
    expect(() => placeOf({ file: 'none.ts', find: '', replace: '' })).toThrow('there is no none.ts');
    expect(() => compile([{ file: 'wait.ts', find: 'let pauseSink', replace: 'let (' }])).toThrow('does not compile');
  });
});
