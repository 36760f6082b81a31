/** The benchmark: `npm run bench`. What is measured is described in `docs/benchmarks.md`. */
import { writeFile } from 'node:fs/promises';
import { BARS } from './bars.js';
import { describeMachine } from './harness/machine.js';
import { type BenchOptions, readOptions, UsageError } from './harness/options.js';
import { barsTable, figuresTable, toJson } from './harness/report.js';
import { type Result, runWorkload } from './harness/run.js';
import { effort, type Workload } from './harness/workload.js';
import { WORKLOADS } from './workloads/index.js';

/** `W3` means W3a and W3b-view too, but `W1` does not mean W10. */
const means = (name: string, figure: string): boolean =>
  figure.startsWith(name) && !/^\d/.test(figure.slice(name.length));

/** @throws UsageError */
const select = (names: readonly string[]): readonly Workload[] => {
  const figures = WORKLOADS.flatMap((workload) => Object.keys(workload.figures));
  const unknown = names.find((name) => !figures.some((figure) => means(name, figure)));
  if (unknown !== undefined) throw new UsageError(`there is no workload ${unknown}, only ${figures.join(', ')}`);
  if (names.length === 0) return WORKLOADS;
  return WORKLOADS.filter(({ figures: own }) => names.some((name) => Object.keys(own).some((own) => means(name, own))));
};

const run = async ({ json, only, quick, rounds }: BenchOptions): Promise<void> => {
  const selected = select(only);
  console.log(`${describeMachine()}\n`);
  const results: Result[] = [];
  for (const workload of selected) {
    results.push(...(await runWorkload(workload, { effort: effort(quick), rounds, log: console.log })));
  }
  console.log(`\n${figuresTable(results)}\n\n${barsTable(BARS, results)}`);
  if (json !== undefined) await writeFile(json, toJson(results));
};

try {
  await run(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 1;
}
