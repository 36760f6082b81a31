/**
 * The programs of the Savina suite, as `examples/savina` has them: on one worker and on as many as there are cores; with nact,
 * which has one thread, those that are written for it. Each run is checked by the program itself.
 */
import { availableParallelism } from 'node:os';
import { createSystem, type ShutdownReport } from 'heddle';
import { PROGRAMS } from '../../../examples/savina/index.js';
import type { Parameters, Played, Program } from '../../../examples/savina/program.js';
import { shutDown } from '../../contestants/heddle.js';
import type { tasks as nactPrograms } from '../../rivals/nact-savina.js';
import { RivalThread } from '../../rivals/thread.js';
import type { Adapter } from '../adapter.js';
import type { Contestant, Heat, Reading } from '../heat.js';
import type { LaboratoryOptions } from '../options.js';

const NACT = new URL('../../rivals/nact-savina.js', import.meta.url);
const NACT_PROGRAMS: ReadonlySet<string> = new Set<keyof typeof nactPrograms>(['ping-pong', 'fork-join', 'big']);

/** Samples shorter than this are of the size that tests have. */
const USUAL_FROM_MS = 100;

const conditionsOf = (parameters: Parameters, threads: number): Reading['conditions'] => ({
  threads,
  ...parameters,
});

const toReading = (
  { name }: Program,
  contestant: string,
  conditions: Reading['conditions'],
  { ms, messages, figure, better }: Played,
): Reading => ({
  experiment: 'savina',
  scenario: name,
  contestant,
  conditions,
  unit: figure.unit,
  better,
  value: figure.value,
  beside: { ms, messages },
});

/** Some programs end while a last message is under way to an actor that has ended, which is a dead letter. */
const whatIsLost = ({ lost, unaccounted }: ShutdownReport): number => lost + unaccounted;

const withHeddle = (program: Program, parameters: Parameters, threads: number): Contestant => ({
  system: threads === 1 ? 'heddle, 1 thread' : `heddle, ${threads} threads`,
  open: async () => {
    const system = await createSystem({ threads });
    const conditions = conditionsOf(parameters, threads);
    const sample = async () => [toReading(program, 'heddle', conditions, await program.run(system, parameters))];
    return { sample, close: () => shutDown(system, whatIsLost) };
  },
});

const withNact = (program: Program, parameters: Parameters): Contestant => ({
  system: 'nact',
  open: async () => {
    const thread = await RivalThread.start<typeof nactPrograms>(NACT);
    const conditions = conditionsOf(parameters, 1);
    const name = program.name as keyof typeof nactPrograms;
    const sample = async () => [toReading(program, 'nact', conditions, await thread.ask(name, parameters as never))];
    return { sample, close: () => thread.end() };
  },
});

export const savinaHeats = (adapters: readonly Adapter[], { durationMs, threads }: LaboratoryOptions): Heat[] => {
  const size = durationMs < USUAL_FROM_MS ? 'quick' : 'usual';
  const hasNact = adapters.some(({ name }) => name === 'nact');
  const counts = new Set([1, threads ?? availableParallelism()]);
  return PROGRAMS.map((program) => {
    const parameters = program.sizes[size];
    const own = [...counts].map((count) => withHeddle(program, parameters, count));
    const isWithNact = hasNact && NACT_PROGRAMS.has(program.name);
    return { title: program.name, contestants: isWithNact ? [...own, withNact(program, parameters)] : own };
  });
};
