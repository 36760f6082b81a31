/**
 * Twelve programs of the Savina suite, one after the other, each in a system of its own whose threads have started before.
 * The median of some rounds is shown; one round before them is not, in which code is compiled.
 *
 *     node .build/examples/savina/main.js
 *     node .build/examples/savina/main.js big chameneos --faithful --threads 4 --rounds 12
 */
import { createSystem, type System } from 'heddle';
import { type Options, readOptions, USAGE, UsageError } from './options.js';
import type { Played, Program } from './program.js';
import { HEADER, row } from './report.js';

/** Why an actor has failed, which who waits for it is not told. */
const reportProblems = async (system: System): Promise<void> => {
  for await (const { kind, error } of system.problems) console.error(`${kind}:`, error);
};

/** Rounds of one program, in ascending order of time. */
const measure = async (program: Program, { size, threads, rounds }: Options): Promise<readonly Played[]> => {
  await using system = await createSystem({ threads });
  void reportProblems(system);
  const parameters = program.sizes[size];
  await program.run(system, parameters);
  const played: Played[] = [];
  for (let round = 0; round < rounds; round++) played.push(await program.run(system, parameters));
  return played.sort((one, other) => one.ms - other.ms);
};

const main = async (options: Options): Promise<void> => {
  const { programs, size, threads, rounds } = options;
  console.log(`size: ${size}; worker threads: ${threads}; rounds: ${rounds}, of which the median is shown`);
  console.log(HEADER);
  for (const program of programs) {
    const played = await measure(program, options);
    console.log(row(program, program.sizes[size], played[Math.floor(rounds / 2)]!));
  }
};

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\nusage: ${USAGE}`);
  process.exitCode = 2;
}
