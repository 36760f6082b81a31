/** Lets code go on that waits for promises. */

/** One link of every chain of promises. */
export const microtask = async (): Promise<void> => undefined;

/** All of them, to their ends. */
export const drainMicrotasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
