/** Both ends of a lossy ring on one thread, driven at random, against a model that is an array of what is in the ring. */
import fc from 'fast-check';
import { LossyConsumer, LossyProducer, readLossyCounters } from 'heddle/queues';
import { describe, it } from 'vitest';
import { FIRST_IDS, lossyCanariesLive, lossyRingBetweenCanaries } from '../support/lossy-rings.js';
import { pattern } from '../support/rings.js';

type Operation =
  | { readonly do: 'take' | 'check' | 'abandon' }
  | {
      readonly do: 'write';
      readonly times: number;
      readonly share: number;
      readonly tag: number;
      readonly inPlace: boolean;
    };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      times: fc.oneof(fc.constantFrom(1, 2), fc.nat(50)),
      share: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
      tag: fc.integer(),
      inPlace: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'take' } as const) },
  { weight: 1, arbitrary: fc.constantFrom({ do: 'check' } as const, { do: 'abandon' } as const) },
);

interface Entry {
  readonly id: number;
  readonly tag: number;
  readonly payload: Uint8Array;
}

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};
const same = (got: Uint8Array, expected: Uint8Array): boolean => got.join() === expected.join();

class Pair {
  readonly #place;
  readonly #producer;
  readonly #consumer;
  readonly #bytes;
  readonly #firstId: number;
  /** In the ring, oldest first. */
  #ring: Entry[] = [];
  /** What the consumer has taken last: must stay untouched. */
  #batch: Entry[] = [];
  #written = 0;
  #overwritten = 0;
  #read = 0;
  /** Behind the last record that was taken. */
  #next: number;

  constructor(capacity: number, slotBytes: number, firstId: number) {
    this.#place = lossyRingBetweenCanaries(capacity, slotBytes, firstId);
    this.#bytes = new Uint8Array(this.#place.words.buffer);
    this.#producer = new LossyProducer(this.#place);
    this.#consumer = new LossyConsumer(this.#place);
    this.#firstId = firstId;
    this.#next = firstId;
  }

  run(operation: Operation): void {
    switch (operation.do) {
      case 'take':
        this.#take();
        break;
      case 'check':
        this.check();
        break;
      case 'abandon':
        // Written and not published: never to be seen.
        this.#bytes.fill(0xee, this.#producer.claim(), this.#producer.claim() + 8);
        break;
      case 'write':
        for (let i = 0; i < operation.times; i++) this.#write(operation.share, operation.tag, operation.inPlace);
        break;
    }
  }

  #write(share: number, tag: number, inPlace: boolean): void {
    const id = this.#firstId + this.#written++;
    const payload = pattern(id % 251, Math.round(share * this.#place.slotBytes));
    check(this.#producer.nextId === id, `the next id is ${this.#producer.nextId}, not ${id}`);
    const at = this.#producer.claim();
    check(at % 8 === 0, `a payload begins at ${at}`);
    let lost: number;
    if (inPlace) {
      this.#bytes.set(payload, at);
      lost = this.#producer.publish(payload.length, tag);
    } else lost = this.#producer.write(payload, tag);
    this.#ring.push({ id, tag, payload });
    if (this.#ring.length <= this.#place.capacity) check(lost === -1, `record ${lost} is lost where there is room`);
    else {
      const oldest = this.#ring.shift()!;
      this.#overwritten++;
      check(lost === oldest.id, `record ${lost} is lost, not ${oldest.id}`);
      check(same(this.#producer.lostPayload(), oldest.payload), `the payload of ${lost} is not to be seen any more`);
      check(this.#producer.lostTag === oldest.tag, `the tag of ${lost} is not to be seen any more`);
    }
  }

  #take(): void {
    const { capacity } = this.#place;
    const count = this.#consumer.take();
    check(count === this.#ring.length && count <= capacity, `${count} are taken, not ${this.#ring.length}`);
    this.#batch = this.#ring;
    this.#ring = [];
    this.#read += count;
    this.#next = this.#firstId + this.#written;
  }

  check(): void {
    const { from, to, read, lost } = this.#consumer;
    check(this.#consumer.hasNews() === this.#ring.length > 0, 'news');
    check(to === this.#next && to - from === this.#batch.length, `the batch is ${from} to ${to}`);
    check(read === this.#read && lost === to - this.#firstId - read, `${read} are read and ${lost} lost`);
    for (const [index, { id, tag, payload }] of this.#batch.entries()) {
      check(from + index === id, `record ${id} is number ${from + index}`);
      check(this.#consumer.bytes(index) === payload.length, `the length of ${id}`);
      check(this.#consumer.tag(index) === tag && same(this.#consumer.payload(index), payload), `what is in ${id}`);
    }
    const counters = readLossyCounters(this.#place);
    check(counters.writtenCount === this.#written && counters.overwrittenCount === this.#overwritten, 'the counts');
    check(counters.readCount === read && counters.lostCount === lost, "the consumer's counts");
    check(this.#producer.written === this.#written && this.#producer.overwritten === this.#overwritten, 'the fields');
    check(lossyCanariesLive(this.#place), 'a byte outside of the ring was written');
  }

  end(): void {
    this.#producer.close();
    check(this.#consumer.ended === (this.#ring.length === 0), 'ended');
    this.#take();
    check(this.#consumer.ended, 'not ended');
    this.check();
    check(this.#read + this.#overwritten === this.#written, 'the books do not balance');
  }
}

describe.each(FIRST_IDS)('a lossy ring whose first id is $name', ({ firstId }) => {
  const RUNS = 150;

  it('does as its model does, whatever is done', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 40 })),
        fc.integer({ min: 1, max: 12 }).map((words) => words * 8),
        fc.array(operation, { maxLength: 40 }),
        (capacity, slotBytes, operations) => {
          const pair = new Pair(capacity, slotBytes, firstId);
          for (const each of operations) pair.run(each);
          pair.check();
          pair.end();
        },
      ),
      { numRuns: RUNS },
    );
  });
});
