/** What a refusal must be: of this class and code, with a message that says what and where. */
import { HeddleError } from 'heddle';
import { expect } from 'vitest';

export interface Refusal {
  readonly name: string;
  readonly code: string;
  readonly says: RegExp;
}

/** The refusal by an error of the class `name`, whose code follows from the name. */
export const refusal = (name: string, says: RegExp): Refusal => ({
  name,
  code: `HEDDLE_${name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}`,
  says,
});

/** Checks an error that was made on this thread. */
export const expectRefusal = (error: unknown, { name, code, says }: Refusal): void => {
  expect(error).toBeInstanceOf(HeddleError);
  expectRemote(error, { name, code, says });
};

/** Checks an error that came from another thread: a plain Error of that name and code. */
export const expectRemote = (error: unknown, { name, code, says }: Refusal): void => {
  expect(error).toMatchObject({ name, code });
  expect((error as Error).message).toMatch(says);
};

/** What `act` throws, synchronously. */
export const thrown = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

/** What a promise is rejected with. */
export const rejected = async (promise: Promise<unknown>): Promise<unknown> => {
  const [settled] = await Promise.allSettled([promise]);
  if (settled.status === 'rejected') return settled.reason;
  throw new Error('the promise was not rejected');
};
