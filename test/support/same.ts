import { inspect, isDeepStrictEqual } from 'node:util';

/**
 * Strict equality in depth, as Node defines it: -0 is not 0, prototypes count. (vitest's `toStrictEqual` reads
 * `constructor`, which may be a field here.)
 */
export const expectSame = (got: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(got, expected)) return;
  throw new Error(`expected ${inspect(expected, { depth: 8 })}\ngot      ${inspect(got, { depth: 8 })}`);
};
