/**
 * Records that no sender has written: whatever lies in a ring, decoding ends, with a value or with `CorruptRecord`, makes
 * nothing that is much larger than the record, and leaves the prototypes alone.
 *
 * `CORRUPTION_SEED=n CORRUPTION_RUNS=n npx vitest run test/messages/corruption.test.ts` repeats a run, or makes a longer one.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindCodec } from '../../src/messages/codec.js';
import { interpretMessage } from '../../src/messages/interpret.js';
import { Memory } from '../../src/messages/memory.js';
import type { Shape } from '../../src/messages/shape.js';
import { bindTools } from '../../src/messages/tools.js';
import { generals, recordShapes, valuesOf } from '../support/shapes.js';
import { weigh } from '../support/weigh.js';

const { CORRUPTION_SEED, CORRUPTION_RUNS } = process.env;
const SEED = Number(CORRUPTION_SEED ?? Date.now() % 1_000_000_007);
const RUNS = Number(CORRUPTION_RUNS ?? 20_000);
/** Corruptions of each record. */
const RUNS_PER_RECORD = 50;

const BYTES = 1 << 16;
const AT = 64;
/**
 * Objects and bytes that a byte of a record can make at most: a word of a list can be a record with no more than its
 * bits, each of whose fields is a member.
 */
const WEIGHT_PER_BYTE = 64;

const noRefs = { refuses: () => undefined, write: () => undefined, read: () => undefined };
const tools = bindTools(new Memory(new SharedArrayBuffer(BYTES)), noRefs);
const { u8, i32 } = tools.memory;

/** Words that are something in a record: lengths, counts, tags, markers. */
const WORDS = [
  0,
  1,
  -1,
  -2,
  4,
  0x7fff_ffff,
  -0x8000_0000,
  0x7fff_fffc,
  0x0100_0000,
  0xffff_fff,
  ...Array.from({ length: 28 }, (_, tag) => 0xff_ffff00 | tag),
];

type Corruption = (end: number) => number;

/** Changes the record from `AT` to `end`; returns where it ends now. */
const corruptions: fc.Arbitrary<Corruption> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat(0xff)).map(
    ([at, value]): Corruption =>
      (end) => {
        u8[AT + (at % (end - AT || 1))] = value;
        return end;
      },
  ),
  fc.tuple(fc.nat(), fc.nat(7)).map(
    ([at, bit]): Corruption =>
      (end) => {
        u8[AT + (at % (end - AT || 1))]! ^= 1 << bit;
        return end;
      },
  ),
  fc.tuple(fc.nat(), fc.constantFrom(...WORDS)).map(
    ([at, word]): Corruption =>
      (end) => {
        i32[(AT >> 2) + (at % ((end - AT) >> 2 || 1))] = word;
        return end;
      },
  ),
  fc.nat().map(
    (length): Corruption =>
      (end) =>
        AT + ((length % (end - AT + 1)) & ~3),
  ),
  fc.nat(256).map(
    (more): Corruption =>
      (end) =>
        Math.min(BYTES, end + more * 4),
  ),
);

const shapes: fc.Arbitrary<Shape> = fc.oneof(
  { weight: 3, arbitrary: recordShapes },
  { weight: 1, arbitrary: fc.constant<Shape>({ kind: 'any' }) },
);
const cases = shapes.chain((shape) => fc.tuple(fc.constant(shape), shape.kind === 'any' ? generals : valuesOf(shape)));

const prototypes = [Object, Array, Map, Set, Date, Uint8Array, Function, String].map(
  ({ prototype }) => prototype as object,
);
const prototypesNow = (): string => prototypes.map((one) => Reflect.ownKeys(one).map(String).join()).join(';');

describe('a corrupted record', () => {
  it('is a value or a CorruptRecord, and no more than its size', { timeout: 120_000 }, () => {
    const before = prototypesNow();
    const outcomes = { decoded: 0, corrupt: 0 };
    const property = fc.property(
      cases,
      fc.array(fc.array(corruptions, { minLength: 1, maxLength: 4 }), {
        minLength: RUNS_PER_RECORD,
        maxLength: RUNS_PER_RECORD,
      }),
      ([shape, value], all) => {
        const options = { where: 'Actor.message', strict: false };
        const codecs = [bindCodec(shape, tools, options), interpretMessage(shape, tools, options)];
        for (const changes of all) {
          u8.fill(0);
          const length = changes.reduce((end, change) => change(end), codecs[0]!.encode(value, AT, BYTES)) - AT;
          const results = codecs.map((codec) => {
            try {
              const decoded = codec.decode(AT, AT + length);
              const weight = weigh(decoded);
              if (weight > (length + 8) * WEIGHT_PER_BYTE)
                throw new Error(`a record of ${length} bytes made ${weight}`);
              outcomes.decoded++;
              return 'decoded';
            } catch (error) {
              if (!(error instanceof Error) || error.name !== 'CorruptRecord') throw error;
              outcomes.corrupt++;
              return 'corrupt';
            }
          });
          expect(results[0], 'both codecs agree').toBe(results[1]);
        }
      },
    );
    fc.assert(property, { seed: SEED, numRuns: Math.ceil(RUNS / RUNS_PER_RECORD) });
    expect(prototypesNow()).toBe(before);
    // Neither kind of outcome is so rare that the test has looked at nothing.
    expect(outcomes.decoded).toBeGreaterThan(RUNS / 20);
    expect(outcomes.corrupt).toBeGreaterThan(RUNS / 20);
    process.stdout.write(`corruption: seed ${SEED}, ${RUNS} runs, ${JSON.stringify(outcomes)}\n`);
  });
});
