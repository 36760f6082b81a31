/** Threads that talk by `postMessage`, over channels of their own. */
import { MessageChannel } from 'node:worker_threads';
import type { CallLoad, ReadCalls } from '../harness/calls.js';
import { check } from '../harness/check.js';
import { expectedSum, type PayloadName } from '../harness/payloads.js';
import type { Contestant, Sample } from '../harness/workload.js';
import type { tasks as pipeline } from '../rivals/pipeline.js';
import type { tasks as postMessage } from '../rivals/post-message.js';
import { PostedCalls } from '../rivals/posted-calls.js';
import { RivalThread } from '../rivals/thread.js';
import { overChannel } from './threads.js';

const POST_MESSAGE = new URL('../rivals/post-message.js', import.meta.url);
const PIPELINE = new URL('../rivals/pipeline.js', import.meta.url);

export const postedRally = (figure: string, roundTrips: number): Contestant =>
  overChannel<typeof postMessage>('postMessage', POST_MESSAGE, async (server, returner) => {
    await returner.ask('returnBalls', undefined);
    return async () => [{ figure, value: await server.ask('serveBall', { roundTrips }) }];
  });

/** One thread posts messages to another, one by one: millions per second. */
export const postedStream = (
  figure: string,
  payload: PayloadName,
  count: number,
  { system = 'postMessage', transfer = false } = {},
): Contestant =>
  overChannel<typeof postMessage>(system, POST_MESSAGE, async (sender, receiver) => {
    await receiver.ask('receive', { payload });
    const expected = expectedSum(payload, count);
    return async () => {
      const { ms, sum } = await sender.ask('send', { payload, count, transfer });
      check('the sum', sum, expected);
      return [{ figure, value: count / ms / 1e3 }];
    };
  });

export const postedCalls = (figure: string, load: CallLoad, read: ReadCalls): Contestant =>
  overChannel<typeof postMessage>('postMessage', POST_MESSAGE, async (caller, callee) => {
    await callee.ask('answerCalls', undefined);
    await caller.ask('expectReplies', undefined);
    return async () => [{ figure, value: read(await caller.ask('call', load)) }];
  });

/** Two threads of a pipeline, joined by a channel. */
export const onPipelineThreads = (
  setUp: (first: RivalThread<typeof pipeline>, second: RivalThread<typeof pipeline>) => Promise<Sample>,
): Contestant => overChannel('postMessage', PIPELINE, setUp);

/** Threads that the host calls by `postMessage`, each through a port of its own. */
export const onPorts = (count: number, setUp: (ports: readonly PostedCalls[]) => Promise<Sample>): Contestant => ({
  system: 'postMessage',
  open: async () => {
    const connected = Array.from({ length: count }, async () => {
      const thread = await RivalThread.start<typeof postMessage>(POST_MESSAGE);
      const { port1, port2 } = new MessageChannel();
      await thread.ask('connect', { port: port2 }, [port2]);
      await thread.ask('answerCalls', undefined);
      return { thread, calls: new PostedCalls(port1) };
    });
    const all = await Promise.all(connected);
    const sample = await setUp(all.map(({ calls }) => calls));
    const end = ({ thread, calls }: (typeof all)[number]): Promise<number> => {
      calls.close();
      return thread.end();
    };
    return { sample, close: () => Promise.all(all.map(end)) };
  },
});
