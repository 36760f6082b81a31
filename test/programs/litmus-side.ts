/**
 * A thread that is one side of a litmus test. Both sides go through many iterations, each on words of its own, and meet
 * only between rounds of them: within a round they run as they like, now one ahead and now the other.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { MEETING_WORDS_APART, SHAPE_WORDS, SHAPES } from './litmus-shapes.js';
import { Sequence } from './ring-traffic.js';

export interface LitmusTask {
  readonly shape: string;
  readonly side: 'left' | 'right';
  readonly rounds: number;
  readonly seed: number;
  /** `SHAPE_WORDS` for each iteration of a round. */
  readonly words: Int32Array;
  /** Of each iteration of a round: by the left side, and by the right one. */
  readonly results: readonly [Int32Array, Int32Array];
  /** How often each side has come to a meeting, in words that do not share a cache line. */
  readonly meetings: Int32Array;
}

/** How often there was which outcome. */
export type LitmusReport = Readonly<Record<string, number>>;

const { shape: name, side, rounds, seed, words, results, meetings } = workerData as LitmusTask;
const shape = SHAPES.find((each) => each.name === name)!;
const isLeft = side === 'left';
const act = isLeft ? shape.left : shape.right;
const [own, others] = isLeft ? [0, MEETING_WORDS_APART] : [MEETING_WORDS_APART, 0];
const mine = results[isLeft ? 0 : 1];
const iterations = mine.length;
const RESULTS = 100;
const tally = new Int32Array(RESULTS * RESULTS);

/** Looks for the other side before the thread gives its core away, which the other one may need. */
const LOOKS_MAX = 20_000;
let meeting = 0;
const meet = (): void => {
  Atomics.store(meetings, own, ++meeting);
  for (let looks = 0, seen = 0; seen < meeting; looks++) {
    seen = Atomics.load(meetings, others);
    if (looks > LOOKS_MAX && seen < meeting) Atomics.wait(meetings, others, seen, 1);
  }
};

const skews = new Sequence(seed + own);
/** Turns of an empty loop: how far one side may begin behind the other. */
const SKEW_MAX = 500;
let spun = 0;

const begin = (): void => {
  words.fill(0);
  if (shape.begin === undefined) return;
  for (let i = 0; i < iterations; i++) shape.begin(words, i * SHAPE_WORDS);
};

for (let round = 0; round < rounds; round++) {
  if (isLeft) begin();
  meet();
  for (let left = skews.upTo(SKEW_MAX); left > 0; left--) spun = (spun + left) | 0;
  for (let i = 0; i < iterations; i++) mine[i] = act(words, i * SHAPE_WORDS);
  meet();
  if (!isLeft) continue;
  for (let i = 0; i < iterations; i++) {
    const outcome = results[0][i]! * RESULTS + results[1][i]!;
    tally[outcome] = tally[outcome]! + 1;
  }
}

if (isLeft) {
  const seen = Array.from(tally, (count, outcome) => [count, outcome] as const).filter(([count]) => count > 0);
  const report: LitmusReport = Object.fromEntries(
    seen.map(([count, outcome]) => [`${Math.floor(outcome / RESULTS)},${outcome % RESULTS}`, count]),
  );
  parentPort!.postMessage(report);
}
