import { describe, expect, it } from 'vitest';
import { Progress } from '../../bench/laboratory/progress.js';
import type { Measurement } from '../../bench/laboratory/results.js';
import { duration, tables } from '../../bench/laboratory/table.js';
import { measurement, runOf } from './runs.js';

describe('the tables', () => {
  it.each([
    [0.5, '0.5 ns'],
    [264, '264 ns'],
    [54_430, '54.4 us'],
    [1_200_000, '1.2 ms'],
    [3e9, '3 s'],
  ])('say %d nanoseconds as %s', (ns, text) => {
    expect(duration(ns)).toBe(text);
  });

  it('have a table for each scenario, a line for each contestant, and its figure as a multiple of heddle’s', () => {
    const run = runOf(
      measurement([10, 20, 30]),
      measurement([5, 10, 15], { contestant: 'piscina' }),
      measurement([1], { experiment: 'idle', scenario: 'idling', beside: { 'lone (us)': [7] } }),
    );
    expect(tables(run).split('\n')).toEqual([
      'throughput: one way',
      expect.stringMatching(/^contestant +payload +median +min .. max +of heddle's$/),
      expect.stringMatching(/^heddle +pair +20 M messages\/s +10 .. 30 +1$/),
      expect.stringMatching(/^piscina +pair +10 M messages\/s +5 .. 15 +0.5$/),
      '',
      'idle: idling',
      expect.stringMatching(/^contestant +payload +median +min .. max +lone \(us\)$/),
      expect.stringMatching(/^heddle +pair +1 M messages\/s +1 .. 1 +7$/),
      '',
    ]);
  });

  it('compare with heddle in the same situation, or with the only way in which it waits', () => {
    const waiting = (contestant: string, wait: string, value: number) =>
      measurement([value], { contestant, conditions: { wait } });
    const ratios = (...all: readonly Measurement[]) =>
      tables(runOf(...all))
        .split('\n')
        .filter((line) => line.startsWith('piscina'))
        .map((line) => line.split(/ +/).at(-1));
    const rivals = [waiting('piscina', 'hot', 6), waiting('piscina', 'parked', 6)];
    expect(ratios(waiting('heddle', 'hot', 2), waiting('heddle', 'parked', 3), ...rivals)).toEqual(['3', '2']);
    expect(ratios(waiting('heddle', 'adaptive', 1), ...rivals)).toEqual(['6', '6']);
  });

  it('show percentiles of latencies', () => {
    const latency = { p50: [100], p90: [200], p99: [3_000], p999: [4e6], max: [5e9], curve: [], count: 9 };
    const lines = tables(runOf(measurement([100], { latency }))).split('\n');
    expect(lines[1]).toMatch(/^contestant +payload +p50 +p90 +p99 +p99.9 +max$/);
    expect(lines[2]).toMatch(/^heddle +pair +100 ns +200 ns +3 us +4 ms +5 s$/);
  });

  it('name who did not take part, and why', () => {
    const run = { ...runOf(), absent: [{ contestant: 'nact', reason: 'not installed' }] };
    expect(tables(run)).toBe('nact did not take part: not installed');
  });
});

describe('the progress', () => {
  const makeOutput = (isTTY: boolean) => {
    const written: string[] = [];
    return { out: { isTTY, columns: 60, write: (text: string) => written.push(text) > 0 }, written };
  };

  it('is one line on a terminal, never wider than that, and gone at the end', () => {
    const { out, written } = makeOutput(true);
    const progress = new Progress(out, 4);
    progress.turn('latency', 'heddle');
    progress.turn('latency', 'n'.repeat(100));
    progress.end();
    const [first, second, last] = written.map((text) => text.replace('\r\x1b[K', ''));
    expect(first).toBe(`[${'.'.repeat(24)}]   0 %  latency: heddle`);
    expect(second).toContain(`[${'#'.repeat(6)}${'.'.repeat(18)}]  25 %  latency: nnn`);
    expect(second).toHaveLength(59);
    expect(last).toBe('');
    expect(written.every((text) => !text.includes('\n'))).toBe(true);
  });

  it('is elsewhere a line for each heat', () => {
    const { out, written } = makeOutput(false);
    const progress = new Progress(out, 4);
    progress.turn('latency', 'heddle');
    progress.turn('latency', 'piscina');
    progress.turn('idle', 'heddle');
    progress.end();
    expect(written).toEqual(['latency\n', 'idle\n']);
  });
});
