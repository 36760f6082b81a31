import { createHash } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  type FileRange,
  fileRange,
  fileRanges,
  type NodeOptions,
  pipeline,
  type RangeOptions,
  type ReadOptions,
  readBytes,
  readLines,
  StageFailed,
  type System,
  text,
} from 'heddle';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effort } from '../support/effort.js';
import { lease } from '../support/systems.js';
import { until } from '../support/until.js';

let folder: string;
let files = 0;
const fileOf = async (contents: string | Uint8Array): Promise<string> => {
  const path = join(folder, `file-${files++}`);
  await writeFile(path, contents);
  return path;
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

const read = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

const rangesOf = async (system: System, options: RangeOptions): Promise<FileRange[]> => {
  const flow = pipeline('ranges');
  const ranges = flow.stage(fileRanges, options);
  const job = await flow.run(system, { output: ranges.out });
  return await read(job.output);
};

const linesOf = async (
  system: System,
  options: RangeOptions,
  reading?: ReadOptions,
  node: NodeOptions = { parallel: 2, ordered: true },
): Promise<string[]> => {
  const flow = pipeline('lines');
  const lines = flow.stage(fileRanges, options).to(flow.stage(readLines, reading, node));
  const job = await flow.run(system, { output: lines.out });
  return await read(job.output);
};

/** What the lines of a text are: a newline at its end begins none. */
const split = (contents: string): string[] => {
  const lines = contents.split('\n');
  const last = lines.pop()!;
  const ended = lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  return last === '' ? ended : [...ended, last];
};

const openFiles = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // Closed since.
      return [];
    }
  });

const rejection = (promise: Promise<unknown>): Promise<StageFailed> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: StageFailed) => error,
  );

describe.each([0, 2])('files on %i threads', (threads) => {
  it('are divided into ranges that cover them, an empty one into an empty range', async () => {
    const system = await lease({ threads });
    const paths = await Promise.all(['x'.repeat(10), '', 'x'.repeat(4), 'x'.repeat(8)].map(fileOf));
    const ranges = await rangesOf(system, { paths, rangeBytes: 4 });
    const inFile = (index: number): [number, number][] =>
      ranges.filter(({ path }) => path === paths[index]).map(({ from, to }) => [from, to]);
    expect(paths.map((_, index) => inFile(index))).toEqual([
      [[0, 4], [4, 8], [8, 10]],
      [[0, 0]],
      [[0, 4]],
      [[0, 4], [4, 8]],
    ]); // biome-ignore format: one file to one line
    expect(ranges.map(({ path }) => paths.indexOf(path))).toEqual([0, 0, 0, 1, 2, 3, 3]);
  });

  it('are read line by line, as if they were split, however they are divided', async () => {
    const system = await lease({ threads });
    const part = fc.constantFrom('\n', '\r\n', '\r', 'a', 'é', '漢', '😀', 'word', '\n\n', '\u2028', '');
    const contents = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(
        contents,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 9 }),
        async (whole, rangeBytes, chunkBytes) => {
          const path = await fileOf(whole);
          expect(await linesOf(system, { paths: [path], rangeBytes }, { chunkBytes })).toEqual(split(whole));
        },
      ),
      { numRuns: effort(60, 2_000) },
    );
  });

  it('have every line once, in the order of the files, with the sizes that there are by default', async () => {
    const system = await lease({ threads });
    const first = Array.from({ length: 1_000 }, (_, n) => `first ${n}`);
    const second = Array.from({ length: 1_000 }, (_, n) => `second ${n} ${'é'.repeat(n)}`);
    const paths = [await fileOf(first.join('\n')), await fileOf(''), await fileOf(`${second.join('\r\n')}\r\n`)];
    expect(await linesOf(system, { paths })).toEqual([...first, ...second]);
  });

  it('give the bytes of their ranges, each where it is', async () => {
    const system = await lease({ threads });
    const contents = Uint8Array.from({ length: 1_000 }, (_, n) => n);
    const paths = [await fileOf(contents), await fileOf('')];
    const flow = pipeline('bytes');
    const reader = flow.stage(readBytes, { chunkBytes: 30 }, { parallel: 2 });
    flow.stage(fileRanges, { paths, rangeBytes: 100 }).to(reader);
    const job = await flow.run(system, { output: reader.out });
    const chunks = await read(job.output);
    const ofFirst = chunks.filter(({ path }) => path === paths[0]).sort((a, b) => a.at - b.at);
    expect(ofFirst.map(({ at }) => at)).toEqual(
      Array.from({ length: 40 }, (_, n) => 100 * Math.floor(n / 4) + 30 * (n % 4)),
    );
    expect(Buffer.concat(ofFirst.map(({ bytes }) => bytes))).toEqual(Buffer.from(contents));
    expect(chunks.filter(({ path }) => path === paths[1])).toEqual([
      { path: paths[1], at: 0, bytes: new Uint8Array() },
    ]);
  });

  it('that are missing fail the source, or are skipped', async () => {
    const system = await lease({ threads });
    const paths = [await fileOf('one'), join(folder, 'missing'), folder, await fileOf('two')];
    const failing = pipeline('missing');
    failing.stage(fileRanges, { paths }).out.discard();
    const error = await rejection((await failing.run(system)).done);
    expect(error).toBeInstanceOf(StageFailed);
    expect(error).toMatchObject({ stage: 'fileRanges', cause: { code: 'ENOENT' } });
    expect(error.message).toContain(paths[1]);

    const skipping = pipeline('skipping');
    const lines = skipping.stage(fileRanges, { paths }, { onError: 'skip' }).to(skipping.stage(readLines));
    const job = await skipping.run(system, { output: lines.out });
    const failures = read(job.failures);
    expect(await read(job.output)).toEqual(['one', 'two']);
    expect((await job.done).outcome).toBe('done');
    expect((await failures).map(({ stage, code }) => [stage, code])).toEqual([
      ['fileRanges', 'ENOENT'],
      ['fileRanges', 'HEDDLE_INVALID_OPTIONS'],
    ]);
  });

  it('that are missing, and then there, are tried again by a policy that says so', async () => {
    const system = await lease({ threads });
    const late = join(folder, `late-${threads}`);
    const flow = pipeline('late');
    const retried = { retries: 1_000, delayMs: 1, delayMsMax: 1 };
    const lines = flow.stage(fileRanges, { paths: [late] }, { onError: retried }).to(flow.stage(readLines));
    const job = await flow.run(system, { output: lines.out });
    const got = read(job.output);
    await until(() => job.counters().stages['fileRanges']!.retried > 0);
    // All at once: a file that is being written is there before its contents.
    await writeFile(`${late}.new`, 'at last');
    await rename(`${late}.new`, late);
    expect(await got).toEqual(['at last']);
  });

  it.each([readLines, readBytes])('that are gone when they are read fail that range: $name', async (stage) => {
    const system = await lease({ threads });
    const there = await fileOf('there');
    const ranges = [there, join(folder, 'gone'), there].map((path) => ({ path, from: 0, to: 5 }));
    const failing = pipeline('gone');
    const reader = failing
      .from(ranges, fileRange)
      .to(failing.stage(stage as typeof readLines, undefined, { name: 'reader' }));
    reader.out.discard();
    const error = await rejection((await failing.run(system)).done);
    expect(error).toMatchObject({ stage: 'reader', port: 'in', id: 1, cause: { code: 'ENOENT' } });

    const skipping = pipeline('skipped');
    const again = skipping
      .from(ranges, fileRange)
      .to(skipping.stage(stage as typeof readLines, undefined, { onError: 'skip' }));
    const job = await skipping.run(system, { output: again.out });
    const failures = read(job.failures);
    expect((await read(job.output)).length).toBe(2);
    expect(await failures).toMatchObject([{ port: 'in', id: 1, code: 'ENOENT', item: ranges[1] }]);
  });

  it('that have become shorter end where they end', async () => {
    const system = await lease({ threads });
    const path = await fileOf('one\ntwo\nthree');
    const ranges = await rangesOf(system, { paths: [path], rangeBytes: 5 });
    await truncate(path, 6);
    const flow = pipeline('shorter');
    const lines = flow.from(ranges, fileRange).to(flow.stage(readLines));
    expect(await read((await flow.run(system, { output: lines.out })).output)).toEqual(['one', 'tw']);
  });

  it('are read no further than there is room', async () => {
    const system = await lease({ threads });
    const path = await fileOf('line\n'.repeat(100_000));
    const flow = pipeline('bounded');
    const lines = flow.stage(fileRanges, { paths: [path] }).to(flow.stage(readLines));
    const job = await flow.run(system, { output: lines.out });
    const reader = job.output[Symbol.asyncIterator]();
    await reader.next();
    const { stages } = job.counters();
    // One window of the channel, and what the output keeps.
    expect(stages['readLines']!.emitted).toBeLessThanOrEqual(2_048 + 256 + 128);
    await reader.return?.();
    expect((await job.done).outcome).toBe('stopped');
  });

  it('are closed when the job ends in their middle', async () => {
    const system = await lease({ threads });
    const path = await fileOf('line\n'.repeat(100_000));
    for (const stage of [readLines, readBytes]) {
      const flow = pipeline('left');
      const reader = flow.stage(stage as typeof readLines, { chunkBytes: 64 });
      flow.stage(fileRanges, { paths: [path] }).to(reader);
      const job = await flow.run(system, { output: reader.out });
      for await (const _ of job.output) break;
      await job.done;
    }
    // What a process has open can be seen there; all threads are in one.
    if (process.platform === 'linux') await until(() => !openFiles().includes(path));
  });
});

describe('the file stages', () => {
  it.each([
    ['fileRanges', { paths: 'a' }],
    ['fileRanges', { paths: [1] }],
    ['fileRanges', { paths: [], rangeBytes: 0 }],
    ['readLines', { chunkBytes: 1.5 }],
    ['readBytes', { chunkBytes: 2 ** 25 }],
  ])('refuse options that they cannot work with: %s %j', async (name, options) => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('refused');
    if (name === 'fileRanges') flow.stage(fileRanges, options as never).out.discard();
    else {
      const stage = (name === 'readLines' ? readLines : readBytes) as typeof readLines;
      flow
        .from([], fileRange)
        .to(flow.stage(stage, options as never))
        .out.discard();
    }
    const error = await rejection(flow.run(system));
    expect(error.cause).toMatchObject({ code: 'HEDDLE_INVALID_OPTIONS' });
    expect(String(error.cause)).toContain(Object.keys(options).at(-1)!);
  });

  it('refuse a line that is too long', async () => {
    const system = await lease({ threads: 1 });
    const path = await fileOf(Buffer.alloc(65 * 2 ** 20, 'x'));
    const flow = pipeline('endless');
    flow
      .stage(fileRanges, { paths: [path] })
      .to(flow.stage(readLines))
      .out.discard();
    const error = await rejection((await flow.run(system)).done);
    expect(error).toMatchObject({ stage: 'readLines', cause: { code: 'HEDDLE_LIMIT_REACHED' } });
  });

  it('read a large file on two threads: every line, in order', async () => {
    const system = await lease({ threads: 2 });
    const count = 600_000;
    const hash = createHash('sha256');
    const blocks: string[] = [];
    for (let n = 0; n < count; n++)
      blocks.push(`${n} ${'lorem ipsum dolor sit amet é '.slice(n % 23)}${n % 3 === 0 ? '\r' : ''}\n`);
    const contents = blocks.join('');
    const path = await fileOf(contents);
    hash.update(contents.replaceAll('\r\n', '\n'));

    const flow = pipeline('large');
    const reader = flow.stage(readLines, undefined, { parallel: 2, ordered: true });
    let got = 0;
    const gotHash = createHash('sha256');
    flow
      .stage(fileRanges, { paths: [path], rangeBytes: 2 ** 20 })
      .to(reader)
      .to(
        flow.into((line) => {
          got++;
          gotHash.update(`${line}\n`);
        }, text),
      );
    await (await flow.run(system)).done;
    expect(got).toBe(count);
    expect(gotHash.digest('hex')).toBe(hash.digest('hex'));
  });
});
