/**
 * Litmus tests of `native-free-queues/memory.ts` on real threads: no outcome that a shape's table forbids may ever be
 * seen. That the two threads really race shows the control: the same with plain accesses must come out weak, unless
 * this processor is listed below as one that hides it.
 */
import { once } from 'node:events';
import { cpus } from 'node:os';
import { describe, expect, it } from 'vitest';
import { MEETING_WORDS_APART, SHAPE_WORDS, SHAPES, type Shape, type Verdict } from '../programs/litmus-shapes.js';
import type { LitmusReport, LitmusTask } from '../programs/litmus-side.js';
import { effort } from '../support/effort.js';
import { seedOfTest } from '../support/random.js';
import { reportOf, startThread } from '../support/threads.js';

const ITERATIONS_PER_ROUND = 256;
const ROUNDS = Math.ceil(effort(250_000, 50_000_000) / ITERATIONS_PER_ROUND);

/** A busy machine may let the sides take turns for a while. */
const TRIES_MAX = 20;

/** Processors, by the name that Node gives them, on which two plain stores and loads never overtake each other. */
const HIDES_STORE_BUFFERING: readonly string[] = [];

const sharedWords = (count: number): Int32Array => new Int32Array(new SharedArrayBuffer(count * 4));

const run = async (shape: Shape): Promise<LitmusReport> => {
  const iterations = shape.perRound ?? ITERATIONS_PER_ROUND;
  const task: Omit<LitmusTask, 'side'> = {
    shape: shape.name,
    rounds: ROUNDS,
    seed: seedOfTest(),
    words: sharedWords(iterations * SHAPE_WORDS),
    results: [sharedWords(iterations), sharedWords(iterations)],
    meetings: sharedWords(2 * MEETING_WORDS_APART),
  };
  const left = startThread('litmus-side', { ...task, side: 'left' } satisfies LitmusTask);
  const right = startThread('litmus-side', { ...task, side: 'right' } satisfies LitmusTask);
  const [report] = await Promise.all([reportOf<LitmusReport>(left), once(right, 'exit')]);
  return report;
};

/** Runs it again and again until that is enough, and adds up what was seen. */
const runUntil = async (shape: Shape, isEnough: (report: LitmusReport) => boolean): Promise<LitmusReport> => {
  const sum: Record<string, number> = {};
  for (let tries = 0; tries < TRIES_MAX && !isEnough(sum); tries++) {
    for (const [outcome, count] of Object.entries(await run(shape))) sum[outcome] = (sum[outcome] ?? 0) + count;
  }
  return sum;
};

const isRace = (report: LitmusReport): boolean => Object.keys(report).length > 1;

/** The outcomes that were seen and of which the table says this, with how often. */
const seen = ({ outcomes }: Shape, report: LitmusReport, verdict: Verdict): [string, number][] =>
  Object.entries(report).filter(([outcome]) => (outcomes[outcome] ?? 'forbidden') === verdict);

const isControl = ({ outcomes }: Shape): boolean => Object.values(outcomes).includes('interesting');

describe('two threads show nothing that is forbidden of', () => {
  for (const shape of SHAPES.filter((each) => !isControl(each))) {
    it(shape.name, async () => {
      const report = await runUntil(shape, isRace);
      expect(seen(shape, report, 'forbidden')).toEqual([]);
      expect(isRace(report), 'the sides overtook each other').toBe(true);
    });
  }
});

describe('two threads with plain accesses', () => {
  const shapeOf = (name: string): Shape => SHAPES.find((shape) => shape.name === name)!;

  it('show the weak outcome of store buffering, so the sides do race', async () => {
    const shape = shapeOf('store buffering of plain words');
    const isWeak = (report: LitmusReport): boolean => seen(shape, report, 'interesting').length > 0;
    const report = await runUntil(shape, isWeak);
    expect(seen(shape, report, 'forbidden')).toEqual([]);
    const processor = cpus()[0]?.model ?? process.arch;
    const isHidden = !isWeak(report);
    if (isHidden) process.stderr.write(`this processor hides store buffering: ${processor}\n`);
    expect(isHidden, `${processor} hides it`).toBe(HIDES_STORE_BUFFERING.includes(processor));
  });

  // Processors with total store order never show its weak outcome, others do.
  it('pass messages in their order or not', async () => {
    const shape = shapeOf('message passing of plain words');
    const report = await runUntil(shape, isRace);
    expect(seen(shape, report, 'forbidden')).toEqual([]);
    expect(isRace(report), 'the sides overtook each other').toBe(true);
  });
});
