/** What the three ways of answering have in common, so that one server can run and compare them. */
import type { Answer } from './answer.js';

export const WAY_NAMES = ['heddle', 'piscina', 'none'] as const;

export type WayName = (typeof WAY_NAMES)[number];

export interface Way {
  /**
   * @param signal is aborted when the client has left
   * @throws Refusal
   */
  answer(body: Uint8Array, signal: AbortSignal): Promise<Answer> | Answer;
  close(): Promise<unknown> | undefined;
}

/** Why there is no answer, in terms of HTTP: try again (503), or not in time (504). */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** How long a client may have to wait. */
export const DEADLINE_MS = 5_000;
