/**
 * W3, one way with more in a message; otherwise as W2.
 *
 * - W3a: {id: i32, name: 12 characters, ts: f64, tags: 3 short texts}. The receiver adds up the id, the length of the
 *   name, the time and the number of tags. In W3a the texts are always the same, as names of things are; in W3a-fresh
 *   each is sent for the first time. They are made before the time runs.
 * - W3b: 1 KiB of bytes. The receiver reads one byte of each cache line. The sender has made its arrays before and sends
 *   them in turn, so that nobody pays for making them but the one who transfers them, because what was transferred is
 *   gone. The receiver gets an array of its own; by hand that is a `slice` of the ring.
 * - W3b-view: the same, but the receiver reads the bytes where they lie.
 */
import { BlockCounter, BlockSender, BlockViewer } from '../actors/blocks.js';
import { OrderCounter, OrderSender } from '../actors/orders.js';
import { blockStream, packedStream } from '../contestants/by-hand.js';
import { heddle } from '../contestants/heddle.js';
import { postedStream } from '../contestants/post-message.js';
import { check } from '../harness/check.js';
import { PATIENCE } from '../harness/patience.js';
import { expectedSum } from '../harness/payloads.js';
import type { Contestant, Reading, Workload } from '../harness/workload.js';

const REPEATED = 'W3a';
const FRESH = 'W3a-fresh';
const COPIED = 'W3b';
const VIEWED = 'W3b-view';
const UNIT = 'M messages/s';

interface Streamed {
  readonly ms: number;
  readonly sum: number;
}

const reading = (figure: string, { ms, sum }: Streamed, count: number, expected: number): readonly Reading[] => {
  check('the sum', sum, expected);
  return [{ figure, value: count / ms / 1e3 }];
};

const orders = (figure: string, payload: 'order' | 'freshOrder', count: number): Contestant =>
  heddle('heddle', async (system) => {
    const sender = await system.spawn(OrderSender, undefined, { place: 1 });
    const to = await system.spawn(OrderCounter, undefined, { place: 2 });
    const expected = expectedSum(payload, count);
    return async () => reading(figure, await sender.send({ to, payload, count }, PATIENCE), count, expected);
  });

const copies = (count: number): Contestant =>
  heddle('heddle', async (system) => {
    const sender = await system.spawn(BlockSender, undefined, { place: 1 });
    const to = await system.spawn(BlockCounter, undefined, { place: 2 });
    const expected = expectedSum('block', count);
    return async () => reading(COPIED, await sender.sendCopies({ to, count }, PATIENCE), count, expected);
  });

const views = (count: number): Contestant =>
  heddle('heddle', async (system) => {
    const sender = await system.spawn(BlockSender, undefined, { place: 1 });
    const to = await system.spawn(BlockViewer, undefined, { place: 2 });
    const expected = expectedSum('block', count);
    return async () => reading(VIEWED, await sender.sendViews({ to, count }, PATIENCE), count, expected);
  });

const objects = (title: string, figure: string, payload: 'order' | 'freshOrder'): Workload => ({
  title,
  figures: { [figure]: UNIT },
  contestants: (effort) => [
    orders(figure, payload, effort.of(500_000, 100_000)),
    postedStream(figure, payload, effort.of(100_000, 20_000)),
    packedStream(figure, payload, effort.of(300_000, 50_000)),
  ],
});

export const w3a = objects('one-way objects with texts that repeat', REPEATED, 'order');

export const w3aFresh = objects('one-way objects with texts never sent before', FRESH, 'freshOrder');

export const w3b: Workload = {
  title: 'one-way 1 KiB of bytes, each message with an array of its own',
  figures: { [COPIED]: UNIT },
  contestants: (effort) => [
    copies(effort.of(500_000, 100_000)),
    blockStream(COPIED, 'by-hand', 'receiveCopies', effort.of(300_000, 50_000)),
    postedStream(COPIED, 'block', effort.of(100_000, 20_000)),
    postedStream(COPIED, 'block', effort.of(50_000, 10_000), { system: 'postMessage (transfer)', transfer: true }),
  ],
};

export const w3bView: Workload = {
  title: 'one-way 1 KiB of bytes, read where they lie',
  figures: { [VIEWED]: UNIT },
  contestants: (effort) => [
    views(effort.of(1_000_000, 100_000)),
    blockStream(VIEWED, 'by-hand in place', 'receiveInPlace', effort.of(1_000_000, 100_000)),
  ],
};
