/** Waiting no longer than one is willing to. */
import { DeadlinePassed } from './errors.js';

/** Rejects with `DeadlinePassed` when `promise` does not settle in time. */
export const withDeadline = async <T>(promise: Promise<T>, deadlineMs: number, what: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlinePassed(`${what} took too long`, { deadlineMs })), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};
