/** What is behind a stage's definition. */
import type { StageContext, Window } from './contract.js';
import type { PortPlan } from './ports.js';

/** `process` or `tick`. */
export type RunStep = (state: unknown, given: unknown, out: unknown, stage: StageContext) => unknown;

type Optional<F> = F | undefined;

/** A stage as heddle sees it. */
export interface StageDetails {
  readonly name: string;
  readonly ins: readonly PortPlan[];
  readonly outs: readonly PortPlan[];
  readonly isInNamed: boolean;
  readonly isOutNamed: boolean;
  readonly init: Optional<(stage: StageContext, args: unknown) => unknown>;
  readonly key: Optional<(item: unknown) => string | number>;
  readonly window: Window | undefined;
  /** By number of the input port; of a source, its only one. */
  readonly steps: readonly RunStep[];
  readonly tick: Optional<RunStep>;
  readonly flush: Optional<(state: unknown, out: unknown, stage: StageContext) => unknown>;
  readonly replay: Optional<(state: unknown, from: number, stage: StageContext) => unknown>;
  readonly acknowledged: Optional<(state: unknown, upTo: number, stage: StageContext) => void>;
  readonly stopped: Optional<(state: unknown, stage: StageContext) => unknown>;
}
