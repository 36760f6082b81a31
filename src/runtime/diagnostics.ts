/** What the runtime of one thread tells on `node:diagnostics_channel`; `scheduler/diagnostics.ts` lists all of it. */
import type { ThreadLost } from '../base/errors.js';
import { Topic } from '../base/topics.js';
import type { DeadLetter, Problem } from './reports.js';

/** A thread has died, or does not answer any more. */
export interface ThreadLostMessage {
  /** The thread that was told. */
  readonly on: number;
  readonly thread: number;
  /** The number of the life that begins now, of the thread that takes its place; undefined: none does, for now. */
  readonly epoch: number | undefined;
  readonly error: ThreadLost;
}

/** A worker takes messages. */
export interface ThreadReadyMessage {
  readonly thread: number;
  /** 0 for the first worker of its number, and one more for each that took the place of another. */
  readonly epoch: number;
}

/** A call, or a spawn, was not answered before its deadline. */
export interface CallTimeoutMessage {
  /** The thread of the caller. */
  readonly thread: number;
  /** The thread that did not answer. */
  readonly to: number;
  /** What was called: `Account.balance`; undefined for a spawn. */
  readonly call: string | undefined;
  readonly timeoutMs: number;
  /** What the caller is given. */
  readonly error: Error;
}

export const deadLetterTopic = new Topic<DeadLetter>('heddle:dead-letter');
export const problemTopic = new Topic<Problem>('heddle:problem');
export const threadLostTopic = new Topic<ThreadLostMessage>('heddle:thread-lost');
export const threadReadyTopic = new Topic<ThreadReadyMessage>('heddle:thread-ready');
export const callTimeoutTopic = new Topic<CallTimeoutMessage>('heddle:call-timeout');
