/** Numbered messages with a time, one way through shared memory, in a ring made by hand for their shape. */
import type { Packr } from 'msgpackr';
import type { Order } from '../../harness/payloads.js';
import { FRAME_BYTES_MAX, FrameReader, FrameWriter, makeByteRing } from '../../rivals/byte-ring.js';
import { makePairRing, PairReader, PairWriter } from '../../rivals/pair-ring.js';
import type { Payload } from '../adapter.js';
import { BLOCKS, byteOf, type Shape, shapeOf } from '../messages.js';

export interface Outlet {
  /** False: there is no room. */
  write(index: number, at: number): boolean;
  publish(): void;
}

export type Each = (index: number, at: number, isRight: boolean) => void;

export interface Intake {
  /** Reads all that is there; how many messages that were. */
  take(each: Each): number;
}

/** Messages that are published together at most. */
const BATCH = 64;

const pairOutlet = (ring: SharedArrayBuffer): Outlet => new PairWriter(ring, BATCH);

const pairIntake = (ring: SharedArrayBuffer): Intake => {
  const reader = new PairReader(ring);
  return {
    take(each) {
      const got = reader.look();
      for (let place = 0; place < got; place++) each(reader.int(place), reader.float(place), true);
      if (got > 0) reader.release(got);
      return got;
    },
  };
};

/** A frame of bytes: the time, the number, and the bytes themselves, which are read where they lie. */
const AT = 0;
const INDEX = 8;
const HEADER_BYTES = 16;
export const BLOCK_BYTES_MAX = FRAME_BYTES_MAX - HEADER_BYTES;

const blockOutlet = (ring: SharedArrayBuffer, size: number): Outlet => {
  const writer = new FrameWriter(ring, BATCH);
  const frames = Array.from({ length: BLOCKS }, (_, number) => {
    const bytes = new Uint8Array(HEADER_BYTES + size).fill(byteOf(number), HEADER_BYTES);
    return { bytes, header: new DataView(bytes.buffer) };
  });
  return {
    write(index, at) {
      const { bytes, header } = frames[index % BLOCKS]!;
      header.setFloat64(AT, at, true);
      header.setUint32(INDEX, index, true);
      return writer.tryWrite(bytes);
    },
    publish: () => writer.publish(),
  };
};

const blockIntake = (ring: SharedArrayBuffer, size: number): Intake => {
  const reader = new FrameReader(ring);
  return {
    take: (each) =>
      reader.take((frames, start, end) => {
        const index = frames.readUInt32LE(start + INDEX);
        const byte = byteOf(index);
        const isRight =
          end - start === HEADER_BYTES + size && frames[start + HEADER_BYTES] === byte && frames[end - 1] === byte;
        each(index, frames.readDoubleLE(start + AT), isRight);
      }),
  };
};

/** Both sides know the fields beforehand, so that no names travel: msgpackr at its fastest. */
const makePackr = async (): Promise<Packr> => {
  const { Packr } = await import('msgpackr');
  return new Packr({ structures: [['id', 'name', 'ts', 'tags']] });
};

const orderOutlet = (ring: SharedArrayBuffer, shape: Shape<unknown>, packr: Packr): Outlet => {
  const writer = new FrameWriter(ring, BATCH);
  return {
    write: (index, at) => writer.tryWrite(packr.pack(shape.make(index, at))),
    publish: () => writer.publish(),
  };
};

const orderIntake = (ring: SharedArrayBuffer, shape: Shape<unknown>, packr: Packr): Intake => {
  const reader = new FrameReader(ring);
  // msgpackr reads short texts fast at the beginning of a buffer, and a hundred times slower deep inside a large one.
  const scratch = Buffer.alloc(FRAME_BYTES_MAX);
  return {
    take: (each) =>
      reader.take((frames, start, end) => {
        frames.copy(scratch, 0, start, end);
        const order = packr.unpack(scratch, end - start) as Order;
        each(order.id, order.ts, shape.isRight(order));
      }),
  };
};

export const makeRing = (payload: Payload): SharedArrayBuffer =>
  payload.kind === 'pair' ? makePairRing() : makeByteRing();

export const openOutlet = async (ring: SharedArrayBuffer, payload: Payload): Promise<Outlet> => {
  if (payload.kind === 'pair') return pairOutlet(ring);
  if (payload.kind === 'bytes') return blockOutlet(ring, payload.size);
  return orderOutlet(ring, shapeOf(payload), await makePackr());
};

export const openIntake = async (ring: SharedArrayBuffer, payload: Payload): Promise<Intake> => {
  if (payload.kind === 'pair') return pairIntake(ring);
  if (payload.kind === 'bytes') return blockIntake(ring, payload.size);
  return orderIntake(ring, shapeOf(payload), await makePackr());
};
