import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { readOptions, USAGE, UsageError } from '../../bench/laboratory/options.js';

describe('the options of heddle bench', () => {
  it('are a selection of experiments where none is named', () => {
    const { experiments, placements, payloads, rates, threads } = readOptions([]);
    expect(experiments).toEqual(['latency', 'throughput', 'scaling', 'idle']);
    expect(placements).toEqual(['worker-worker']);
    expect(payloads).toEqual([{ kind: 'pair' }]);
    expect(rates).toEqual([10_000]);
    expect(threads).toBe(availableParallelism());
  });

  it('are all situations of the experiment that is named', () => {
    const { experiments, waits, placements, payloads, inFlight, actors } = readOptions(['latency']);
    expect(experiments).toEqual(['latency']);
    expect(waits).toEqual(['hot', 'adaptive', 'parked', 'blocked']);
    expect(placements).toEqual(['worker-worker', 'host-worker', 'same-thread']);
    expect(payloads.map(({ kind }) => kind)).toEqual(['pair', 'order', 'bytes']);
    expect(inFlight).toEqual([1, 64]);
    expect(actors).toBe(1_000_000);
    expect(readOptions(['all']).experiments).toEqual(['latency', 'throughput', 'scaling', 'idle', 'savina']);
  });

  it('are lists with commas, sizes, and files', () => {
    const args = '--wait hot,parked --payload bytes --size 64 --rate 5,7 --in-flight 3 --idle 2 --pairs 2 --actors 10';
    const files = '--rivals none --rival a.mjs --rival b.mjs --json j --html h --compare c';
    expect(readOptions(['idle', ...args.split(' '), ...files.split(' ')])).toMatchObject({
      waits: ['hot', 'parked'],
      payloads: [{ kind: 'bytes', size: 64 }],
      rates: [5, 7],
      inFlight: [3],
      idleMs: 2,
      pairs: 2,
      actors: 10,
      rivals: [],
      rivalFiles: ['a.mjs', 'b.mjs'],
      json: 'j',
      html: 'h',
      compare: 'c',
    });
    expect(readOptions(['--rivals', 'nact, piscina']).rivals).toEqual(['nact', 'piscina']);
  });

  it.each([
    [['speed'], 'bench takes some of latency, throughput, scaling, idle, savina, not "speed"'],
    [['latency', 'idle'], 'one experiment at a time, got also: idle'],
    [['--wait', 'cold'], '--wait takes some of hot, adaptive, parked, blocked, not "cold"'],
    [['--wait', ','], '--wait takes some of hot, adaptive, parked, blocked, not ","'],
    [['--placement', 'moon'], '--placement takes some of worker-worker, host-worker, same-thread, not "moon"'],
    [['--payload', 'pair,egg'], '--payload takes some of pair, order, bytes, not "egg"'],
    [['--size', '0'], '--size takes a whole number from 1 to 1048576, not "0"'],
    [['--rate', '1,x'], '--rate takes a whole number from 1 to 10000000, not "x"'],
    [['--rate', ','], '--rate takes numbers, not ","'],
    [['--in-flight', '257'], '--in-flight takes a whole number from 1 to 256, not "257"'],
    [['--duration', '1.5'], '--duration takes a whole number from 10 to 60000, not "1.5"'],
    [['--threads', ''], '--threads takes a whole number from 1 to 128, not ""'],
    [['--rate', '1,1000000', '--duration', '5000'], 'makes 4000000 messages at most, not 5000000'],
    [['--rounds', '2'], '--rounds takes an odd number, not 2'],
    [['--colour'], "Unknown option '--colour'"],
  ])('refuse %j by a sentence that says what there is', (args, sentence) => {
    expect(() => readOptions(args)).toThrow(UsageError);
    expect(() => readOptions(args)).toThrow(sentence);
  });

  it('are all in the usage', () => {
    const named =
      'wait placement payload size rate in-flight idle pairs threads actors duration rounds rivals rival json';
    for (const name of [...named.split(' '), 'html', 'compare', 'help']) expect(USAGE).toContain(`\n  --${name} `);
  });
});
