/** Actors whose `init` does not go well, in the way that its argument names. */
import { call, defineActor, isHost, text } from 'heddle';

class Strange extends Error {
  override get message(): string {
    throw new Error('nobody may read this');
  }
}

const cyclic = (): Error => {
  const [one, other] = [new Error('one'), new Error('other')];
  one.cause = other;
  other.cause = one;
  return one;
};

const hostile = (): object =>
  new Proxy(
    {},
    {
      getPrototypeOf() {
        throw new Error('nobody may ask this');
      },
    },
  );

/** What is thrown, by name. */
const FAILURES: Readonly<Record<string, () => unknown>> = {
  error: () => Object.assign(new RangeError('out of range'), { code: 'E_RANGE' }),
  chain: () => new Error('outer', { cause: new TypeError('inner') }),
  text: () => 'only a text',
  nothing: () => undefined,
  cyclic,
  huge: () => new Error('x'.repeat(10_000_000)),
  strange: () => new Strange(),
  hostile,
};

const ENDINGS: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  never: () => new Promise(() => undefined),
  thenable: () => ({
    // biome-ignore lint/suspicious/noThenProperty: what is tested
    get then() {
      throw new Error('nobody may await this');
    },
  }),
  twice: () => ({
    // biome-ignore lint/suspicious/noThenProperty: what is tested
    then(resolve: (state: unknown) => void, reject: (error: Error) => void) {
      resolve({});
      reject(new Error('too late'));
    },
  }),
};

export interface Ending {
  readonly how: 'throws' | 'rejects' | 'ends';
  readonly what: string;
}

export const BadInit = defineActor(import.meta.url, 'BadInit', {
  protocol: { ask: call({}, text), fail: { what: text }, failCall: call({ what: text }, text) },
  init: (_self, { how, what }: Ending): unknown => {
    if (how === 'ends') return ENDINGS[what]?.();
    const error = FAILURES[what]?.();
    if (how === 'rejects') return Promise.reject(error);
    throw error;
  },
  on: {
    ask: (state) => `${typeof state} on ${isHost ? 'the host' : 'a worker'}`,
    fail(_state, { what }) {
      throw FAILURES[what]?.();
    },
    failCall(_state, { what }) {
      throw FAILURES[what]?.();
    },
  },
});
