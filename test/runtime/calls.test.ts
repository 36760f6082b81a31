/** The table of calls, by itself. */
import { describe, expect, it } from 'vitest';
import { Calls } from '../../src/runtime/calls.js';

/** Times that one place is used until its call numbers begin again. */
const NUMBERS = 2 ** 11;

describe('a table of calls', () => {
  it('keeps the deadline of the open call when its number was used before within the same millisecond', async () => {
    let now = 1000;
    const calls = new Calls({ now: () => now, lateSpawn: () => new Error('late'), timedOut: () => undefined });
    const words = new Int32Array(1);
    const open = (): { readonly call: number; readonly promise: Promise<unknown> } => {
      const promise = calls.open(1, undefined, 10, undefined);
      const call = calls.openedCall;
      calls.dateLater(call, 0);
      calls.dateAll(words);
      return { call, promise };
    };
    const first = open();
    calls.take(first.call)?.resolve(undefined);
    for (let i = 1; i < NUMBERS; i++) calls.take(open().call)?.resolve(undefined);
    now += 0.5;
    const last = open();
    expect(last.call).toBe(first.call);
    let outcome = 'open';
    last.promise.catch(() => {
      outcome = 'late';
    });
    for (const [at, expected] of [
      [1005, 'open'],
      [1010, 'open'],
      [1011, 'late'],
    ] as const) {
      calls.expire(at);
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
      expect(outcome).toBe(expected);
    }
    expect(calls.count).toBe(0);
  });
});
