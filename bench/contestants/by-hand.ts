/** Two threads that talk through shared memory, by hand: what the language and the hardware allow. */
import { check } from '../harness/check.js';
import { expectedSum } from '../harness/payloads.js';
import type { Contestant } from '../harness/workload.js';
import type { tasks as byHand } from '../rivals/by-hand.js';
import type { tasks as frames } from '../rivals/by-hand-frames.js';
import { makeByteRing } from '../rivals/byte-ring.js';
import { makeMeeting } from '../rivals/meeting.js';
import { makePairRing } from '../rivals/pair-ring.js';
import { onThread, onThreads } from './threads.js';

const BY_HAND = new URL('../rivals/by-hand.js', import.meta.url);
const FRAMES = new URL('../rivals/by-hand-frames.js', import.meta.url);

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

/** One thread sends pairs to another, which adds one to each and sends them back: millions per second. */
export const handRound = (figure: string, system: string, count: number, batch: number): Contestant =>
  onThreads<typeof byHand>(system, BY_HAND, async (sender, adder) => {
    const expected = expectedSum('pair', count) + count;
    return async () => {
      const order = { there: makePairRing(), back: makePairRing(), meeting: makeMeeting(), count, batch };
      const [{ ms, sum }] = await Promise.all([sender.ask('sendPairsRound', order), adder.ask('addOneToPairs', order)]);
      check('the sum', sum, expected);
      return [{ figure, value: count / ms / 1e3 }];
    };
  });

/** One thread puts pairs into a ring that nobody reads, and that never fills: millions per second. */
export const handPuts = (figure: string, system: string, count: number, batch: number): Contestant =>
  onThread<typeof byHand>(system, BY_HAND, async (writer) => async () => {
    const ms = await writer.ask('putPairs', { ring: makePairRing(), count, batch });
    return [{ figure, value: count / ms / 1e3 }];
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
