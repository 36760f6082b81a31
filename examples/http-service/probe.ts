/**
 * Asks `/health` at a steady rate, whether or not it has been answered before. Each latency counts from when its request
 * was to be sent, so that a server that stands still is charged for all who would have come meanwhile (Gil Tene calls the
 * opposite "coordinated omission").
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from './client.js';

const PERIOD_MS = 5;

export interface Probes {
  /** Answers that were not what they should have been. */
  readonly wrong: readonly string[];
  readonly healthMs: readonly number[];
  readonly lateMs: readonly number[];
}

export const probe = async (client: Client, beganMs: number, endMs: number): Promise<Probes> => {
  const probes = { wrong: [] as string[], healthMs: [] as number[], lateMs: [] as number[] };
  const ask = async (dueMs: number): Promise<void> => {
    probes.lateMs.push(performance.now() - dueMs);
    const { status, body } = await client.get('/health');
    if (status === 200 && body.toString() === 'ok\n') probes.healthMs.push(performance.now() - dueMs);
    else probes.wrong.push(`GET /health: ${status} ${body}`);
  };
  const asked: Promise<void>[] = [];
  for (let dueMs = beganMs; dueMs < endMs; dueMs += PERIOD_MS) {
    const earlyMs = Math.ceil(dueMs - performance.now());
    if (earlyMs > 0) await sleep(earlyMs);
    asked.push(ask(dueMs));
  }
  await Promise.all(asked);
  return probes;
};
