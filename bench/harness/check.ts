/** A figure counts only if the result is right. */
export const check = (what: string, got: unknown, expected: unknown): void => {
  if (Object.is(got, expected)) return;
  throw new Error(`wrong result: ${what} is ${String(got)} and should be ${String(expected)}`);
};
