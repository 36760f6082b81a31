/** What heddle tells on `node:diagnostics_channel`, and on which threads. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type DiagnosticMessages, type SystemOptions, ThreadLost } from 'heddle';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Account } from '../actors/account.js';
import { Echo } from '../actors/echo.js';
import { Listener } from '../actors/listener.js';
import { Mortal } from '../actors/mortal.js';
import { Program, programUrl } from '../support/programs.js';
import { finish, start } from '../support/systems.js';
import { until } from '../support/until.js';

type Name = keyof DiagnosticMessages;

/** Collects what is told on a channel of this thread until the test ends. */
const listen = <N extends Name>(name: N, then: (message: DiagnosticMessages[N]) => void = () => undefined) => {
  const messages: DiagnosticMessages[N][] = [];
  const listener = (message: unknown): void => {
    messages.push(message as DiagnosticMessages[N]);
    then(message as DiagnosticMessages[N]);
  };
  subscribe(name, listener);
  onTestFinished(() => {
    unsubscribe(name, listener);
  });
  return messages;
};

/** Workers that listen from their beginning on. */
const LISTENING: SystemOptions = { workerImports: [programUrl('../actors/listener')] };

describe('the channels of diagnostics', () => {
  it('tell of the start of a system, of its threads, and of its end', async () => {
    const [starts, ready, stops] = [
      listen('heddle:system-start'),
      listen('heddle:thread-ready'),
      listen('heddle:system-stop'),
    ];
    const system = await start({ threads: 2 });
    await until(() => ready.length === 2);
    expect(starts).toEqual([{ system }]);
    expect(ready).toEqual(
      expect.arrayContaining([
        { thread: 1, epoch: 0 },
        { thread: 2, epoch: 0 },
      ]),
    );
    expect(stops).toEqual([]);
    const report = await finish(system);
    expect(stops).toEqual([{ system, report }]);
    expect(starts).toHaveLength(1);
  });

  it('tell on all other threads that one is lost, and on it and the host that another is ready', async () => {
    const [lost, ready] = [listen('heddle:thread-lost'), listen('heddle:thread-ready')];
    const system = await start({ threads: 2, ...LISTENING });
    const witness = await system.spawn(Listener, undefined, { place: 2 });
    await system.terminate(1);
    expect(lost).toMatchObject([{ on: 0, thread: 1, epoch: 1, error: { reason: 'terminated' } }]);
    expect(lost[0]!.error).toBeInstanceOf(ThreadLost);
    expect(await witness.heard({ channel: 'heddle:thread-lost' })).toMatchObject([{ on: 2, thread: 1, epoch: 1 }]);
    const replacement = await system.spawn(Listener, undefined, { place: 1 });
    expect(await replacement.heard({ channel: 'heddle:thread-ready' })).toEqual([{ thread: 1, epoch: 1 }]);
    expect(await witness.heard({ channel: 'heddle:thread-ready' })).toEqual([{ thread: 2, epoch: 0 }]);
    await until(() => ready.length === 3);
    expect(ready).toContainEqual({ thread: 1, epoch: 1 });
  });

  it('tell of a dead letter on the thread where it died, and count it as ever', async () => {
    const letters = listen('heddle:dead-letter');
    const system = await start({ threads: 1, ...LISTENING });
    const listener = await system.spawn(Listener, undefined, { place: 1 });
    const [here, there] = await Promise.all([0, 1].map((place) => system.spawn(Account, 'ann', { place })));
    await Promise.all([system.stop(here!), system.stop(there!)]);
    here!.deposit({ amount: 10 });
    there!.deposit({ amount: 10 });
    expect(await listener.heard({ channel: 'heddle:dead-letter' })).toEqual([{ reason: 'no-such-actor', thread: 1 }]);
    const letter = { reason: 'actor-stopped', thread: 0, actor: 'Account', name: 'deposit', message: { amount: 10 } };
    expect(letters).toEqual([letter]);
    expect(await finish(system)).toMatchObject({ dead: 2 });
  });

  it('tell of a problem of a worker there and on the host, and of one of the host once', async () => {
    const problems = listen('heddle:problem');
    const system = await start({ threads: 1, ...LISTENING });
    const listener = await system.spawn(Listener, undefined, { place: 1 });
    for (const place of [0, 1]) {
      const echo = await system.spawn(Echo, undefined, { place });
      echo.throwCast();
      await system.stopped(echo);
      await until(() => problems.length === place + 1);
      expect(problems[place]).toMatchObject({
        kind: 'actor-failed',
        thread: place,
        error: { name: 'ActorFailed', cause: { message: 'a cast that fails' } },
      });
    }
    expect(await listener.heard({ channel: 'heddle:problem' })).toEqual([
      { kind: 'actor-failed', thread: 1, error: problems[1]!.error.message },
    ]);
    expect(problems).toHaveLength(2);
  });

  it('tell the thread of the caller of a call that was not answered in time', async () => {
    const late = listen('heddle:call-timeout');
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo);
    const error = await echo.never({}, { timeoutMs: 1 }).catch((thrown: unknown) => thrown);
    expect(late).toEqual([{ thread: 0, to: 1, call: 'Echo.never', timeoutMs: 1, error }]);
    await system.kill(echo);
  });

  it('are silent for those who do not listen any more', async () => {
    const letters: unknown[] = [];
    const listener = (message: unknown): number => letters.push(message);
    subscribe('heddle:dead-letter', listener);
    const system = await start({ threads: 0 });
    const account = await system.spawn(Account, 'ann');
    await system.stop(account);
    account.deposit({ amount: 1 });
    await until(() => letters.length === 1);
    unsubscribe('heddle:dead-letter', listener);
    account.deposit({ amount: 1 });
    expect(await finish(system)).toMatchObject({ dead: 2 });
    expect(letters).toHaveLength(1);
  });
});

describe('a subscriber', () => {
  it('may send to where the dead letters come from, and the books balance', async () => {
    const system = await start({ threads: 1 });
    const [doomed, other] = await Promise.all([1, 1].map((place) => system.spawn(Account, 'ann', { place })));
    const mortal = await system.spawn(Mortal, undefined, { place: 1 });
    mortal.die({ way: 'a loop' });
    await until(() => system.counters().threads[1]!.underway === 1);
    let sent = 0;
    const letters = listen('heddle:dead-letter', () => {
      if (sent++ < 1000) other!.deposit({ amount: 1 });
    });
    for (let count = 0; count < 5000; count++) doomed!.deposit({ amount: 1 });
    await system.terminate(1);
    await until(() => sent > 1000);
    expect(letters[0]).toMatchObject({ reason: 'thread-lost', thread: 0 });
    expect(await finish(system)).toMatchObject({ quiet: true, handled: 0 });
  });

  it('that throws does so as an uncaught exception, and nothing else changes', async () => {
    const program = new Program('throwing-subscriber');
    expect(await program.ended()).toEqual(['uncaught: a subscriber', '{"quiet":true,"accepted":1,"dead":1}']);
  });
});
