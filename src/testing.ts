/**
 * heddle/testing: systems of actors in tests, with simulated threads and virtual time, all of it repeatable by a seed.
 *
 * @module
 */
export type { EventKind, SimulationEvent } from './testing/event-log.js';
export { SimulationFailed } from './testing/failure.js';
export type { Expected, Probe } from './testing/probe.js';
export { createSimulation, type KillOptions, type Simulation, type SimulationOptions } from './testing/simulation.js';
