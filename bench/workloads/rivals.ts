/** Contestants that several workloads share. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { check } from '../harness/check.js';
import { onThread, onThreads } from '../harness/contestants.js';
import { expectedSum, type PayloadName } from '../harness/payloads.js';
import type { Contestant, Sample } from '../harness/workload.js';
import type { tasks as byHand } from '../rivals/by-hand.js';
import type { tasks as frames } from '../rivals/by-hand-frames.js';
import { makeByteRing } from '../rivals/byte-ring.js';
import type { tasks as comlink } from '../rivals/comlink.js';
import { makeMeeting } from '../rivals/meeting.js';
import type { tasks as nact } from '../rivals/nact.js';
import { makePairRing } from '../rivals/pair-ring.js';
import type { tasks as pipeline } from '../rivals/pipeline.js';
import type { tasks as plain } from '../rivals/plain.js';
import type { tasks as postMessage } from '../rivals/post-message.js';
import { PostedCalls } from '../rivals/posted-calls.js';
import { RivalThread } from '../rivals/thread.js';

const BY_HAND = new URL('../rivals/by-hand.js', import.meta.url);
const FRAMES = new URL('../rivals/by-hand-frames.js', import.meta.url);
const POST_MESSAGE = new URL('../rivals/post-message.js', import.meta.url);
const PLAIN = new URL('../rivals/plain.js', import.meta.url);
const PIPELINE = new URL('../rivals/pipeline.js', import.meta.url);
const NACT = new URL('../rivals/nact.js', import.meta.url);
const COMLINK = new URL('../rivals/comlink.js', import.meta.url);

/** Room for the words that a ball is written on. */
const BALL_BYTES = 256;

/** Two threads made by hand that spin for each other; the figure is `perTrip` of the nanoseconds of a round trip. */
export const spinningRally = (figure: string, roundTrips: number, perTrip = 1): Contestant =>
  onThreads<typeof byHand>('by-hand', BY_HAND, async (server, returner) => async () => {
    const order = { ball: new SharedArrayBuffer(BALL_BYTES), meeting: makeMeeting(), roundTrips };
    const [nanoseconds] = await Promise.all([server.ask('serveBall', order), returner.ask('returnBall', order)]);
    return [{ figure, value: nanoseconds * perTrip }];
  });

/** One thread sends pairs to another through a ring made by hand: millions per second. */
export const handRing = (figure: string, system: string, count: number, batch: number): Contestant =>
  onThreads<typeof byHand>(system, BY_HAND, async (sender, receiver) => {
    const expected = expectedSum('pair', count);
    return async () => {
      const order = { ring: makePairRing(), meeting: makeMeeting(), count };
      const [ms, sum] = await Promise.all([
        sender.ask('sendPairs', { ...order, batch }),
        receiver.ask('receivePairs', order),
      ]);
      check('the sum', sum, expected);
      return [{ figure, value: count / ms / 1e3 }];
    };
  });

/** Objects packed by msgpackr, through a ring made by hand: millions per second. */
export const packedStream = (figure: string, payload: 'order' | 'freshOrder', count: number): Contestant =>
  onThreads<typeof frames>('msgpackr in ring', FRAMES, async (sender, receiver) => {
    const expected = expectedSum(payload, count);
    return async () => {
      const order = { ring: makeByteRing(), meeting: makeMeeting(), count };
      const [ms, sum] = await Promise.all([
        sender.ask('sendOrders', { ...order, payload }),
        receiver.ask('receiveOrders', order),
      ]);
      check('the sum', sum, expected);
      return [{ figure, value: count / ms / 1e3 }];
    };
  });

/** Blocks of bytes through a ring made by hand: millions per second. */
export const blockStream = (
  figure: string,
  system: string,
  read: 'receiveCopies' | 'receiveInPlace',
  count: number,
): Contestant =>
  onThreads<typeof frames>(system, FRAMES, async (sender, receiver) => {
    const expected = expectedSum('block', count);
    return async () => {
      const order = { ring: makeByteRing(), meeting: makeMeeting(), count };
      const [ms, sum] = await Promise.all([sender.ask('sendBlocks', order), receiver.ask(read, order)]);
      check('the sum', sum, expected);
      return [{ figure, value: count / ms / 1e3 }];
    };
  });

interface Connectable {
  connect(order: { readonly port: MessagePort }): void;
}

/** Two threads that are joined by a channel. */
const overChannel = <T extends Connectable>(
  system: string,
  module: URL,
  setUp: (one: RivalThread<T>, other: RivalThread<T>) => Promise<Sample>,
): Contestant =>
  onThreads<T>(system, module, async (one, other) => {
    const { port1, port2 } = new MessageChannel();
    await (one as unknown as RivalThread<Connectable>).ask('connect', { port: port1 }, [port1]);
    await (other as unknown as RivalThread<Connectable>).ask('connect', { port: port2 }, [port2]);
    return setUp(one, other);
  });

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

/** Calls from one thread to another, `inFlight` at a time. */
export interface CallLoad {
  readonly count: number;
  readonly inFlight: number;
}

export type ReadCalls = (figures: { readonly perSecond: number; readonly p50Micros: number }) => number;

export const postedCalls = (figure: string, load: CallLoad, read: ReadCalls): Contestant =>
  overChannel<typeof postMessage>('postMessage', POST_MESSAGE, async (caller, callee) => {
    await callee.ask('answerCalls', undefined);
    await caller.ask('expectReplies', undefined);
    return async () => [{ figure, value: read(await caller.ask('call', load)) }];
  });

export const comlinkCalls = (figure: string, load: CallLoad, read: ReadCalls): Contestant =>
  overChannel<typeof comlink>('comlink', COMLINK, async (caller, callee) => {
    await callee.ask('offer', undefined);
    await caller.ask('use', undefined);
    return async () => [{ figure, value: read(await caller.ask('call', load)) }];
  });

/** What one does on a single thread without a library. */
export const onPlain = (setUp: (thread: RivalThread<typeof plain>) => Promise<Sample>): Contestant =>
  onThread('plain JavaScript', PLAIN, setUp);

export const onNact = (setUp: (thread: RivalThread<typeof nact>) => Promise<Sample>): Contestant =>
  onThread('nact', NACT, setUp);

/** Two threads of a pipeline, joined by a channel. */
export const onPipelineThreads = (
  setUp: (first: RivalThread<typeof pipeline>, second: RivalThread<typeof pipeline>) => Promise<Sample>,
): Contestant => overChannel('postMessage', PIPELINE, setUp);

export type PiscinaAtomics = 'sync' | 'async' | 'disabled';

interface PoolOptions {
  /** Of the task, beside the other rivals. */
  readonly file: string;
  readonly threads: number;
  /** Default: that of piscina. */
  readonly atomics?: PiscinaAtomics;
  /** Tasks that a worker is given at a time. Default: that of piscina, 1. */
  readonly concurrency?: number;
}

export const makePool = ({ file, threads, atomics, concurrency }: PoolOptions): Piscina =>
  new Piscina({
    filename: new URL(`../rivals/${file}.js`, import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    ...(atomics === undefined ? {} : { atomics }),
    ...(concurrency === undefined ? {} : { concurrentTasksPerWorker: concurrency }),
  });

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
