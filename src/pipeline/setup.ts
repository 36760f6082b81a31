/** What an actor of a pipeline is told when it is made. It is sent as a general value. */

/** When a stage runs. */
export type Rule =
  /** For each item; not for sources. */
  | 'message'
  /** Again and again, as long as there is room for what it emits; the default of sources. */
  | 'loop'
  /** When it is notified. Notifications that come while it has yet to run are one, which tells how many they were. */
  | 'event'
  /**
   * Every so many microseconds, 1 to 2^50, counted from its start, so that it does not drift. Never early; a tick whose
   * successor is due already is missed, and counted. Periods below 4 ms keep the thread busy.
   */
  | { readonly everyMicros: number };

/** What becomes of an item that cannot be processed, or sent. */
export type Verdict =
  /** The job ends with `StageFailed`. */
  | 'stop'
  /** It is counted, and told in `job.failures`. */
  | 'skip'
  /** As `skip`, and the stage's state is made anew. More than 3 times within 5 s it is `stop`. */
  | 'restart'
  /** What is known of it is emitted by this output, whose type is `itemFailure`. */
  | { readonly port: string };

export interface RetryPolicy {
  /** Further attempts, 1 to 1,000. */
  readonly retries: number;
  /** Before the first one, in ms, 0 to 2^30; then twice as long each time. Default 10. */
  readonly delayMs?: number;
  /** At most. Default 10,000. */
  readonly delayMsMax?: number;
  /** When all have failed. Default `stop`. */
  readonly otherwise?: Verdict;
}

export type FailurePolicy = Verdict | RetryPolicy;

export type Dispatch = 'round-robin' | 'least-loaded' | 'key';

export interface StageSetup {
  /** What it is called in the graph. */
  readonly name: string;
  readonly instance: number;
  /** A splitter gives items to the parallel instances of its stage. */
  readonly role: 'work' | 'split';
  readonly dispatch: Dispatch;
  /** Whether the parallel instances give what they make in the order of what they take. */
  readonly isOrdered: boolean;
  readonly isAcknowledged: boolean;
  readonly rule: Rule;
  readonly onError: FailurePolicy;
  /** How many channels leave by each output port. */
  readonly outputs: readonly number[];
  readonly args: unknown;
}
