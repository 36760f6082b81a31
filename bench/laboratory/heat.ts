/** A heat: contestants that are measured in turn, and what their samples yield. */
import { type Candidate, rounds } from '../harness/rounds.js';
import type { Distribution } from './adapter.js';
import { summarise } from './distribution.js';
import type { Measurement } from './results.js';

/** One figure of one sample. */
export type Reading = Omit<Measurement, 'samples' | 'latency' | 'beside'> & {
  readonly value: number;
  /** Of latencies: all of them, and how many. */
  readonly timed?: { readonly distribution: Distribution; readonly count: number };
  readonly beside?: Readonly<Record<string, number>>;
};

export type Contestant = Candidate<readonly Reading[]>;

export interface Heat {
  readonly title: string;
  readonly contestants: readonly Contestant[];
  /** Of each contestant, if not as many as of the others. */
  readonly rounds?: number;
}

export interface HeatOptions {
  readonly rounds: number;
  /** Told whose turn it is. */
  readonly turn: (heat: Heat, system: string) => void;
}

/** How often `turn` will be called. */
export const turnsOf = ({ contestants, rounds }: Heat, usual: number): number =>
  contestants.reduce((sum, { alone }) => sum + (rounds ?? usual) + (alone ? 0 : 1), 0);

const keyOf = ({ experiment, scenario, contestant, conditions }: Reading): string =>
  JSON.stringify([experiment, scenario, contestant, conditions]);

/** Some contestants are nobody's here, and may yield anything. */
const checkReading = (reading: Reading): void => {
  const { value, timed } = reading;
  const curve = timed?.distribution;
  const grows = curve?.every(([percentile, ns], index) => {
    const [lower, less] = curve[index - 1] ?? [0, 0];
    return percentile >= lower && ns >= less;
  });
  if (Number.isFinite(value) && value >= 0 && grows !== false && timed?.count !== 0) return;
  throw new Error(`wrong result: ${keyOf(reading)} is no measurement: ${value}, of ${timed?.count ?? 1}`);
};

/** The readings of all rounds of one contestant in one situation. */
const toMeasurement = (readings: readonly Reading[]): Measurement => {
  const [{ value: _, timed: __, beside: ___, ...facts }] = readings as [Reading];
  const distributions = readings.flatMap(({ timed }) => (timed === undefined ? [] : [timed.distribution]));
  const names = Object.keys(readings[0]?.beside ?? {});
  const besides = names.map((name) => [name, readings.map(({ beside }) => beside![name]!)] as const);
  return {
    ...facts,
    samples: readings.map(({ value }) => value),
    ...(distributions.length === 0 ? {} : { latency: summarise(distributions, readings.at(-1)!.timed!.count) }),
    ...(besides.length === 0 ? {} : { beside: Object.fromEntries(besides) }),
  };
};

export const runHeat = async (heat: Heat, { rounds: usual, turn }: HeatOptions): Promise<Measurement[]> => {
  const book = new Map<string, Reading[]>();
  const enter = (reading: Reading): void => {
    checkReading(reading);
    const key = keyOf(reading);
    const entry = book.get(key);
    if (entry === undefined) book.set(key, [reading]);
    else entry.push(reading);
  };
  const all = rounds<readonly Reading[], Contestant>({
    contestants: heat.contestants,
    count: heat.rounds ?? usual,
    warmUpMs: 0,
    turn: ({ system }) => turn(heat, system),
  });
  for await (const { readings } of all) for (const reading of readings) enter(reading);
  return [...book.values()].map(toMeasurement);
};
