/** Objects and blocks of bytes from one thread to another, through a ring of bytes made by hand. */
import { Packr } from 'msgpackr';
import { type Order, PAYLOADS, scoreBlock } from '../harness/payloads.js';
import { FRAME_BYTES_MAX, FrameWriter, readFrames } from './byte-ring.js';
import { finish, meet, untilFinished } from './meeting.js';
import { serve } from './serve.js';

interface Stream {
  readonly ring: SharedArrayBuffer;
  readonly meeting: SharedArrayBuffer;
  readonly count: number;
}

/** Frames that are published together. */
const BATCH = 16;

/** Both sides know the fields beforehand, so that no names travel: msgpackr at its fastest. */
const packr = new Packr({ structures: [['id', 'name', 'ts', 'tags']] });

/** msgpackr reads short texts fast at the beginning of a buffer, and a hundred times slower deep inside a large one. */
const scratch = Buffer.alloc(FRAME_BYTES_MAX);

/** Milliseconds from the first frame until the reader has said that it has all. */
const send = ({ ring, meeting, count }: Stream, frame: (index: number) => Uint8Array): number => {
  const writer = new FrameWriter(ring, BATCH);
  const words = new Int32Array(meeting);
  meet(words);
  const began = performance.now();
  for (let index = 0; index < count; index++) writer.write(frame(index));
  writer.publish();
  untilFinished(words);
  return performance.now() - began;
};

const receive = (
  { ring, meeting, count }: Stream,
  score: (frames: Buffer, start: number, end: number) => number,
): number => {
  const words = new Int32Array(meeting);
  let sum = 0;
  meet(words);
  readFrames(ring, count, (frames, start, end) => {
    sum += score(frames, start, end);
  });
  finish(words);
  return sum;
};

export const tasks = {
  sendOrders(stream: Stream & { readonly payload: 'order' | 'freshOrder' }): number {
    const make = PAYLOADS[stream.payload].prepare(stream.count);
    return send(stream, (index) => packr.pack(make(index)));
  },

  receiveOrders(stream: Stream): number {
    return receive(stream, (frames, start, end) => {
      frames.copy(scratch, 0, start, end);
      return PAYLOADS.order.score(packr.unpack(scratch, end - start) as Order);
    });
  },

  sendBlocks(stream: Stream): number {
    return send(stream, PAYLOADS.block.prepare(stream.count));
  },

  /** Copies each block out of the ring, into an array of its own. */
  receiveCopies(stream: Stream): number {
    return receive(stream, (frames, start, end) => scoreBlock(Uint8Array.prototype.slice.call(frames, start, end)));
  },

  /** Reads blocks where they lie. */
  receiveInPlace(stream: Stream): number {
    return receive(stream, scoreBlock);
  },
};

serve(tasks);
