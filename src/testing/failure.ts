/** What went wrong in a simulation, with all that it takes to see it again. */
import { type ErrorDetails, HeddleError } from '../base/errors.js';

/** An expectation that was not met, or a system that cannot go on. Its message says the seed. */
export class SimulationFailed extends HeddleError {
  override readonly name = 'SimulationFailed';
  override readonly code = 'HEDDLE_SIMULATION_FAILED';
}

export type Fail = (what: string, details?: ErrorDetails) => SimulationFailed;

/** @param now virtual milliseconds */
export const failuresOf =
  (seed: number, now: () => number): Fail =>
  (what, details) =>
    new SimulationFailed(
      `${what}\n(virtual time ${now()} ms; the same happens again with createSimulation({ seed: ${seed} }))`,
      {},
      details,
    );
