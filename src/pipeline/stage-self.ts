/** The actor of a stage, as it sees itself. */
import type { Self } from '../actor/self.js';

export type StageSelf = Self<{ turn: Record<never, never>; alarm: Record<never, never> }>;
