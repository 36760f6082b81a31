/** The ways to put payloads into records and to get them out again; all must keep the same contract. */
import { alignRecord, RECORD_HEADER_BYTES, type RecordConsumer, type RecordProducer } from 'heddle/queues';

export interface Way {
  readonly name: string;
  /** Longest payload. */
  payloadBytesMax(producer: RecordProducer): number;
  /** False when the ring is full. */
  write(producer: RecordProducer, type: number, payload: Uint8Array): boolean;
  /** The payload of the record at `at`, in memory of its own. */
  read(consumer: RecordConsumer, at: number): Uint8Array;
}

const byTryWrite: Pick<Way, 'payloadBytesMax' | 'write'> = {
  payloadBytesMax: (producer) => producer.payloadBytesMax,
  write: (producer, type, payload) => producer.tryWrite(type, payload),
};

const bytesOf = ({ words }: RecordConsumer | RecordProducer): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

export const ways: readonly Way[] = [
  { name: 'tryWrite and copyPayload', ...byTryWrite, read: (consumer, at) => consumer.copyPayload(at) },
  { name: 'tryWrite and payload', ...byTryWrite, read: (consumer, at) => new Uint8Array(consumer.payload(at)) },
  {
    // Behind the header a format of the test's own: one byte that says how many follow.
    name: 'claim and commit, and a view of the ring',
    payloadBytesMax: (producer) => producer.recordBytesMax - RECORD_HEADER_BYTES - 1,
    write(producer, type, payload) {
      const bytes = alignRecord(RECORD_HEADER_BYTES + 1 + payload.length);
      const at = producer.claim(bytes);
      if (at < 0) return false;
      const ring = bytesOf(producer);
      ring[at + RECORD_HEADER_BYTES] = payload.length;
      ring.set(payload, at + RECORD_HEADER_BYTES + 1);
      producer.commit(at, bytes, type);
      return true;
    },
    read(consumer, at) {
      const ring = bytesOf(consumer);
      const begin = at + RECORD_HEADER_BYTES + 1;
      return ring.slice(begin, begin + ring[begin - 1]!);
    },
  },
];
