/** The trace of a caller, as its calls carry it. */
import { createSystem, type RefOf, type System, traceparent, withTraceparent } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Traced } from '../actors/traced.js';
import { expectRefusal, refusal, thrown } from '../support/refusals.js';
import { finish, start } from '../support/systems.js';

const W3C = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const spawnOn = (system: System, ...places: number[]): Promise<RefOf<typeof Traced>[]> =>
  Promise.all(places.map((place) => system.spawn(Traced, undefined, { place })));

describe.each([
  ['that checks everything', true],
  ['as usual', false],
])('in a system %s, the trace of a caller', (_name, strict) => {
  const begin = (options: object = {}): Promise<System> =>
    start({ threads: 2, strict, traceContext: true, ...options });

  it.each([0, 1])('is that of the handler (thread %i)', async (place) => {
    const system = await begin();
    const [traced] = await spawnOn(system, place);
    expect(await withTraceparent(W3C, () => traced!.tell())).toBe(W3C);
    expect(await traced!.tell()).toBeUndefined();
    expect(traceparent()).toBeUndefined();
  });

  it('goes on from thread to thread, over awaits', async () => {
    const system = await begin();
    const [first, ...others] = await spawnOn(system, 1, 2, 2, 1, 0, 0, 1);
    const told = await withTraceparent(W3C, () => first!.chain({ others }));
    expect(told).toEqual(Array.from({ length: 7 }, () => W3C));
  });

  it('goes on where the answer is given later', async () => {
    const system = await begin();
    const [first, second] = await spawnOn(system, 1, 2);
    expect(await withTraceparent(W3C, () => first!.later({ of: second! }))).toBe(W3C);
  });

  it('does not mix with others, whatever is under way at once', async () => {
    const system = await begin();
    const all = await spawnOn(system, 0, 1, 2);
    const names = Array.from({ length: 300 }, (_, index) => (index % 3 === 0 ? undefined : `trace ${index}`));
    const told = names.map((name, index) => {
      const traced = all[index % all.length]!;
      // Calls to one actor wait in its mailbox, each for those before it.
      const call = (): Promise<unknown> => (index % 2 === 0 ? traced.slow({ turns: index % 5 }) : traced.tell());
      return name === undefined ? call() : withTraceparent(name, call);
    });
    expect(await Promise.all(told)).toEqual(names);
  });

  it('comes with messages that travel in pieces, and with those that are read where they lie', async () => {
    const system = await begin({ ringBytes: 4096 });
    const [remote, local] = await spawnOn(system, 1, 0);
    const content = new Uint8Array(1 << 20);
    const small = content.subarray(0, 10);
    for (const traced of [remote!, local!]) {
      const told = [
        withTraceparent('first', () => traced.large({ content })),
        withTraceparent('second', () => traced.tell()),
        withTraceparent('third', () => traced.large({ content })),
        traced.large({ content }),
        withTraceparent('fourth', () => traced.seen({ content: small })),
        traced.seen({ content: small }),
      ];
      expect(await Promise.all(told)).toEqual(['first', 'second', 'third', undefined, 'fourth', undefined]);
    }
  });

  it('waits for actors that are not born yet', async () => {
    const system = await begin();
    const unborn = [0, 1].map((place) => system.spawnNow(Traced, undefined, { place }));
    const told = unborn.map((traced) => withTraceparent(W3C, () => traced.tell()));
    expect(await Promise.all(told)).toEqual([W3C, W3C]);
  });

  it('may be any text of up to 512 characters', async () => {
    const system = await begin({ ringBytes: 4096 });
    const [remote, local] = await spawnOn(system, 1, 0);
    for (const text of ['x', 'é\ud800'.repeat(100), '😀'.repeat(256), 'x'.repeat(401)]) {
      for (const traced of [remote!, local!]) {
        // As a reply the text is made well-formed.
        expect(await withTraceparent(text, () => traced.tell())).toBe(text.toWellFormed());
      }
    }
  });

  it('does not come with casts', async () => {
    const system = await begin();
    for (const traced of await spawnOn(system, 0, 1)) {
      withTraceparent(W3C, () => traced.cast());
      expect(await traced.fromCast()).toBe('none');
    }
  });

  it('is there when a handler fails, and gone for the next', async () => {
    const system = await begin();
    for (const traced of await spawnOn(system, 0, 1)) {
      const failed = withTraceparent(W3C, () => traced.fail());
      await expect(failed).rejects.toMatchObject({ cause: { message: `in ${W3C}` } });
    }
  });

  describe('is not taken by a later call of the same number', () => {
    type Fate = (traced: RefOf<typeof Traced>, system: System) => Promise<unknown>;
    const fates: readonly [string, string, Fate][] = [
      ['is refused', 'INVALID_MESSAGE', (traced) => traced.chain({ others: ['nobody'] as never })],
      [
        'finds its actor gone',
        'NO_SUCH_ACTOR|ACTOR_STOPPED',
        async (traced, system) => {
          await system.kill(traced);
          return withTraceparent(W3C, () => traced.tell());
        },
      ],
      [
        'waits when its actor ends',
        'ACTOR_STOPPED',
        async (traced, system) => {
          const [hold, waiting] = [traced.slow({ turns: 1_000_000 }), traced.tell()];
          // Whoever is asked next is so after these have arrived.
          const other = await system.spawn(Traced, undefined, { place: { near: traced } });
          await other.tell();
          void system.kill(traced);
          await Promise.allSettled([hold, waiting]);
          return waiting;
        },
      ],
      [
        'is too late',
        'CALL_TIMEOUT',
        async (traced) => {
          const busy = traced.slow({ turns: 1000 });
          const late = traced.tell({}, { timeoutMs: 0 });
          await Promise.allSettled([busy, late]);
          return late;
        },
      ],
    ];

    it.each(fates)('where its own %s', async (_fate, code, meet) => {
      const system = await begin();
      for (const place of [0, 1]) {
        const [traced, other] = await spawnOn(system, place, place);
        const met = withTraceparent(W3C, () => meet(traced!, system));
        await expect(met).rejects.toMatchObject({ code: expect.stringMatching(code) });
        // The numbers of calls come round after some two thousand at each place of their table.
        for (let round = 0; round < 2500; round++) {
          const told = await Promise.all([other!, other!, other!].map((asked) => asked.tell()));
          expect(told).toEqual([undefined, undefined, undefined]);
        }
      }
    });
  });
});

describe('a system', () => {
  it('does not send traces unless it is asked to', async () => {
    const system = await start({ threads: 1 });
    for (const traced of await spawnOn(system, 0, 1)) {
      expect(await withTraceparent(W3C, () => traced.tell())).toBeUndefined();
    }
  });

  it('is in no trace itself, whoever makes it', async () => {
    const system = await withTraceparent(W3C, () => createSystem({ threads: 1, traceContext: true, strict: true }));
    for (const traced of await spawnOn(system, 0, 1)) expect(await traced.tell()).toBeUndefined();
    await finish(system);
  });

  it('has traces as ever when a thread has been replaced', async () => {
    const system = await start({ threads: 2, traceContext: true });
    const [first, second] = await spawnOn(system, 1, 2);
    const held = withTraceparent(W3C, () => first!.hold()).catch((error: unknown) => error);
    expect(await withTraceparent(W3C, () => first!.later({ of: second! }))).toBe(W3C);
    await system.terminate(1);
    expect(await held).toMatchObject({ code: 'HEDDLE_THREAD_LOST' });
    const [again] = await spawnOn(system, 1);
    expect(await again!.chain({ others: [second!] })).toEqual(['none', 'none']);
    expect(await withTraceparent(W3C, () => again!.chain({ others: [second!] }))).toEqual([W3C, W3C]);
  });
});

describe('withTraceparent', () => {
  it('gives what its function gives, and restores what was before', () => {
    const inner = withTraceparent('outer', () => [withTraceparent('inner', traceparent), traceparent()]);
    expect(inner).toEqual(['inner', 'outer']);
    expect(traceparent()).toBeUndefined();
    expect(() =>
      withTraceparent('x', () => {
        throw new RangeError('passes');
      }),
    ).toThrow(RangeError);
  });

  it.each(['', 'x'.repeat(513), 12, undefined, null])('refuses %j', (value) => {
    expectRefusal(
      thrown(() => withTraceparent(value as string, () => undefined)),
      refusal('InvalidOptions', /^withTraceparent: a traceparent is a text of 1 to 512 characters, got=/),
    );
  });
});
