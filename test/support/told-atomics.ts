/** Tells a test of each atomic access before it happens, so that it can look at the memory, or go first. */

export type Access = 'load' | 'store' | 'compareExchange';
const ACCESSES: readonly Access[] = ['load', 'store', 'compareExchange'];

/** Runs `action`, and `before` in front of each of its accesses; those of `before` itself are not told. */
export const tellAtomics = <T>(before: (access: Access) => void, action: () => T): T => {
  const { load, store, compareExchange } = Atomics;
  const real = { load, store, compareExchange };
  const told = Object.fromEntries(
    ACCESSES.map((access) => [
      access,
      (...args: readonly unknown[]) => {
        Object.assign(Atomics, real);
        before(access);
        Object.assign(Atomics, told);
        return Reflect.apply(real[access], Atomics, args);
      },
    ]),
  );
  Object.assign(Atomics, told);
  try {
    return action();
  } finally {
    Object.assign(Atomics, real);
  }
};
