/** A time counts only if the result is right. */

export class WrongResult extends Error {
  override readonly name = 'WrongResult';
}

/** @throws WrongResult */
export const check = (what: string, got: unknown, expected: unknown): void => {
  if (!Object.is(got, expected)) throw new WrongResult(`${what}: ${String(got)}, and should be ${String(expected)}`);
};

/** Sums of floating-point numbers depend on the order in which they are added. */
const TOLERANCE = 1e-9;

/** The same for numbers that are rounded on the way. @throws WrongResult */
export const checkNear = (what: string, got: number, expected: number): void => {
  if (Math.abs(got - expected) <= TOLERANCE * Math.abs(expected)) return;
  throw new WrongResult(`${what}: ${got}, and should be about ${expected}`);
};
