/** Every experiment with every contestant, for as short as it goes: what they yield is there, and right. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../bench/laboratory/main.js';
import type { LaboratoryRun, Measurement } from '../../bench/laboratory/results.js';
import { PROGRAMS } from '../../examples/savina/index.js';

/** What nact plays, too. */
const BOTH: ReadonlySet<string> = new Set(['ping-pong', 'fork-join', 'big']);

/** Those that are there wherever heddle is developed. */
const RIVALS = 'by hand,postMessage,comlink,piscina,nact';

const QUICK = '--duration 10 --rounds 1 --rate 1000 --idle 1 --threads 2 --actors 100';

describe('the laboratory', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heddle-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const measure = async (line: string, quick = QUICK): Promise<LaboratoryRun> => {
    const json = join(folder, 'run.json');
    const errors: string[] = [];
    const stderr = { isTTY: false, columns: 80, write: (text: string) => errors.push(text) > 0 };
    const code = await main([...`${line} ${quick}`.split(' '), '--rivals', RIVALS, '--json', json], {
      stdout: { write: () => true },
      stderr,
    });
    expect({ code, errors: code === 0 ? [] : errors }).toEqual({ code: 0, errors: [] });
    return JSON.parse(await readFile(json, 'utf8')) as LaboratoryRun;
  };

  /** `scenario: contestant, contestant`, with each once. */
  const whoDidWhat = (measurements: readonly Measurement[], by: keyof Measurement | 'wait' = 'scenario') => {
    const groups = new Map<string, Set<string>>();
    for (const one of measurements) {
      const key = String(by === 'wait' ? one.conditions['wait'] : one[by]);
      groups.set(key, (groups.get(key) ?? new Set()).add(one.contestant));
    }
    return Object.fromEntries([...groups].map(([key, names]) => [key, [...names].join(', ')]));
  };

  it('measures the latency of all, in each way of waiting, between two workers', async () => {
    const { measurements } = await measure('latency --placement worker-worker --payload pair');
    expect(whoDidWhat(measurements)).toEqual({
      'round trip': 'heddle, by hand, postMessage, comlink',
      calls: 'heddle, by hand, postMessage, comlink',
      'at saturation': 'heddle, by hand, postMessage',
      'at a fixed rate': 'heddle, by hand, postMessage',
      'after idling': 'heddle, by hand, postMessage, comlink',
    });
    expect(whoDidWhat(measurements, 'wait')).toEqual({
      hot: 'heddle, by hand',
      adaptive: 'heddle, by hand',
      parked: 'heddle, by hand, postMessage, comlink',
      blocked: 'heddle',
    });
    for (const { samples, latency } of measurements) {
      expect(samples).toEqual(latency!.p50);
      expect(latency!.count).toBeGreaterThan(0);
      expect(latency!.curve.at(-1)![0]).toBe(100);
    }
  });

  it('measures it from the host to a worker and on one thread, with other payloads', async () => {
    const args = '--payload order,bytes --size 100 --wait parked';
    const { measurements } = await measure(`latency --placement host-worker,same-thread ${args}`);
    const of = (placement: string) => measurements.filter(({ conditions }) => conditions['placement'] === placement);
    expect(whoDidWhat(of('host-worker'))).toMatchObject({
      'round trip': 'heddle, by hand, postMessage, comlink, piscina',
      'at a fixed rate': 'heddle, by hand, postMessage',
    });
    expect(whoDidWhat(of('same-thread'))).toMatchObject({
      'round trip': 'heddle, by hand, postMessage, nact',
      'at a fixed rate': 'heddle, by hand, postMessage, nact',
    });
    const payloads = new Set(measurements.map(({ conditions }) => conditions['payload']));
    expect([...payloads]).toEqual(['order', '100 bytes']);
  });

  it('measures the throughput of all, of several pairs too', async () => {
    const { measurements } = await measure('throughput --payload pair --pairs 2 --placement host-worker,same-thread');
    expect(whoDidWhat(measurements)).toEqual({
      'one way': 'heddle, by hand, postMessage, nact',
      calls: 'heddle, by hand, postMessage, comlink, piscina, nact',
    });
    for (const { samples, conditions } of measurements) {
      expect(samples[0]).toBeGreaterThan(0);
      expect(conditions['pairs']).toBe(2);
    }
  });

  it('measures how heddle scales, beside others where they can', async () => {
    const { measurements } = await measure('scaling');
    expect(whoDidWhat(measurements)).toEqual({
      pairs: 'heddle, by hand, postMessage',
      'all to all': 'heddle',
      actors: 'heddle',
    });
    const own = measurements.filter(({ contestant }) => contestant === 'heddle');
    expect(own.map(({ scenario, conditions }) => [scenario, ...Object.values(conditions)].join(' '))).toEqual([
      'pairs 1',
      'all to all 1',
      'pairs 2',
      'all to all 2',
      'actors 1',
      'actors 10',
      'actors 100',
    ]);
    expect(Object.keys(own.at(-1)!.beside!)).toEqual(['bytes/actor', 'us/spawn']);
  });

  it('sees what all burn while they idle, each where it is at home', async () => {
    const { measurements } = await measure('idle', '--duration 100 --rounds 1 --idle 10');
    expect(whoDidWhat(measurements, 'wait')).toEqual({
      hot: 'heddle, by hand',
      adaptive: 'heddle, by hand',
      parked: 'heddle, by hand, postMessage, comlink, piscina, nact',
      blocked: 'heddle',
    });
    for (const { beside } of measurements) expect(Object.keys(beside!)).toEqual(['lone message after 10 ms (us)']);
    const burnt = (contestant: string, wait: string): number =>
      measurements.find((one) => one.contestant === contestant && one.conditions['wait'] === wait)!.samples[0]!;
    for (const name of ['heddle', 'by hand']) expect(burnt(name, 'parked')).toBeLessThan(burnt(name, 'hot') / 2);
    expect(burnt('postMessage', 'parked')).toBeLessThan(burnt('by hand', 'hot') / 2);
    expect(burnt('heddle', 'blocked')).toBeLessThan(burnt('heddle', 'hot') / 2);
  });

  it('plays the programs of the Savina suite, and with nact those that it has', async () => {
    const { measurements } = await measure('savina', '--duration 10 --rounds 1 --threads 1');
    expect(whoDidWhat(measurements)).toEqual(
      Object.fromEntries(PROGRAMS.map(({ name }) => [name, BOTH.has(name) ? 'heddle, nact' : 'heddle'])),
    );
    const own = measurements.filter(({ contestant }) => contestant === 'heddle');
    expect(own.map(({ conditions }) => conditions['threads'])).toEqual(PROGRAMS.map(() => 1));
  });
});
