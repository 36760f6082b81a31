/** Runs of the laboratory that were never run. */
import type { LaboratoryRun, Measurement } from '../../bench/laboratory/results.js';

export const measurement = (samples: readonly number[], facts: Partial<Measurement> = {}): Measurement => ({
  experiment: 'throughput',
  scenario: 'one way',
  contestant: 'heddle',
  conditions: { payload: 'pair' },
  unit: 'M messages/s',
  better: 'more',
  samples,
  ...facts,
});

export const runOf = (...measurements: readonly Measurement[]): LaboratoryRun => ({
  format: 'heddle-laboratory',
  version: 1,
  at: '2026-01-01T00:00:00.000Z',
  machine: {
    processor: 'abacus',
    cores: 2,
    memoryBytes: 2 ** 30,
    system: 'Linux 1',
    node: '20.19.0',
    v8: '11',
    versions: { heddle: '1.0.0' },
  },
  command: 'heddle bench',
  measurements,
  absent: [],
});
