/** What a thread's runtime is told when it starts. Plain data: it travels to workers. */
export interface RuntimeOptions {
  readonly strict: boolean;
  readonly mailboxLimit: number;
  readonly outboxBytes: number;
  readonly callTimeoutMs: number;
  readonly importTimeoutMs: number;
  readonly traceContext: boolean;
}
