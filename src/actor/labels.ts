/**
 * Labels: small numbers that say what runs on a thread. Code that is generated for a message writes its label, a constant,
 * to shared memory before each handler. What labels mean is told to the control thread once, when a definition is bound:
 * before the first of its handlers runs.
 */
import type { Details } from './definition.js';

/** What runs of an actor besides handlers of messages; the first labels of a definition are theirs. */
export const HOOKS = ['init', 'started', 'stopped', 'restarting', 'onSupervision'] as const;
export type Hook = (typeof HOOKS)[number];

/** What the labels of one definition mean: first the hooks, then its messages in the order of the protocol. */
export interface LabelRange {
  readonly first: number;
  readonly actor: string;
  readonly messages: readonly string[];
  readonly budgetMs: number | undefined;
}

/** What no handler runs under. */
export const NO_LABEL = 0;

/** How many labels a definition takes. */
export const labelsIn = ({ messages }: LabelRange): number => HOOKS.length + messages.length;

/** Gives out the labels of one thread. */
export class Labels {
  readonly #tell: (range: LabelRange) => void;
  #next = NO_LABEL + 1;

  /** @param tell tells whoever looks on what the labels of a definition mean */
  constructor(tell: (range: LabelRange) => void) {
    this.#tell = tell;
  }

  /** The first label of a definition. */
  bind({ name, plan, budgetMs }: Details): number {
    const range = { first: this.#next, actor: name, messages: plan.map((entry) => entry.name), budgetMs };
    this.#next += labelsIn(range);
    this.#tell(range);
    return range.first;
  }
}
