/** An actor that can end its thread, in every way in which a thread can end. */
import { pbkdf2Sync } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { anyRef, call, defineActor, i32, oneOf, ref } from 'heddle';
import { Account } from './account.js';
import { Echo } from './echo.js';

const WAYS = {
  'an exception in a turn of the event loop': () => {
    setImmediate(() => {
      throw new TypeError('in a turn');
    });
  },
  'an exception in a timer': () => {
    setTimeout(() => {
      throw new RangeError('in a timer');
    }, 1);
  },
  'something thrown that is no error': () => {
    setImmediate(() => {
      throw Symbol('no error');
    });
  },
  'an error event that nobody listens to': () => {
    setImmediate(() => new EventEmitter().emit('error', new Error('an event')));
  },
  'a stack overflow': () => {
    const dig = (): number => dig() + 1;
    setImmediate(dig);
  },
  'process.exit in a handler': () => process.exit(7),
  'process.exit in a promise': () => void Promise.resolve().then(() => process.exit(0)),
  /** Little by little: where it overflows in leaps, some versions of V8 end the whole process. */
  'a heap that overflows': () => {
    const kept: { readonly count: number; readonly text: string }[] = [];
    for (;;) kept.push({ count: kept.length, text: `kept ${kept.length}` });
  },
  'a loop': () => {
    for (;;) Math.random();
  },
  'a loop of microtasks': () => {
    const again = (): void => queueMicrotask(again);
    again();
  },
  'a regular expression': () => void /^(a+)+$/.test(`${'a'.repeat(64)}b`),
  'a wait for nothing': () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
} satisfies Record<string, () => void>;

export type Way = keyof typeof WAYS;
export const ways = Object.keys(WAYS) as Way[];

export const Mortal = defineActor(import.meta.url, 'Mortal', {
  protocol: {
    die: { way: oneOf(...(ways as [Way, ...Way[]])) },
    /** Runs native code that cannot be interrupted, for so many rounds of some 0.5 us. */
    compute: { rounds: i32 },
    /** Spawns an account with so much on it. */
    account: call({ place: i32, amount: i32 }, ref(Account)),
    /** Calls an actor that holds its answer back. */
    askHeld: { of: ref(Echo) },
    /** Sends itself so many messages, of which it handles none: it is never done. */
    hoard: { count: i32 },
    /** Waits until an actor has ended; then tells the sum of an account. */
    afterEnd: call({ of: anyRef, place: i32 }, i32),
    never: call({}, i32),
    thread: call({}, i32),
  },
  init: () => ({}),
  on: {
    die: (_state, { way }) => WAYS[way](),
    compute(_state, { rounds }) {
      pbkdf2Sync('', '', rounds, 64, 'sha512');
    },
    async account(_state, { place, amount }, self) {
      const account = await self.spawn(Account, 'ann', { place });
      account.deposit({ amount });
      // Whoever is given the ref asks it from another thread, whose messages may be there sooner.
      await account.balance();
      return account;
    },
    askHeld(_state, { of }) {
      void of.held({}).catch(() => undefined);
    },
    hoard(_state, { count }, self) {
      for (let sent = 0; sent < count; sent++) self.ref.compute({ rounds: 1 });
      return new Promise<void>(() => undefined);
    },
    async afterEnd(_state, { of, place }, self) {
      await self.stopped(of);
      const account = await self.spawn(Account, 'bob', { place });
      account.deposit({ amount: 5 });
      return await account.balance();
    },
    never: () => new Promise<number>(() => undefined),
    thread: (_state, _message, self) => self.thread,
  },
});
