import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { any, bytes, f64, type Items, pipeline, type Receiver, StageFailed, type System, text, u32 } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Square } from '../actors/stages.js';
import { finish, lease } from '../support/systems.js';
import { until } from '../support/until.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

const read = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

const rejection = (promise: Promise<unknown>): Promise<StageFailed> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: StageFailed) => error,
  );

/** What an endless source was asked for, and whether it was told that no more is wanted. */
interface Asked {
  pulled: number;
  isReturned: boolean;
}
const asked = (): Asked => ({ pulled: 0, isReturned: false });

const endless = function* (seen: Asked): Generator<number> {
  try {
    for (;;) yield seen.pulled++;
  } finally {
    seen.isReturned = true;
  }
};
const endlessAsync = async function* (seen: Asked): AsyncGenerator<number> {
  try {
    for (;;) yield seen.pulled++;
  } finally {
    seen.isReturned = true;
  }
};
const endlessReadable = (seen: Asked): Readable =>
  new Readable({
    objectMode: true,
    read() {
      this.push(seen.pulled++);
    },
    destroy(error, done) {
      seen.isReturned = true;
      done(error);
    },
  });
const endlessWeb = (seen: Asked): ReadableStream<number> =>
  new ReadableStream({
    pull: (controller) => controller.enqueue(seen.pulled++),
    cancel: () => {
      seen.isReturned = true;
    },
  });

const ENDLESS: readonly (readonly [string, (seen: Asked) => Items<number>])[] = [
  ['a generator', endless],
  ['an async generator', endlessAsync],
  ['a Readable', endlessReadable],
  ['a ReadableStream', endlessWeb],
];

/** Sources that wait for something that never comes. */
const IDLE: readonly (readonly [string, () => Items<number>])[] = [
  ['an async iterable', () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) })],
  ['a Readable', () => new Readable({ objectMode: true, read() {} })],
  ['a ReadableStream', () => new ReadableStream<number>()],
];

/** Two links of 2,048 items, what is in the stage between them, and frames that are being filled. */
const ON_THE_WAY_MAX = 2 * 2_048 + 2 * 128;

const through = async (system: System, items: Items<number>, receiver: Receiver<number>) => {
  const flow = pipeline('through');
  flow.from(items, u32).to(flow.stage(Square)).to(flow.into(receiver, f64));
  return await flow.run(system);
};

describe.each([0, 2])('on %i threads, items come from', (threads) => {
  it.each<[string, () => Items<number>]>([
    ['an array', () => upTo(3_000)],
    ['a set', () => new Set(upTo(3_000))],
    ['a generator', () => upTo(3_000).values()],
    [
      'an async generator',
      async function* () {
        yield* upTo(3_000);
      },
    ],
    ['a Readable', () => Readable.from(upTo(3_000))],
    ['a ReadableStream', () => Readable.toWeb(Readable.from(upTo(3_000))) as ReadableStream<number>],
    [
      'an iterable of thenables',
      () => {
        const items = upTo(3_000).values();
        // biome-ignore lint/suspicious/noThenProperty: not every promise is one of the engine
        const next = () => ({ then: (resolve: (item: unknown) => void) => resolve(items.next()) });
        return { [Symbol.asyncIterator]: () => ({ next }) } as unknown as AsyncIterable<number>;
      },
    ],
  ])('%s', async (_, items) => {
    const system = await lease({ threads });
    const got: number[] = [];
    const job = await through(system, items(), (n) => got.push(n));
    expect((await job.done).outcome).toBe('done');
    expect(got).toEqual(upTo(3_000).map((n) => n * n));
  });

  it('a Readable of bytes, which another stream takes', async () => {
    const system = await lease({ threads });
    const folder = await mkdtemp(join(tmpdir(), 'heddle-edges-'));
    const contents = Buffer.alloc(1_000_000, 'contents ');
    const path = join(folder, 'copy');
    const flow = pipeline('copy');
    flow
      .from(Readable.from(chunksOf(contents, 10_000)) as Readable & AsyncIterable<Uint8Array>, bytes)
      .to(flow.into<Uint8Array>(createWriteStream(path), bytes));
    await (await flow.run(system)).done;
    expect((await readFile(path)).equals(contents)).toBe(true);
    await rm(folder, { recursive: true });
  });

  it('a source that has one now and then, each of which goes on at once', async () => {
    const system = await lease({ threads });
    const through_ = new PassThrough({ objectMode: true });
    const flow = pipeline('slow');
    const squares = flow.from(through_ as AsyncIterable<number>, u32).to(flow.stage(Square));
    const job = await flow.run(system, { output: squares.out });
    const reader = job.output[Symbol.asyncIterator]();
    for (const n of [1, 2, 3]) {
      through_.write(n);
      expect(await reader.next()).toEqual({ done: false, value: n * n });
    }
    through_.end();
    expect((await reader.next()).done).toBe(true);
  });

  it.each(ENDLESS)('%s, only as far as there is room, which is told when the job ends', async (_, items) => {
    const system = await lease({ threads });
    const seen = asked();
    let delivered = 0;
    let over = 0;
    let go: () => void = () => undefined;
    const job = await through(system, items(seen), async () => {
      delivered++;
      over = Math.max(over, seen.pulled - delivered);
      if (delivered % 1_000 === 0) await new Promise<void>((resolve) => (go = resolve));
    });
    for (let round = 1; round <= 5; round++) {
      await until(() => delivered === round * 1_000);
      go();
    }
    await until(() => delivered === 6_000);
    expect(seen.isReturned).toBe(false);
    expect((await job.stop({ mode: 'now' })).outcome).toBe('stopped');
    await until(() => seen.isReturned);
    // The streams have some of their own: 16 objects of a Readable.
    expect(over).toBeLessThanOrEqual(ON_THE_WAY_MAX + 16);
    expect(over).toBeGreaterThan(128);
  });

  it.each(ENDLESS)('%s, which is told when the job fails', async (_, items) => {
    const system = await lease({ threads });
    const seen = asked();
    const job = await through(system, items(seen), (n) => {
      if (n === 400) throw new RangeError('no more');
    });
    const error = await rejection(job.done);
    expect(error).toBeInstanceOf(StageFailed);
    expect(error).toMatchObject({ stage: 'sink', port: 'in', id: 20 });
    expect(error.cause).toMatchObject({ message: 'no more' });
    await until(() => seen.isReturned);
  });

  it.each(ENDLESS)('%s, which is told when nobody reads the output any more', async (_, items) => {
    const system = await lease({ threads });
    const seen = asked();
    const flow = pipeline('left');
    const squares = flow.from(items(seen), u32).to(flow.stage(Square));
    const job = await flow.run(system, { output: squares.out });
    for await (const n of job.output) if (n === 100) break;
    expect((await job.done).outcome).toBe('stopped');
    await until(() => seen.isReturned);
    expect(await read(job.output)).toEqual([]);
  });

  it.each(ENDLESS)('%s, which is told when the system is shut down', async (_, items) => {
    const system = await lease({ threads });
    const seen = asked();
    const flow = pipeline('shut down');
    const squares = flow.from(items(seen), u32).to(flow.stage(Square));
    const job = await flow.run(system, { output: squares.out });
    const reader = job.output[Symbol.asyncIterator]();
    await reader.next();
    await finish(system, 5_000);
    const failed = { code: 'HEDDLE_SYSTEM_STOPPED' };
    await expect(job.done).rejects.toMatchObject(failed);
    await expect(
      (async () => {
        while (!(await reader.next()).done);
      })(),
    ).rejects.toMatchObject(failed);
    await until(() => seen.isReturned);
  });

  it.each(IDLE)('%s that has nothing, without keeping a job that is told to stop', async (_, items) => {
    const system = await lease({ threads });
    const job = await through(system, items(), () => undefined);
    expect((await job.stop()).outcome).toBe('stopped');
  });

  it.each<[string, () => Items<number>]>([
    [
      'a generator',
      function* () {
        yield* upTo(500);
        throw Object.assign(new RangeError('half-way'), { code: 'HALF' });
      },
    ],
    [
      'an async generator',
      async function* () {
        yield* upTo(500);
        throw Object.assign(new RangeError('half-way'), { code: 'HALF' });
      },
    ],
    [
      'a Readable',
      () => {
        let n = 0;
        return new Readable({
          objectMode: true,
          read() {
            if (n < 500) this.push(n++);
            else this.destroy(Object.assign(new RangeError('half-way'), { code: 'HALF' }));
          },
        });
      },
    ],
    [
      'a ReadableStream',
      () => {
        let n = 0;
        return new ReadableStream<number>({
          pull(controller) {
            if (n < 500) controller.enqueue(n++);
            else controller.error(Object.assign(new RangeError('half-way'), { code: 'HALF' }));
          },
        });
      },
    ],
  ])('%s that fails half-way: so does the job, and says why', async (_, items) => {
    const system = await lease({ threads });
    const flow = pipeline('half-way');
    const squares = flow.from(items(), u32, { name: 'halves' }).to(flow.stage(Square));
    const job = await flow.run(system, { output: squares.out });
    const got: number[] = [];
    const error = await rejection(
      (async () => {
        for await (const n of job.output) got.push(n);
      })(),
    );
    expect(error).toBeInstanceOf(StageFailed);
    expect(error).toMatchObject({ stage: 'halves', cause: { message: 'half-way', code: 'HALF' } });
    expect(await rejection(job.done)).toBe(error);
    // What has come out before comes first, and nothing is left out.
    expect(got).toEqual(upTo(got.length).map((n) => n * n));
  });

  it('a Readable that fails before the job runs', async () => {
    const system = await lease({ threads });
    const flow = pipeline('early');
    const readable = new Readable({ read() {} });
    flow.from(readable as Readable & AsyncIterable<Uint8Array>, bytes).to(flow.into(() => undefined, bytes));
    readable.destroy(new RangeError('early'));
    await new Promise((resolve) => readable.once('close', resolve));
    expect(await rejection((await flow.run(system)).done)).toMatchObject({
      stage: 'source',
      cause: { message: 'early' },
    });
  });

  it('a source whose end throws, which nobody can do anything about', async () => {
    const system = await lease({ threads });
    const sources: Items<number>[] = [
      (function* () {
        try {
          for (;;) yield 1;
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: what is not to be done
          throw new Error('at the end');
        }
      })(),
      (async function* () {
        try {
          for (;;) yield 1;
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: what is not to be done
          throw new Error('at the end');
        }
      })(),
    ];
    for (const items of sources) {
      let delivered = 0;
      const job = await through(system, items, () => delivered++);
      await until(() => delivered > 0);
      expect((await job.stop({ mode: 'now' })).outcome).toBe('stopped');
    }
  });

  it('an iterator that has ended, which is not told to', async () => {
    const system = await lease({ threads });
    let returns = 0;
    const items = upTo(3).values();
    const iterator = { next: () => items.next(), return: () => ({ done: true, value: returns++ }) as const };
    const job = await through(system, { [Symbol.iterator]: () => iterator }, () => undefined);
    await job.done;
    await finish(system);
    expect(returns).toBe(0);
  });
});

function* chunksOf(contents: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < contents.length; at += size) yield contents.subarray(at, at + size);
}

/** A Writable that is done with an item when it is told. */
class Gate extends Writable {
  readonly got: unknown[] = [];
  isFinished = false;
  #done: (() => void) | undefined;

  constructor() {
    super({ objectMode: true, highWaterMark: 4 });
  }

  override _write(item: unknown, _: BufferEncoding, done: () => void): void {
    this.got.push(item);
    this.#done = done;
  }

  override _final(done: () => void): void {
    this.isFinished = true;
    done();
  }

  pass(): void {
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }
}

describe.each([0, 2])('on %i threads, items go to', (threads) => {
  it('a Writable, as fast as it is, and then it ends', async () => {
    const system = await lease({ threads });
    const gate = new Gate();
    const seen = asked();
    const items = function* () {
      while (seen.pulled < 5_000) yield seen.pulled++;
    };
    const job = await through(system, items(), gate);
    let over = 0;
    for (let count = 1; count <= 5_000; count++) {
      await until(() => gate.got.length === count);
      over = Math.max(over, seen.pulled - count);
      gate.pass();
    }
    await job.done;
    expect(gate.isFinished).toBe(true);
    expect(gate.got).toEqual(upTo(5_000).map((n) => n * n));
    expect(over).toBeLessThanOrEqual(ON_THE_WAY_MAX + 4);
  });

  it('a WritableStream, as fast as it is, and then it is closed', async () => {
    const system = await lease({ threads });
    const got: number[] = [];
    const seen = asked();
    let isClosed = false;
    let over = 0;
    const items = function* () {
      while (seen.pulled < 5_000) yield seen.pulled++;
    };
    const stream = new WritableStream<number>({
      async write(n) {
        got.push(n);
        over = Math.max(over, seen.pulled - got.length);
        if (got.length % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      },
      close: () => {
        isClosed = true;
      },
    });
    await (await through(system, items(), stream)).done;
    expect(got).toEqual(upTo(5_000).map((n) => n * n));
    expect(isClosed).toBe(true);
    expect(over).toBeLessThanOrEqual(ON_THE_WAY_MAX + 1);
  });

  it('an async function, one after the other', async () => {
    const system = await lease({ threads });
    let inside = 0;
    let most = 0;
    const got: number[] = [];
    const job = await through(system, upTo(200), async (n) => {
      most = Math.max(most, ++inside);
      await undefined;
      got.push(n);
      inside--;
    });
    await job.done;
    expect(most).toBe(1);
    expect(got).toEqual(upTo(200).map((n) => n * n));
  });

  it('an async function that rejects: the job fails, with the item that it was', async () => {
    const system = await lease({ threads });
    const job = await through(system, upTo(200), async (n) => {
      await undefined;
      if (n === 81) throw new RangeError('nine');
    });
    expect(await rejection(job.done)).toMatchObject({ stage: 'sink', port: 'in', id: 9, cause: { message: 'nine' } });
  });

  it.each<[string, () => Receiver<number>]>([
    [
      'a Writable that fails',
      () => {
        let count = 0;
        return new Writable({
          objectMode: true,
          write: (_item, _encoding, done) => done(++count === 10 ? new RangeError('full') : null),
        });
      },
    ],
    [
      'a Writable that fails while it is waited for',
      () =>
        new Writable({
          objectMode: true,
          highWaterMark: 1,
          write: (_item, _encoding, done) => setImmediate(() => done(new RangeError('full'))),
        }),
    ],
    [
      'a Writable that is closed while it is waited for',
      () => {
        const stream: Writable = new Writable({
          objectMode: true,
          highWaterMark: 1,
          write: () => setImmediate(() => stream.destroy()),
        });
        return stream;
      },
    ],
    [
      'a Writable that somebody else ends',
      () => {
        const stream: Writable = new Writable({
          objectMode: true,
          write: (_item, _encoding, done) => {
            stream.end();
            done();
          },
        });
        return stream;
      },
    ],
    [
      'a Writable that does not take what the items are',
      () => new Writable({ write: (_item, _encoding, done) => done() }),
    ],
    [
      'a WritableStream that fails',
      () => {
        let count = 0;
        return new WritableStream<number>({
          write: () => {
            if (++count === 10) throw new RangeError('full');
          },
        });
      },
    ],
    [
      'a WritableStream that failed before',
      () => new WritableStream<number>({ start: (controller) => controller.error(new RangeError('full')) }),
    ],
  ])('%s: the job fails, and the source is told', async (_, receiver) => {
    const system = await lease({ threads });
    const seen = asked();
    const job = await through(system, endless(seen), receiver());
    const error = await rejection(job.done);
    expect(error).toBeInstanceOf(StageFailed);
    expect(error.stage).toBe('sink');
    // A generator that has not begun has nothing to end.
    await until(() => seen.isReturned || seen.pulled === 0);
  });

  it.each<[string, (fail: { now(): void }) => Receiver<number>]>([
    [
      'a Writable',
      (fail) => {
        const stream = new Writable({ objectMode: true, write: (_item, _encoding, done) => done() });
        fail.now = () => stream.destroy(new RangeError('gone'));
        return stream;
      },
    ],
    [
      'a WritableStream',
      (fail) =>
        new WritableStream<number>({
          start: (controller) => {
            fail.now = () => controller.error(new RangeError('gone'));
          },
        }),
    ],
  ])('%s that fails while there is nothing to take: the job does not wait for more', async (_, receiver) => {
    const system = await lease({ threads });
    const source = new PassThrough({ objectMode: true });
    const fail: { now(): void } = { now: () => undefined };
    const job = await through(system, source as AsyncIterable<number>, receiver(fail));
    source.write(1);
    await until(() => job.counters().stages['sink']!.taken === 1);
    fail.now();
    expect(await rejection(job.done)).toMatchObject({ stage: 'sink', cause: { message: 'gone' } });
    await until(() => source.destroyed);
  });

  it('a Writable and a WritableStream that are not ended if the job fails', async () => {
    const system = await lease({ threads });
    const gate = new Gate();
    let aborted: unknown;
    const web = new WritableStream<number>({
      abort: (reason) => {
        aborted = reason;
      },
    });
    const flow = pipeline('failing');
    const failing = function* () {
      yield 1;
      throw new RangeError('source');
    };
    flow.from(failing(), u32, { name: 'first' }).to(flow.into(gate, u32, { name: 'node' }));
    flow.from(failing(), u32, { name: 'second' }).to(flow.into(web, u32, { name: 'web' }));
    await rejection((await flow.run(system)).done);
    expect(gate.isFinished).toBe(false);
    expect(gate.destroyed).toBe(true);
    await until(() => aborted !== undefined);
    expect(aborted).toMatchObject({ name: 'AbortError' });
  });

  it('the output of the process, which stays open', async () => {
    const system = await lease({ threads });
    const listeners = process.stdout.listenerCount('drain');
    const flow = pipeline('printing');
    flow.from([''], text).to(flow.into(process.stdout, text));
    await (await flow.run(system)).done;
    expect(process.stdout.writableEnded).toBe(false);
    expect(process.stdout.listenerCount('drain')).toBe(listeners);
  });
});

describe.each([0, 2])('on %i threads, the output of a job', (threads) => {
  it('has what it is, also if that is undefined', async () => {
    const system = await lease({ threads });
    const flow = pipeline('any');
    const job = await flow.run(system, { output: flow.from([1, undefined, null, undefined], any()).out });
    expect(await read(job.output)).toEqual([1, undefined, null, undefined]);
  });

  it('waits for whoever reads it', async () => {
    const system = await lease({ threads });
    const seen = asked();
    const flow = pipeline('slow reader');
    const squares = flow.from(endless(seen), u32).to(flow.stage(Square));
    const job = await flow.run(system, { output: squares.out });
    let count = 0;
    let over = 0;
    for await (const n of job.output) {
      expect(n).toBe(count * count);
      count++;
      if (count % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      over = Math.max(over, seen.pulled - count);
      if (count === 4_000) break;
    }
    expect(over).toBeLessThanOrEqual(ON_THE_WAY_MAX + 256);
    await job.done;
  });

  it('is shared by those who read it at the same time', async () => {
    const system = await lease({ threads });
    const flow = pipeline('two readers');
    const job = await flow.run(system, { output: flow.from(upTo(1_000), u32).out });
    const got = await Promise.all([read(job.output), read(job.output)]);
    expect(got.flat().sort((a, b) => a - b)).toEqual(upTo(1_000));
  });
});

const COUNT = 30_000;

describe('in an acknowledged pipeline', () => {
  it.each<[string, (seen: Asked) => Items<number>]>([
    ['a generator', endless],
    ['an async generator', endlessAsync],
    [
      'an async generator that takes its time',
      async function* (seen) {
        for (;;) {
          if (seen.pulled % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
          yield seen.pulled++;
        }
      },
    ],
  ])('%s is asked once for each item, and each is given again until it is done', async (_, items) => {
    const system = await lease({ threads: 1, strict: false });
    const seen = asked();
    const got = new Set<number>();
    const flow = pipeline('again', { acknowledged: true });
    const limited = async function* () {
      for await (const n of items(seen)) {
        if (n === COUNT) return;
        yield n;
      }
    };
    flow
      .from(limited(), u32)
      .to(flow.stage(Square, undefined, { place: 1 }))
      .to(flow.into((n: number) => got.add(n), f64));
    const job = await flow.run(system);
    for (let kills = 1; kills <= 3; kills++) {
      const { size } = got;
      await until(() => got.size > size + 500);
      await system.terminate(1);
    }
    const { recoveries } = await job.done;
    expect(recoveries).toBeGreaterThan(0);
    expect(seen.pulled).toBe(COUNT + 1);
    expect([...got].sort((a, b) => a - b)).toEqual(upTo(COUNT).map((n) => n * n));
  });
});

describe('an edge', () => {
  it.each([5, null, undefined, {}])('is refused if nothing can be read from it: %j', (items) => {
    expect(() => pipeline('bad').from(items as never, u32)).toThrow(
      expect.objectContaining({ code: 'HEDDLE_INVALID_OPTIONS' }),
    );
  });

  it.each([5, null, undefined, {}, 'text'])('is refused if nothing can be given to it: %j', (receiver) => {
    expect(() => pipeline('bad').into(receiver as never, u32)).toThrow(
      expect.objectContaining({ code: 'HEDDLE_INVALID_OPTIONS' }),
    );
  });

  it('takes the characters of a text for items', async () => {
    const system = await lease({ threads: 0 });
    const flow = pipeline('text');
    const job = await flow.run(system, { output: flow.from('añ😀', text).out });
    expect(await read(job.output)).toEqual(['a', 'ñ', '😀']);
  });

  it('that reads the output is as new if the flow could not run', async () => {
    const system = await lease({ threads: 0 });
    const flow = pipeline('mended');
    const numbers = flow.from([3], u32);
    const square = flow.stage(Square);
    await expect(flow.run(system, { output: square.out })).rejects.toMatchObject({ code: 'HEDDLE_INVALID_FLOW' });
    numbers.to(square);
    expect(await read((await flow.run(system, { output: square.out })).output)).toEqual([9]);
  });

  it('is used up by the job that it was in', async () => {
    const system = await lease({ threads: 0 });
    const flow = pipeline('twice');
    flow.from([1], u32).to(flow.into(() => undefined, u32));
    await (await flow.run(system)).done;
    const error = await rejection(flow.run(system));
    expect(error.cause).toMatchObject({ code: 'HEDDLE_INVALID_FLOW' });
  });
});
