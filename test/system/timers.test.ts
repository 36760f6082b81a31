import { describe, expect, it } from 'vitest';
import { Relay } from '../actors/relay.js';
import { finish, start } from '../support/systems.js';

describe.each([
  { where: 'on the host', place: 0, park: 'event-loop' as const },
  { where: 'on a worker', place: 1, park: 'event-loop' as const },
  { where: 'on a worker that blocks', place: 1, park: 'block' as const },
])('timers of an actor $where', ({ place, park }) => {
  const scene = async () => {
    const system = await start({ threads: 1, park });
    const relay = await system.spawn(Relay, undefined, { place });
    return { system, relay };
  };

  it('wake a thread that sleeps, in the order of their deadlines', async () => {
    const { system, relay } = await scene();
    for (const ms of [30, 10, 20, 10]) relay.tickAfter({ ms, value: ms });
    expect(await relay.ticks({ count: 4 })).toEqual([10, 10, 20, 30]);
    // What a timer sends is a request like any other.
    expect(await finish(system)).toMatchObject({ accepted: 9, handled: 9 });
  });

  it('come again and again, until the actor ends', async () => {
    const { system, relay } = await scene();
    relay.tickEvery({ ms: 3 });
    expect(await relay.ticks({ count: 5 })).toEqual([3, 3, 3, 3, 3]);
    await system.kill(relay);
    expect(await finish(system)).toMatchObject({ quiet: true });
  });

  it('end their actor', async () => {
    const { system, relay } = await scene();
    const stopped = system.stopped(relay);
    relay.stopAfter({ ms: 10 });
    expect(await stopped).toMatchObject({ reason: 'stopped', detail: 'late' });
    const other = await system.spawn(Relay, undefined, { place });
    const killed = system.stopped(other);
    other.killAfter({ ms: 10 });
    expect(await killed).toMatchObject({ reason: 'killed', detail: 'killed' });
  });
});
