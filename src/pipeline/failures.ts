/** What becomes of failures: how often an item is tried again, and after how long; and what happens then. */
import type { FailurePolicy, RetryPolicy, Verdict } from './setup.js';

const DELAY_MS = 10;
const DELAY_MS_MAX = 10_000;
/** Restarts within a time from which on they are too many; those of Erlang's supervisors. */
const RESTARTS_MAX = 3;
const WITHIN_MS = 5_000;

const isRetry = (policy: FailurePolicy): policy is RetryPolicy => typeof policy === 'object' && 'retries' in policy;

export class Failures {
  readonly verdict: Verdict;
  readonly #retry: RetryPolicy | undefined;
  readonly #now: () => number;
  #restarts: number[] = [];

  constructor(policy: FailurePolicy, now: () => number) {
    this.#retry = isRetry(policy) ? policy : undefined;
    this.verdict = isRetry(policy) ? (policy.otherwise ?? 'stop') : policy;
    this.#now = now;
  }

  /** How long to wait before an attempt, 1 the first repeated one, in ms; undefined: there is none. */
  delayBefore(attempt: number): number | undefined {
    if (this.#retry === undefined || attempt > this.#retry.retries) return undefined;
    const { delayMs = DELAY_MS, delayMsMax = DELAY_MS_MAX } = this.#retry;
    return Math.min(delayMs * 2 ** (attempt - 1), delayMsMax);
  }

  /** Whether the stage may be restarted once more. */
  restart(): boolean {
    const now = this.#now();
    this.#restarts = [...this.#restarts.filter((at) => now - at < WITHIN_MS), now];
    return this.#restarts.length <= RESTARTS_MAX;
  }
}
