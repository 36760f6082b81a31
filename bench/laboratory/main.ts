/** The laboratory: `heddle bench`. What it measures, and how, is described in `docs/laboratory.md`. */
import { writeFile } from 'node:fs/promises';
import { describeMachine, readMachine } from '../harness/machine.js';
import type { Adapter } from './adapter.js';
import { changesTable, compare, readRun, regressions } from './compare.js';
import { gather } from './contestants.js';
import { idleHeats } from './experiments/idle.js';
import { latencyHeats } from './experiments/latency.js';
import { savinaHeats } from './experiments/savina.js';
import { scalingHeats } from './experiments/scaling.js';
import { throughputHeats } from './experiments/throughput.js';
import { type Heat, runHeat, turnsOf } from './heat.js';
import { type LaboratoryOptions, readOptions, USAGE, UsageError } from './options.js';
import { type Output, Progress } from './progress.js';
import { renderHtml } from './report/html.js';
import type { Experiment, LaboratoryRun, Measurement } from './results.js';
import { tables } from './table.js';

export const EXIT_FINE = 0;
export const EXIT_WRONG = 1;
export const EXIT_USAGE = 2;
export const EXIT_REGRESSION = 3;

type MakeHeats = (adapters: readonly Adapter[], options: LaboratoryOptions) => Heat[];

const HEATS: Readonly<Record<Experiment, MakeHeats>> = {
  latency: latencyHeats,
  throughput: throughputHeats,
  scaling: scalingHeats,
  idle: idleHeats,
  savina: savinaHeats,
};

export interface Outputs {
  readonly stdout: Pick<Output, 'write'>;
  readonly stderr: Output;
}

const measure = async (heats: readonly Heat[], rounds: number, out: Output): Promise<Measurement[]> => {
  const progress = new Progress(
    out,
    heats.reduce((sum, heat) => sum + turnsOf(heat, rounds), 0),
  );
  const measurements: Measurement[] = [];
  try {
    for (const heat of heats) {
      measurements.push(
        ...(await runHeat(heat, { rounds, turn: ({ title }, system) => progress.turn(title, system) })),
      );
    }
  } finally {
    progress.end();
  }
  return measurements;
};

const runLaboratory = async (args: readonly string[], { stdout, stderr }: Outputs): Promise<number> => {
  const options = readOptions(args);
  // Before anything is measured: what cannot be read is known at once.
  const earlier = options.compare === undefined ? undefined : await readRun(options.compare);
  const { present, absent, versions } = await gather(options);
  const machine = { ...readMachine(), versions };
  const at = new Date().toISOString();
  stdout.write(`${describeMachine(machine)}\n\n`);
  const heats = options.experiments.flatMap((experiment) => HEATS[experiment](present, options));
  const run: LaboratoryRun = {
    format: 'heddle-laboratory',
    version: 1,
    at,
    machine,
    command: ['heddle', 'bench', ...args].join(' '),
    measurements: await measure(heats, options.rounds, stderr),
    absent,
  };
  stdout.write(`${tables(run)}\n`);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(run, undefined, 2)}\n`);
  if (options.html !== undefined) await writeFile(options.html, renderHtml(run));
  if (earlier === undefined) return EXIT_FINE;
  const changes = compare(earlier, run);
  stdout.write(`\n${changesTable(changes)}\n`);
  const worse = regressions(changes);
  if (worse.length === 0) return EXIT_FINE;
  stderr.write(`\nworse than in ${options.compare}:\n${worse.join('\n')}\n`);
  return EXIT_REGRESSION;
};

/** @returns the exit code */
export const main = async (args: readonly string[], outputs: Outputs = process): Promise<number> => {
  if (args.includes('--help')) {
    outputs.stdout.write(`${USAGE}\n`);
    return EXIT_FINE;
  }
  try {
    return await runLaboratory(args, outputs);
  } catch (error) {
    if (error instanceof UsageError) {
      outputs.stderr.write(`${error.message}\nheddle bench --help says what there is\n`);
      return EXIT_USAGE;
    }
    outputs.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return EXIT_WRONG;
  }
};
