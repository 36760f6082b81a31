import type { Problem } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Echo } from '../actors/echo.js';
import { Relay } from '../actors/relay.js';
import { finish, start } from '../support/systems.js';
import { until } from '../support/until.js';

describe.each([
  { where: 'of one thread', place: 0 },
  { where: 'of another thread', place: 1 },
])('a promise that an actor $where pipes', ({ place }) => {
  const scene = async () => {
    const system = await start({ threads: 2 });
    const relay = await system.spawn(Relay, undefined, { place });
    const echo = await system.spawn(Echo, undefined, { place: 2 });
    const problems = system.problems[Symbol.asyncIterator]();
    /** Resolves when so many requests have been handled since the beginning. */
    const handled = (count: number): Promise<void> => until(() => system.counters().handled >= count);
    return { system, relay, echo, problems, handled };
  };

  it('is sent to itself, or to another, when it has resolved', async () => {
    const { system, relay, echo, handled } = await scene();
    relay.pipeHeld({ to: echo });
    await handled(2);
    expect(await relay.heard()).toEqual([]);
    echo.release({ value: 5 });
    await handled(5);
    expect(await relay.heard()).toEqual([5]);
    const other = await system.spawn(Echo, undefined, { place: 0 });
    const held = other.held();
    relay.pipeFor({ to: echo, other });
    await handled(9);
    echo.release({ value: 6 });
    expect(await held).toBe(6);
  });

  it('is sent as what is made of its failure', async () => {
    const { relay, echo, handled } = await scene();
    relay.pipeFailure({ to: echo, message: 'no', caught: 9 });
    await handled(2);
    expect(await relay.heard()).toEqual([9]);
  });

  it('is a problem where its failure is not expected, or the message is refused', async () => {
    const { system, relay, echo, problems, handled } = await scene();
    const wrong = problems.next();
    relay.pipeWrong({ to: echo });
    await handled(2);
    echo.release({ value: 1 });
    const pipeFailed = { kind: 'pipe-failed', thread: place };
    expect((await wrong).value).toMatchObject({ ...pipeFailed, error: { code: 'HEDDLE_INVALID_MESSAGE' } });
    relay.pipeFailure({ to: echo, message: 'no', caught: 0 });
    const found: Problem[] = [(await problems.next()).value as Problem, (await problems.next()).value as Problem];
    expect(found).toContainEqual(expect.objectContaining({ kind: 'pipe-failed', thread: place }));
    expect(await relay.heard()).toEqual([]);
    expect(system.counters().threads.map((thread) => thread.floatingRejections)).toEqual([0, 0, 0]);
  });

  it('is nothing any more once the actor has ended', async () => {
    const { system, relay, echo, handled } = await scene();
    const other = await system.spawn(Echo, undefined, { place: 0 });
    const held = other.held();
    relay.pipeFor({ to: echo, other });
    await handled(3);
    await system.kill(relay);
    echo.release({ value: 6 });
    expect(await echo.text({ value: 'round' })).toBe('round');
    other.release({ value: 2 });
    expect(await held).toBe(2);
    await finish(system);
  });
});
