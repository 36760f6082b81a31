import { createSystem } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Agent } from '../actors/agent.js';
import { Mortal } from '../actors/mortal.js';

describe('a worker that ends', () => {
  it.each([
    { how: 'by process.exit', die: 'exit' as const },
    { how: 'by an exception outside of handlers', die: 'throwOutside' as const },
  ])('$how is told to everybody: calls are rejected, sends are refused, other threads go on', async ({ die }) => {
    const system = await createSystem({ threads: 2 });
    const problems = system.problems[Symbol.asyncIterator]();
    const mortal = await system.spawn(Mortal, undefined, { place: 1 });
    const survivor = await system.spawn(Agent, undefined, { place: 2 });
    const waiting = await system.spawn(Mortal, undefined, { place: 1 });
    const pending = waiting.never({}, { timeoutMs: 60_000 });
    const outcome = expect(pending).rejects.toMatchObject({ code: 'HEDDLE_THREAD_LOST' });
    if (die === 'exit') mortal.exit({ code: 3 });
    else mortal.throwOutside();
    await outcome;
    await expect(mortal.thread()).rejects.toMatchObject({ code: 'HEDDLE_THREAD_LOST' });
    expect(() => mortal.exit({ code: 1 })).toThrow(expect.objectContaining({ code: 'HEDDLE_THREAD_LOST' }));
    expect(await system.stopped(mortal)).toMatchObject({ reason: 'thread-lost' });
    expect((await problems.next()).value).toMatchObject({ kind: 'thread-ended' });
    expect(await survivor.thread()).toBe(2);
    expect(system.counters().threads.map(({ state }) => state)).toEqual(['running', 'ended', 'running']);
    const { threads } = await system.shutdown({ deadlineMs: 100 });
    expect(threads[0]!.error).toBeDefined();
    expect(threads[1]!.error).toBeUndefined();
  });
});
