/**
 * Records that no sender has written. Whatever lies in a ring, decoding it ends, with a value or with `CorruptRecord`;
 * it looks at nothing beyond the record, makes nothing that is much larger than it, and leaves the prototypes alone.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindCodec, type MessageCodec } from '../../src/messages/codec.js';
import { packError, unpackError } from '../../src/messages/envelope.js';
import { interpretMessage } from '../../src/messages/interpret.js';
import { CorruptRecord, Memory } from '../../src/messages/memory.js';
import type { Shape } from '../../src/messages/shape.js';
import { bindTools, type Tools } from '../../src/messages/tools.js';
import { AT } from '../support/codecs.js';
import { CORRUPTIONS, corrupted } from '../support/corrupt.js';
import { effort } from '../support/effort.js';
import { collectGarbage } from '../support/garbage.js';
import { changesOf, snapshotOf } from '../support/prototypes.js';
import { randomOf, seedOfTest } from '../support/random.js';
import { generals, recordShapes, valuesOf } from '../support/shapes.js';
import { weigh } from '../support/weigh.js';

/** Records that are corrupted, and how often each. */
const SAMPLES_PER_ROUND = 100;
const CORRUPTIONS_PER_SAMPLE = 250;
/** After these the caches are full. */
const WARM_ROUNDS = 1;

const BYTES = 1 << 16;
/**
 * Objects and bytes that a byte of a record can make at most: a word of a list can be a record with no more than its
 * bits, each of whose fields is a member.
 */
const WEIGHT_PER_BYTE = 64;
const WEIGHT_MIN = 8;
/** What all of it together may leave behind: caches, compiled code. */
const HEAP_GROWTH_MAX = 32 << 20;

const WORD_BYTES = 4;
/** Bytes behind a record that are sure to be as they are everywhere in that memory. */
const BEHIND_BYTES = 256;

/** Where a codec reads records: a memory that is full of the same byte wherever no record lies. */
class Place {
  readonly tools: Tools;
  readonly #filler: number;
  #end = AT;

  constructor(filler: number) {
    const noRefs = {
      refuses: () => undefined,
      take: (value: unknown) => value,
      write: () => undefined,
      read: () => undefined,
    };
    this.tools = bindTools(new Memory(new SharedArrayBuffer(BYTES)), noRefs);
    this.tools.memory.u8.fill(filler);
    this.#filler = filler;
  }

  /** What the record is to the codec; undefined: corrupt. A view in it is valid until the next record. */
  decode(codec: MessageCodec, record: Uint8Array): { readonly value: unknown } | undefined {
    const { u8 } = this.tools.memory;
    u8.fill(this.#filler, AT, this.#end);
    u8.set(record, AT);
    this.#end = AT + record.length;
    try {
      return { value: codec.decode(AT, this.#end) };
    } catch (error) {
      if (error instanceof CorruptRecord) return undefined;
      throw error;
    }
  }

  encode(codec: MessageCodec, value: unknown): Uint8Array {
    const end = codec.encode(value, AT, BYTES - BEHIND_BYTES);
    this.#end = (end + WORD_BYTES - 1) & -WORD_BYTES;
    return this.tools.memory.u8.slice(AT, this.#end);
  }
}

/** Two, so that what lies around a record differs. */
const quiet = new Place(0);
const noisy = new Place(0xff);

const checkWeight = ({ value }: { readonly value: unknown }, bytes: number): void => {
  const weight = weigh(value);
  if (weight > (bytes + WEIGHT_MIN) * WEIGHT_PER_BYTE) throw new Error(`a record of ${bytes} bytes made ${weight}`);
};

interface Sample {
  readonly shape: Shape;
  readonly values: readonly [unknown, unknown];
}

const declared: fc.Arbitrary<Sample> = recordShapes.chain((shape) =>
  fc.record({ shape: fc.constant(shape), values: fc.tuple(valuesOf(shape), valuesOf(shape)) }),
);
const general: fc.Arbitrary<Sample> = fc.record({
  shape: fc.constant<Shape>({ kind: 'any' }),
  values: fc.tuple(generals, generals),
});

const errors: fc.Arbitrary<Error> = fc
  .tuple(fc.string(), fc.string(), fc.option(fc.string()), generals, fc.boolean())
  .map(([message, name, code, cause, nested]) =>
    Object.assign(new Error(message, { cause: nested ? new RangeError(message, { cause }) : cause }), { name, code }),
  );
const envelopes: fc.Arbitrary<Sample> = fc.record({
  shape: fc.constant<Shape>({ kind: 'any' }),
  values: fc.tuple(errors.map(packError), errors.map(packError)),
});

interface Kind {
  readonly runs: number;
  readonly samples: fc.Arbitrary<Sample>;
  /** What else must hold of what was decoded. */
  readonly check?: (value: unknown) => void;
}

const kinds: Readonly<Record<string, Kind>> = {
  declared: { runs: effort(150_000, 15_000_000), samples: declared },
  'general value': { runs: effort(100_000, 10_000_000), samples: general },
  'error envelope': {
    runs: effort(50_000, 5_000_000),
    samples: envelopes,
    check: (value) => {
      const { name, message, stack } = unpackError(value, 'on a thread');
      if ([name, message, stack].some((text) => typeof text !== 'string')) throw new Error('an error without a text');
    },
  },
};

describe.each(Object.entries(kinds))('a corrupted record (%s)', (_name, { runs, samples, check }) => {
  it('is a value or a CorruptRecord, and no more than its size', () => {
    const prototypes = snapshotOf();
    const seed = seedOfTest();
    const random = randomOf(seed);
    const outcomes = { decoded: 0, corrupt: 0 };
    const hit = new Set<string>();
    let heapBytes = 0;

    for (let round = 0; outcomes.decoded + outcomes.corrupt < runs; round++) {
      for (const { shape, values } of fc.sample(samples, { seed: seed + round, numRuns: SAMPLES_PER_ROUND })) {
        const options = { where: 'Actor.message', strict: false };
        const codecs = [bindCodec(shape, quiet.tools, options), interpretMessage(shape, noisy.tools, options)] as const;
        const [record, other] = values.map((value) => quiet.encode(codecs[0], value)) as [Uint8Array, Uint8Array];
        for (let left = CORRUPTIONS_PER_SAMPLE; left > 0; left--) {
          const changed = corrupted(record, other, random);
          for (const one of changed.by) hit.add(one);
          const generated = quiet.decode(codecs[0], changed.record);
          const interpreted = noisy.decode(codecs[1], changed.record);
          if (!isDeepStrictEqual(generated, interpreted)) expect(generated, 'both codecs agree').toEqual(interpreted);
          outcomes[generated === undefined ? 'corrupt' : 'decoded']++;
          if (generated === undefined) continue;
          checkWeight(generated, changed.record.length);
          check?.(generated.value);
        }
      }
      if (round === WARM_ROUNDS) heapBytes = heapNow();
    }

    expect(changesOf(prototypes)).toEqual([]);
    expect(heapNow() - heapBytes).toBeLessThan(HEAP_GROWTH_MAX);
    // No kind of corruption was left out, and neither outcome is so rare that the test has looked at nothing.
    expect(hit.size).toBe(CORRUPTIONS.length);
    expect(outcomes.decoded).toBeGreaterThan(runs / 20);
    expect(outcomes.corrupt).toBeGreaterThan(runs / 20);
  });
});

const heapNow = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};
