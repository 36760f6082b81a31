import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Agent } from '../actors/agent.js';
import { Concurrent, EchoServer, Restless, Ticker } from '../actors/busy.js';
import { Echo } from '../actors/echo.js';
import { Ledger } from '../actors/ledger.js';
import { finish, start } from '../support/systems.js';

describe.each([
  { where: 'a worker', threads: 1, place: 1 },
  { where: 'the host', threads: 1, place: 0 },
  { where: 'the only thread', threads: 0, place: 0 },
])('on $where, under full load by messages', ({ threads, place }) => {
  it('timers fire, sockets are served, async handlers go on, and other actors have their turn', async () => {
    const system = await start({ threads });
    const restless = await system.spawn(Restless, undefined, { place });
    restless.again();
    const ticker = await system.spawn(Ticker, undefined, { place });
    const server = await system.spawn(EchoServer, undefined, { place });
    const echo = await system.spawn(Echo, undefined, { place });

    const socket = connect(await server.port());
    await once(socket, 'connect');
    for (let round = 0; round < 20; round++) {
      socket.write(`round ${round}`);
      const [data] = (await once(socket, 'data')) as [Buffer];
      expect(data.toString()).toBe(`round ${round}`);
    }
    socket.destroy();
    expect(await echo.later({ ms: 5, value: 1 })).toBe(1);
    expect(await ticker.ticks()).toBeGreaterThan(0);
    expect(await restless.rest()).toBeGreaterThan(0);
    await Promise.all([ticker.stop(), server.close()]);
    await finish(system);
  });
});

describe('a thread', () => {
  it('serves its timers while another thread floods it', async () => {
    const system = await start({ threads: 2 });
    const ledger = await system.spawn(Ledger, undefined, { place: 2 });
    const agent = await system.spawn(Agent, undefined, { place: 1 });
    const ticker = await system.spawn(Ticker, undefined, { place: 2 });
    const flood = agent.notes({ to: ledger, from: 1, count: 1_000_000 }, { timeoutMs: 60_000 });
    let ticksMeanwhile = 0;
    let over = false;
    const watch = (async () => {
      while (!over) ticksMeanwhile = await ticker.ticks();
    })();
    await flood;
    over = true;
    await watch;
    expect(ticksMeanwhile).toBeGreaterThan(0);
    await ticker.stop();
  });

  it('lets an actor work on as many messages at a time as its definition says', async () => {
    const system = await start({ threads: 1 });
    const actor = await system.spawn(Concurrent);
    await Promise.all(Array.from({ length: 10 }, () => actor.work({ ms: 5 })));
    expect(await actor.peak()).toBe(3);
  });

  it('survives promises that nobody awaits, and tells of them', async () => {
    const system = await start({ threads: 1 });
    const problems = system.problems[Symbol.asyncIterator]();
    const echo = await system.spawn(Echo, undefined, { place: 1 });
    echo.forget();
    expect((await problems.next()).value).toMatchObject({
      kind: 'floating-rejection',
      thread: 1,
      error: { message: 'nobody awaits this' },
    });
    expect(await echo.text({ value: 'alive' })).toBe('alive');
    expect(system.counters().threads[1]).toMatchObject({ floatingRejections: 1 });
  });
});
