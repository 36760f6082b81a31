/** What the tests of pipelines share. */
import type { StageCounters } from 'heddle';
import { expect } from 'vitest';

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

export const readAll = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

export interface Gate {
  /** For stages, which wait on any thread until it is open. */
  readonly gate: string;
  open(): void;
}

let gates = 0;

/** What a test holds stages up by; see `untilOpen`. */
export const makeGate = (): Gate => {
  const gate = `gate ${process.pid} ${++gates}`;
  const channel = new BroadcastChannel(gate);
  return {
    gate,
    open() {
      channel.postMessage('open');
      channel.close();
    },
  };
};

/** What was emitted is processed, or counted as what became of it instead. */
export const expectBalance = (counters: Readonly<Record<string, StageCounters>>): void => {
  const sum = (name: 'emitted' | 'taken' | 'failed' | 'dropped' | 'unwanted'): number =>
    Object.values(counters).reduce((all, stage) => all + stage[name], 0);
  expect(sum('emitted')).toBe(sum('taken') + sum('failed') + sum('dropped') + sum('unwanted'));
};
