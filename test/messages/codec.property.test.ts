import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindCodec, type MessageCodec } from '../../src/messages/codec.js';
import { interpretMessage } from '../../src/messages/interpret.js';
import { Memory, NO_ROOM } from '../../src/messages/memory.js';
import { bindTools, type RefCodec, type Tools } from '../../src/messages/tools.js';
import { normalise } from '../support/normalise.js';
import { expectSame } from '../support/same.js';
import { recordShapes, shapes, valuesOf } from '../support/shapes.js';

const noRefs: RefCodec = {
  refuses: () => undefined,
  take: (value: unknown) => value,
  write: () => undefined,
  read: () => undefined,
};
const BYTES = 1 << 16;
const AT = 64;
const tools: Tools = bindTools(new Memory(new SharedArrayBuffer(BYTES)), noRefs);
const options = { where: 'Actor.message', strict: false };

/** A declaration and a message that fits it. */
const cases = fc.oneof(recordShapes, shapes(2)).chain((shape) => fc.tuple(fc.constant(shape), valuesOf(shape)));

const roundTrip = (codec: MessageCodec, value: unknown): unknown => {
  // What an earlier record left behind must not matter.
  tools.memory.u8.fill(0xa5);
  const end = codec.encode(value, AT, BYTES);
  expect(end).toBeGreaterThanOrEqual(AT);
  expect(end % 4).toBe(0);
  return codec.decode(AT, end);
};

describe('a message codec', () => {
  it('gives back what was sent, normalised as documented', () => {
    fc.assert(
      fc.property(cases, ([shape, value]) => {
        const generated = bindCodec(shape, tools, options);
        expectSame(roundTrip(generated, value), normalise(shape, value));
      }),
      { numRuns: 600 },
    );
  });

  it('is the same whether it is generated or interpreted', () => {
    fc.assert(
      fc.property(cases, ([shape, value]) => {
        const generated = bindCodec(shape, tools, options);
        const interpreted = interpretMessage(shape, tools, options);
        expectSame(roundTrip(interpreted, value), normalise(shape, value));
        const end = interpreted.encode(value, AT, BYTES);
        expectSame(generated.decode(AT, end), normalise(shape, value));
        expect(generated.encode(value, AT, BYTES)).toBe(end);
      }),
      { numRuns: 600 },
    );
  });

  it('normalises a local message exactly as a remote one', () => {
    fc.assert(
      fc.property(cases, ([shape, value]) => {
        expectSame(bindCodec(shape, tools, options).take(value), normalise(shape, value));
        expectSame(interpretMessage(shape, tools, options).take(value), normalise(shape, value));
      }),
      { numRuns: 600 },
    );
  });

  it('writes nothing behind the end that it is given, and says when there is no room', () => {
    fc.assert(
      fc.property(cases, fc.nat(2000), ([shape, value], room) => {
        const codec = bindCodec(shape, tools, options);
        tools.memory.u8.fill(0xa5);
        const needed = codec.encode(value, AT, BYTES) - AT;
        tools.memory.u8.fill(0xa5);
        const limit = AT + (room % (needed + 1));
        const end = codec.encode(value, AT, limit);
        if (limit - AT < needed) expect(end).toBe(NO_ROOM);
        expect(tools.memory.u8.subarray(limit + (-limit & 3), BYTES).every((byte) => byte === 0xa5)).toBe(true);
      }),
      { numRuns: 600 },
    );
  });
});
