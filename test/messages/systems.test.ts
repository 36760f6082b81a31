/** The door in whole systems: to an actor of another thread, and to one of the same. */
import { type CallOptions, InvalidMessage, type RefOf, type SystemOptions } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Keeper } from '../actors/keeper.js';
import { Ping } from '../actors/ping.js';
import { Pong } from '../actors/pong.js';
import { finish, quiet, start } from '../support/systems.js';

const ways: [name: string, options: SystemOptions][] = [
  ['across threads', { threads: 1, strict: false }],
  ['on one thread', { threads: 0, strict: false }],
  ['across threads, strict', { threads: 1 }],
  ['on one thread, strict', { threads: 0 }],
];

type KeeperRef = RefOf<typeof Keeper>;
type Sloppy = Record<'flat' | 'nested' | 'maybe', (message: unknown) => void> &
  Record<'ask' | 'wrong', (message: unknown, options?: CallOptions) => Promise<unknown>>;

/** The same ref, for messages that TypeScript would not let through. */
const sloppy = (ref: KeeperRef): Sloppy => ref as unknown as Sloppy;

const thrownBy = (send: () => void): InvalidMessage => {
  try {
    send();
  } catch (error) {
    if (error instanceof InvalidMessage) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe.each(ways)('a message that is refused %s', (_name, options) => {
  it('is handed back, is not counted, and the next one arrives intact', async () => {
    const system = await start(options);
    const keeper = await system.spawn(Keeper);
    const before = system.counters().accepted;
    const cases: [name: 'flat' | 'nested' | 'maybe', message: unknown, said: string][] = [
      ['flat', { n: 1, t: 12 }, 'Keeper.flat: t: expected text, got number 12'],
      ['flat', { n: 0.5, t: '' }, 'Keeper.flat: n: expected i32, got number 0.5'],
      [
        'nested',
        { n: 1, lines: [{ price: 1 }, { price: '2' }] },
        'Keeper.nested: lines[1].price: expected f64, got string "2"',
      ],
      [
        'nested',
        { n: 1, lines: [], v: [() => 1] },
        'Keeper.nested: v[0]: expected a value that can travel, got a function',
      ],
      ['maybe', { n: 1, note: { t: 'x' } }, 'Keeper.maybe: note.raw: expected bytes, got nothing'],
    ];
    for (const [name, message, said] of cases) {
      const error = thrownBy(() => sloppy(keeper)[name](message));
      expect(error.message).toBe(said);
      expect(error.refused === message).toBe(true);
      keeper.flat({ n: 7, t: 'seven' });
    }
    expect(await keeper.kept()).toEqual(cases.map(() => ({ n: 7, t: 'seven' })));
    await quiet(system);
    expect(system.counters().accepted - before).toBe(cases.length + 1);
  });

  it('rejects its call, and no other', async () => {
    const system = await start(options);
    const keeper = await system.spawn(Keeper);
    const before = system.counters().accepted;
    const message = { n: 1, v: { deep: [Symbol('x')] } };
    const refused = sloppy(keeper).ask(message);
    const answered = keeper.ask({ n: 2, v: 'x' });
    await expect(refused).rejects.toMatchObject({
      message: 'Keeper.ask: v.deep[0]: expected a value that can travel, got a symbol',
      refused: message,
    });
    expect(await answered).toBe('x');
    expect(system.counters().accepted - before).toBe(1);
  });

  it('may be the reply: the caller hears what was wrong', async () => {
    const system = await start(options);
    for (const [kind, said] of [
      ['none', 'n: expected i32, got nothing'],
      ['field', 'n: expected i32, got string "1"'],
      ['tag', 'tags[0]: expected text, got number 2'],
    ] as const) {
      const keeper = await system.spawn(Keeper);
      await expect(keeper.wrong({ kind })).rejects.toMatchObject({
        code: 'HEDDLE_ACTOR_FAILED',
        cause: { code: 'HEDDLE_INVALID_MESSAGE', message: `Keeper.wrong reply: ${said}` },
      });
    }
  });
});

describe.each(ways)('a message whose accessor sends another, %s', (_name, options) => {
  it('arrives, and so does the other', async () => {
    const system = await start(options);
    const keeper = await system.spawn(Keeper);
    const inner = { n: 1, lines: [{ price: 2 }], v: [3] };
    const accessor = {
      get price() {
        keeper.nested(inner);
        expect(() => sloppy(keeper).nested({ n: 1, lines: [], v: () => 1 })).toThrow(InvalidMessage);
        return 4;
      },
    };
    const flat = (n: number): unknown => ({
      n,
      get t() {
        keeper.flat({ n, t: 'inside' });
        return 'outside';
      },
    });
    const asking = {
      n: 3,
      get v() {
        sloppy(keeper).flat(flat(2));
        return 'v';
      },
    };
    sloppy(keeper).flat(flat(1));
    sloppy(keeper).nested({ n: 2, lines: [accessor, { price: 5 }], v: { a: 6 } });
    expect(await keeper.ask(asking)).toBe('v');
    const kept = await keeper.kept();
    // An accessor is read again when its message has to be written again.
    const different = [...new Map(kept.map((message) => [JSON.stringify(message), message])).values()];
    expect(different).toEqual([
      { n: 1, t: 'inside' },
      { n: 1, t: 'outside' },
      inner,
      { n: 2, lines: [{ price: 4 }, { price: 5 }], v: { a: 6 } },
      { n: 2, t: 'inside' },
      { n: 2, t: 'outside' },
    ]);
    expect(kept.filter((message) => 'v' in (message as object) && (message as { n: number }).n === 2)).toHaveLength(1);
  });

  it('is refused alone when its accessor throws', async () => {
    const system = await start(options);
    const keeper = await system.spawn(Keeper);
    const inner: Promise<unknown>[] = [];
    const message = {
      n: 1,
      get v() {
        inner.push(keeper.ask({ n: 2, v: 'inner' }));
        throw new Error('not today');
      },
    };
    const error = await sloppy(keeper)
      .ask(message)
      .catch((thrown: unknown) => thrown as InvalidMessage);
    expect(error).toBeInstanceOf(InvalidMessage);
    expect((error as InvalidMessage).refused === message).toBe(true);
    expect((error as InvalidMessage).message).toContain('Keeper.ask: v: expected a value, got something that throws');
    expect(new Set(await Promise.all(inner))).toEqual(new Set(['inner']));
  });
});

describe.each(ways)('messages %s', (_name, options) => {
  it('may leave out an optional record with texts and bytes', async () => {
    const system = await start(options);
    const keeper = await system.spawn(Keeper);
    keeper.maybe({ n: 1 });
    keeper.maybe({ n: 2, note: { t: 'é', raw: Buffer.of(1, 2) } });
    expect(await keeper.kept()).toEqual([
      { n: 1, note: undefined },
      { n: 2, note: { t: 'é', raw: Uint8Array.of(1, 2) } },
    ]);
  });

  it('carry texts of every length around the size of a record', async () => {
    const system = await start({ ...options, ringBytes: 1 << 15 });
    const keeper = await system.spawn(Keeper);
    const recordBytes = (1 << 15) / 8;
    const texts = [0, 16, 32, 33, 4096, recordBytes, 2 * recordBytes].flatMap((length) =>
      Array.from({ length: 5 }, (_, i) => Math.max(0, length - 2 + i)).flatMap((n) => [
        'a'.repeat(n),
        '€'.repeat(n / 3),
      ]),
    );
    for (const [n, t] of texts.entries()) {
      await system.room(keeper);
      keeper.flat({ n, t });
      if (n % 2 === 0) continue;
      await system.room(keeper);
      keeper.nested({ n, lines: [], v: { [t]: t } });
    }
    const kept = await keeper.kept();
    const sent = texts.flatMap((t, n) =>
      n % 2 === 0
        ? [{ n, t }]
        : [
            { n, t },
            { n, lines: [], v: { [t]: t } },
          ],
    );
    expect(kept).toEqual(sent);
    expect((await finish(system)).dead).toBe(0);
  });

  it('hold refs both ways between two actors', async () => {
    const system = await start(options);
    const place = options.threads === 0 ? 'host' : 1;
    const ping = await system.spawn(Ping, undefined, { place: 'host' });
    const pong = await system.spawn(Pong, undefined, { place });
    expect(await ping.play({ with: pong, rounds: 5 })).toBe(5);
    await expect(ping.play({ with: ping as never, rounds: 1 })).rejects.toThrow('with: expected a ref to Pong');
  });
});
