/** What the laboratory has measured: what `--json` writes, `--compare` reads and the report draws. */
import type { MachineFacts } from '../harness/machine.js';

export const EXPERIMENTS = ['latency', 'throughput', 'scaling', 'idle', 'savina'] as const;
export type Experiment = (typeof EXPERIMENTS)[number];

/** Where the figures come from. */
export interface Machine extends MachineFacts {
  /** Version of each contestant that has one, `heddle` among them. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Nanoseconds by percentile: each list has one sample a round. */
export interface LatencySamples {
  readonly p50: readonly number[];
  readonly p90: readonly number[];
  readonly p99: readonly number[];
  readonly p999: readonly number[];
  readonly max: readonly number[];
  /** Of the round whose median is the median of medians: percentile (0 to 100) and nanoseconds, both growing. */
  readonly curve: readonly (readonly [percentile: number, nanoseconds: number])[];
  /** How many messages of a round were timed. */
  readonly count: number;
}

/** One contestant in one situation. */
export interface Measurement {
  readonly experiment: Experiment;
  /** The question: `round trip`, `at a fixed rate`, `all to all`, `Chameneos`. */
  readonly scenario: string;
  readonly contestant: string;
  /** What distinguishes it from others of the scenario: `{ wait: 'hot', rate: 10000 }`. Equal keys within a scenario. */
  readonly conditions: Readonly<Record<string, string | number>>;
  /** Of `samples`: `ns`, `M messages/s`, `% of a core`. */
  readonly unit: string;
  readonly better: 'less' | 'more';
  /** One a round. Of latencies: the medians. */
  readonly samples: readonly number[];
  readonly latency?: LatencySamples;
  /** Further figures, by name, with their units: `{ 'CPU (%)': [99, 98] }`. */
  readonly beside?: Readonly<Record<string, readonly number[]>>;
}

/** Who could not take part, and why. */
export interface Absence {
  readonly contestant: string;
  readonly reason: string;
}

export interface LaboratoryRun {
  readonly format: 'heddle-laboratory';
  readonly version: 1;
  /** When it began, as ISO 8601 says it. */
  readonly at: string;
  readonly machine: Machine;
  /** The command line that repeats it. */
  readonly command: string;
  readonly measurements: readonly Measurement[];
  readonly absent: readonly Absence[];
}
