/**
 * Both ends on one thread, driven at random, against a model that is two arrays: what was sent, and what of it the
 * consumer has drained. Positions and running numbers begin where 32-bit integers turn over.
 */
import fc from 'fast-check';
import { QueueError, RecordConsumer, RecordProducer, type RingPlace, readRingCounters } from 'heddle/queues';
import { describe, it } from 'vitest';
import { canariesLive, dataRange, pattern, ringBetweenCanaries } from '../support/rings.js';

type Operation =
  | { readonly do: 'write'; readonly share: number; readonly commitShare: number; readonly type: number }
  | { readonly do: 'tryWrite'; readonly share: number; readonly type: number }
  | { readonly do: 'abandon'; readonly share: number }
  | { readonly do: 'setFlags'; readonly flags: number }
  | { readonly do: 'drain'; readonly limit: number; readonly inner: number; readonly interrupt: boolean }
  | { readonly do: 'publish' | 'release' | 'look' | 'newProducer' | 'newConsumer' | 'closeProducer' | 'closeConsumer' };

const share = fc.oneof(
  { weight: 3, arbitrary: fc.double({ min: 0, max: 0.2, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1) },
);
const type = fc.oneof(fc.integer({ min: 1, max: 4095 }), fc.constantFrom(1, 4095));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('write' as const), share, commitShare: share, type }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('tryWrite' as const), share, type }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abandon' as const), share }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('setFlags' as const), flags: fc.nat(7) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('drain' as const),
      limit: fc.constantFrom(0, 1, 2, 5, 1000),
      inner: fc.constantFrom(0, 0, 1, 3),
      interrupt: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ do: 'publish' } as const) },
  { weight: 4, arbitrary: fc.constant({ do: 'release' } as const) },
  { weight: 2, arbitrary: fc.constant({ do: 'look' } as const) },
  { weight: 1, arbitrary: fc.constantFrom({ do: 'newProducer' } as const, { do: 'newConsumer' } as const) },
);

/** Mostly near the places where an `Int32` turns from positive to negative, and from negative to zero. */
const start = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 1200 }).map((back) => (2 ** 31 - 8 * back) | 0),
  fc.integer({ min: 0, max: 1200 }).map((back) => (2 ** 32 - 8 * back) | 0),
);
const number = fc.oneof(
  fc.constant(0),
  fc.nat(60).map((back) => (2 ** 31 - back) | 0),
  fc.nat(60).map((back) => (2 ** 32 - back) | 0),
);

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};

interface Sent {
  readonly type: number;
  readonly payload: Uint8Array;
}

class Pair {
  readonly #place: RingPlace;
  readonly #firstNumber: number;
  #producer: RecordProducer;
  #consumer: RecordConsumer;
  /** Committed, in order; the first `#published` of them are visible. */
  readonly #sent: Sent[] = [];
  #published = 0;
  #drained = 0;
  /** As many were visible when the consumer last looked. */
  #seen = 0;
  #released = 0;
  /** Drained and not yet released: must lie in the ring untouched. */
  #held: { readonly at: number; readonly end: number; readonly sent: Sent }[] = [];
  /** Padding may be all the news there is. */
  #vague = false;
  #flags = 0;
  #closed = false;
  #abandoned = false;
  #tag = 0;

  constructor(capacityBytes: number, position: number, firstNumber: number) {
    this.#place = ringBetweenCanaries(capacityBytes, position, firstNumber);
    this.#firstNumber = firstNumber;
    this.#producer = new RecordProducer(this.#place);
    this.#consumer = new RecordConsumer(this.#place);
  }

  run(operation: Operation): void {
    switch (operation.do) {
      case 'write':
        this.#write(operation.share, operation.commitShare, operation.type);
        break;
      case 'tryWrite':
        this.#tryWrite(operation.share, operation.type);
        break;
      case 'abandon':
        this.#claim(this.#recordBytes(operation.share));
        break;
      case 'publish':
        this.#producer.publish();
        this.#published = this.#sent.length;
        break;
      case 'setFlags':
        this.#flags = operation.flags;
        this.#producer.setFlags(operation.flags);
        this.#producer.publish();
        this.#published = this.#sent.length;
        this.#vague = true;
        break;
      case 'drain':
        this.#drain(operation.limit, operation.inner, operation.interrupt);
        break;
      case 'release':
        this.#release();
        break;
      case 'look':
        this.#look();
        break;
      case 'newProducer':
        this.#sent.length = this.#published;
        this.#producer = new RecordProducer(this.#place);
        break;
      case 'newConsumer':
        this.#consumer = new RecordConsumer(this.#place);
        this.#seen = this.#drained;
        this.#vague = true;
        break;
      case 'closeProducer':
        this.#producer.close();
        this.#published = this.#sent.length;
        this.#closed = true;
        break;
      case 'closeConsumer':
        this.#consumer.close();
        this.#abandoned = true;
        break;
    }
    this.#notePublished();
    this.#checkHeld();
    this.#checkCounters();
  }

  /** Publishes and drains what is left. */
  finish(): void {
    this.run({ do: 'closeProducer' });
    // The first may be for what was seen before, the second for a padding that was.
    for (let i = 0; i < 3; i++) this.run({ do: 'drain', limit: 1_000_000, inner: 0, interrupt: false });
    check(this.#drained === this.#sent.length, 'not everything arrived');
    check(this.#consumer.ended, 'not ended');
    this.run({ do: 'release' });
    check(this.#producer.refreshFreeBytes() <= this.#place.capacityBytes, 'more free than there is');
    check(canariesLive(this.#place), 'written outside of the ring');
  }

  #recordBytes(part: number): number {
    return Math.max(8, Math.round((this.#producer.recordBytesMax * part) / 8) * 8);
  }

  /** Claims, and checks that the place is inside the ring and free; undefined when it is refused for a good reason. */
  #claim(bytes: number): number | undefined {
    return this.#refusable(bytes, () => {
      const at = this.#producer.claim(bytes);
      if (at < 0) return undefined;
      const [dataAt, dataEnd] = dataRange(this.#place);
      check(at >= dataAt && at + bytes <= dataEnd && at % 8 === 0, `claimed outside, at=${at} bytes=${bytes}`);
      check(
        this.#held.every((held) => at + bytes <= held.at || at >= held.end),
        `claimed what is not released, at=${at} bytes=${bytes}`,
      );
      return at;
    });
  }

  /** Whether refusing `bytes` is right, or the answer if it was not refused. */
  #refusable<Answer>(bytes: number, ask: () => Answer | undefined): Answer | undefined {
    let answer: Answer | undefined;
    let closed = false;
    try {
      answer = ask();
    } catch (error) {
      if (!(error instanceof QueueError) || error.code !== 'QUEUE_CLOSED') throw error;
      closed = true;
    }
    if (this.#closed) {
      check(closed, 'claimed from a closed ring');
      return undefined;
    }
    if (answer !== undefined) return answer;
    check(closed === this.#abandoned, 'a full ring does not know whether its consumer has closed');
    // A record may need its own length twice: once for the padding at the end of the ring.
    check(this.#producer.refreshFreeBytes() < 2 * bytes, `refused, bytes=${bytes} free=${this.#producer.freeBytes}`);
    this.#published = this.#sent.length;
    return undefined;
  }

  #write(part: number, commitPart: number, recordType: number): void {
    const bytes = this.#recordBytes(part);
    const at = this.#claim(bytes);
    if (at === undefined) return;
    const committed = Math.max(8, Math.floor((bytes * commitPart) / 8) * 8);
    const payload = pattern(this.#tag++, committed - 8);
    new Uint8Array(this.#place.words.buffer).set(payload, at + 8);
    this.#producer.commit(at, committed, recordType);
    this.#sent.push({ type: recordType, payload });
  }

  #tryWrite(part: number, recordType: number): void {
    const inner = pattern(this.#tag++, Math.round(this.#producer.payloadBytesMax * part));
    const bytes = inner.length + 19;
    const done = this.#refusable(bytes, () => this.#producer.tryWrite(recordType, inner) || undefined);
    if (done === undefined) return;
    const payload = new Uint8Array(4 + inner.length);
    new DataView(payload.buffer).setInt32(0, inner.length, true);
    payload.set(inner, 4);
    this.#sent.push({ type: recordType, payload });
  }

  #drain(limit: number, inner: number, interrupt: boolean): void {
    const before = this.#drained;
    const take = (recordType: number, at: number, end: number): void => {
      const sent = this.#sent[this.#drained];
      check(sent !== undefined && this.#drained < this.#published, 'drained what is not published');
      check(recordType === sent!.type, `type=${recordType} expected=${sent!.type}`);
      this.#held.push({ at, end, sent: sent! });
      this.#drained++;
    };
    const sink = {
      receive: (recordType: number, at: number, end: number): void => {
        take(recordType, at, end);
        if (inner > 0) this.#consumer.drain({ receive: take }, inner);
        if (interrupt) this.#consumer.interrupt();
      },
    };
    if (this.#seen === this.#drained && !this.#vague) this.#seen = this.#published;
    const available = this.#seen - before;
    const count = this.#consumer.drain(sink, limit);
    const taken = this.#drained - before;
    if (inner === 0) check(count === taken, 'the count is not what was handed over');
    const expected = interrupt ? Math.min(limit, available, 1) : Math.min(limit, available);
    if (inner === 0 && !this.#vague) check(taken === expected, `drained=${taken} expected=${expected}`);
    if (interrupt) check(taken <= 1 + inner, `drained=${taken} behind the interruption`);
    this.#seen = interrupt ? this.#drained : Math.max(this.#seen, this.#drained);
    this.#vague = interrupt || inner > 0 || (this.#vague && count === limit);
  }

  #release(): void {
    this.#consumer.release();
    this.#released = this.#drained;
    this.#held = [];
    check(this.#consumer.unreleasedBytes === 0, 'not everything is released');
  }

  #look(): void {
    this.#consumer.look();
    this.#seen = this.#published;
    check(this.#consumer.flags === this.#flags, `flags=${this.#consumer.flags} expected=${this.#flags}`);
    const left = this.#published > this.#drained;
    const news = this.#consumer.hasNews();
    check(left ? news : !news || this.#vague, `news=${news} left=${this.#published - this.#drained}`);
    if (left || !this.#vague) check(this.#consumer.ended === (this.#closed && !left), 'ended at the wrong time');
  }

  /** A claim publishes a batch that is long enough: any part of what is sent may be visible by now, never less. */
  #notePublished(): void {
    const published = (readRingCounters(this.#place).publishedCount - this.#firstNumber) >>> 0;
    check(published >= this.#published && published <= this.#sent.length, `published=${published}`);
    this.#published = published;
  }

  #checkHeld(): void {
    const bytes = new Uint8Array(this.#place.words.buffer);
    for (const { at, end, sent } of this.#held) {
      check(end - at >= 8 + sent.payload.length, 'a record is too short');
      const same = sent.payload.every((byte, i) => bytes[at + 8 + i] === byte);
      check(same, `overwritten before it was released, at=${at} end=${end}`);
    }
  }

  #checkCounters(): void {
    const counters = readRingCounters(this.#place);
    check(counters.releasedCount === (this.#firstNumber + this.#released) >>> 0, 'wrong count of released records');
    check(counters.unreleasedBytes === this.#consumer.unreleasedBytes, 'wrong count of unreleased bytes');
    check(counters.waitingBytes >= 0, 'negative count of waiting bytes');
    if (this.#published > this.#drained) check(counters.waitingBytes > 0, 'what waits is not counted');
  }
}

describe('a ring', () => {
  it('does what two arrays would do, whatever order the calls come in', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1 << 10, 1 << 11, 1 << 13),
        start,
        number,
        fc.array(operation, { maxLength: 300, size: 'max' }),
        fc.option(
          fc.record({ closing: fc.constantFrom('closeProducer' as const, 'closeConsumer' as const), at: fc.nat(300) }),
        ),
        (capacityBytes, position, firstNumber, operations, close) => {
          const pair = new Pair(capacityBytes, position, firstNumber);
          operations.forEach((each, index) => {
            if (close !== null && index === close.at) pair.run({ do: close.closing });
            pair.run(each);
          });
          pair.finish();
        },
      ),
      { numRuns: 1000 },
    );
  });
});
