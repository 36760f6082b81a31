/**
 * General values (`any`, `message<T>()`): our codec, msgpackr and V8's serializer, on values as people send them.
 *
 * Each takes a value into a ring's memory and out again, which is what a message costs: ours writes there; the others
 * have a buffer of their own and are copied in. Run in turn, so that a slow moment of the machine meets all of them.
 *
 *   npx tsup --silent && node .build/bench/micro/general.js
 */

import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { Packr } from 'msgpackr';
import { Bench } from 'tinybench';
import { Memory } from '../../src/messages/memory.js';
import { bindTools } from '../../src/messages/tools.js';

const BYTES = 1 << 16;
const ROUNDS = 15;
/** How long each runs in one round. */
const ROUND_MS = 20;
const NANOS_PER_MS = 1e6;

const memory = new Memory(new SharedArrayBuffer(BYTES));
const { general } = bindTools(memory, {
  refuses: () => 'none',
  take: (value: unknown) => value,
  write: () => undefined,
  read: () => undefined,
});
/** Exact for Maps and Sets, and faster for objects that come again. */
const records = new Packr({ structuredClone: true, copyBuffers: true });
/** Objects with their keys: smaller code, but Maps arrive as objects. */
const plain = new Packr({ structuredClone: true, copyBuffers: true, useRecords: false });

const packed =
  (packr: Packr) =>
  (value: unknown): unknown => {
    const bytes = packr.pack(value);
    memory.u8.set(bytes);
    return packr.unpack(Buffer.from(memory.u8.subarray(0, bytes.length)));
  };

const rivals: Record<string, (value: unknown) => unknown> = {
  heddle: (value) => {
    memory.end = general.write(value, 0, BYTES);
    memory.at = 0;
    return general.read();
  },
  msgpackr: packed(records),
  'no records': packed(plain),
  'v8.serialize': (value) => {
    const bytes = serialize(value);
    memory.u8.set(bytes);
    return deserialize(memory.u8.slice(0, bytes.length));
  },
};

const values: Record<string, unknown> = {
  'small object with strings': { id: 4711, name: 'Ann Example', city: 'Zürich', tags: ['new', 'paid'], active: true },
  'array of 100 numbers': Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? i + 0.5 : i * 1000)),
  'nested config': {
    server: { host: 'localhost', port: 8080, tls: { enabled: false, ciphers: ['a', 'b'] }, timeouts: { read: 5.5 } },
    features: { search: true, index: { shards: 16, replicas: 2 } },
    limits: [
      { route: '/a', perSecond: 10 },
      { route: '/b', perSecond: 20 },
    ],
  },
  'Map with Dates': new Map(Array.from({ length: 20 }, (_, i) => [`day ${i}`, new Date(1e12 + i * 864e5)])),
  'text of 2,000 characters': { body: 'The quick brown fox jumps. '.repeat(75) },
};

/** What some lose in silence. */
const exact: Record<string, unknown> = {
  '-0': [-0],
  NaN: [Number.NaN],
  'undefined member': { a: undefined },
  'keys 1 and "1" of a Map': new Map<unknown, number>([
    [1, 1],
    ['1', 2],
  ]),
  'bigint of 64 bits': 2n ** 63n,
  'lone surrogate': '\ud800x',
  Float64Array: Float64Array.of(1.5, -0),
};

/** Median nanoseconds of each rival in one round. */
const timeRound = async (value: unknown): Promise<number[]> => {
  const bench = new Bench({ time: ROUND_MS, warmup: false });
  for (const [name, run] of Object.entries(rivals)) {
    bench.add(name, () => {
      run(value);
    });
  }
  await bench.run();
  return bench.tasks.map(({ name, result }) => {
    if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`);
    return result.latency.p50 * NANOS_PER_MS;
  });
};

const median = (samples: number[]): number => samples.sort((a, b) => a - b)[samples.length >> 1]!;

const verdict = (run: (value: unknown) => unknown, value: unknown): string => {
  try {
    return isDeepStrictEqual(run(value), value) ? 'same' : 'changed';
  } catch (error) {
    return (error as Error).name;
  }
};

const judge = (value: unknown): string[] => Object.values(rivals).map((run) => verdict(run, value));

const time = async (value: unknown): Promise<string[]> => {
  const samples = Object.keys(rivals).map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, nanos] of (await timeRound(value)).entries()) samples[i]!.push(nanos);
  }
  const verdicts = judge(value);
  return samples.map((each, i) => (verdicts[i] === 'same' ? `${median(each).toFixed(0)} ns` : verdicts[i]!));
};

const print = (cells: readonly string[]): void => {
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(26) : cell.padStart(14))).join(''));
};

print(['there and back', ...Object.keys(rivals)]);
for (const [name, value] of Object.entries(values)) print([name, ...(await time(value))]);
console.log();
print(['what arrives', ...Object.keys(rivals)]);
for (const [name, value] of Object.entries(exact)) print([name, ...judge(value)]);
