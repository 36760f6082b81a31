/**
 * Ways to wait for news of a ring: how much processor time to pay for how little delay.
 *
 * | strategy    | delay of news             | cost of waiting | while it waits, the thread's timers and I/O  |
 * | ----------- | ------------------------- | --------------- | -------------------------------------------- |
 * | `spin`      | least (a cache line)      | a whole core    | stand still                                  |
 * | `adaptive`  | as `spin` while it is hot | a spin per wait | stand still                                  |
 * | `block`     | a wake by the kernel      | nothing         | stand still                                  |
 * | `eventLoop` | a turn of the event loop  | nothing         | go on                                        |
 *
 * A strategy is given the bell to sleep on and a function that looks for news. It returns when there is news, but may
 * also return without: the bell was rung for something else, or the time limit of a sleep has passed. So look, and wait
 * again.
 *
 * | before it sleeps     | on every path                                                                  |
 * | -------------------- | ------------------------------------------------------------------------------ |
 * | `bell.arm()`         | then `look()` once more: true ends the wait                                    |
 * | `bell.block/listen`  | only after that look                                                           |
 * | `bell.disarm()`      | when the wait ends                                                             |
 */
import type { Doorbell } from './doorbell.js';
import { pauseHint } from './memory.js';

/** Looks whether there is something to do, by a shared load; called again after the bell is armed. Must not throw. */
export type Look = () => boolean;

/** What a strategy has done so far. */
export interface WaitCounters {
  /** Times that it slept. */
  sleeps: number;
  /**
   * Sleeps that ended by their time limit although news was there, for which nobody rang within the same time again:
   * each one is a lost wake-up, and must stay 0. Strategies without a time limit count none.
   */
  missedWakes: number;
}

export interface WaitStrategy<Result> {
  readonly counters: Readonly<WaitCounters>;
  wait(bell: Doorbell, look: Look): Result;
}

/** Returns when the wait is over. */
export type BlockingWait = WaitStrategy<void>;
/** Resolves when the wait is over. */
export type AsyncWait = WaitStrategy<Promise<void>>;

const PAUSE_ITERATIONS = 16;
let pauseSink = 0;

/**
 * Stays off the cache lines that another thread is about to write, for some 10 ns. Polling them without a break costs
 * the writer 100 ns a store.
 */
export const pause = (): void => {
  if (pauseHint !== undefined) pauseHint();
  else for (let i = 0; i < PAUSE_ITERATIONS; i++) pauseSink = (pauseSink + i) | 0;
};

const newCounters = (): WaitCounters => ({ sleeps: 0, missedWakes: 0 });

/** Looks again and again; for threads that have a core of their own. */
export const spinWait = (): BlockingWait => ({
  counters: newCounters(),
  wait(_bell, look) {
    while (!look()) pause();
  },
});

/**
 * Sleeps at once.
 *
 * @param beltMs longest sleep in ms; it is there to count lost wake-ups, not to hide them
 */
export const blockWait = (beltMs = 1000): BlockingWait => {
  const counters = newCounters();
  return {
    counters,
    wait(bell, look) {
      bell.arm();
      if (!look()) {
        counters.sleeps++;
        // Whoever published what is seen now may be just about to ring.
        if (!bell.block(beltMs) && look() && !bell.block(beltMs)) counters.missedWakes++;
      }
      bell.disarm();
    },
  };
};

/** Looks between two looks at the clock. */
const LOOKS_PER_CLOCK = 64;

/**
 * Spins a little, then sleeps.
 *
 * @param spinMs how long to spin before it sleeps, in ms; about what a wake costs
 * @param beltMs longest sleep in ms
 */
export const adaptiveWait = (spinMs = 0.05, beltMs = 1000): BlockingWait => {
  const block = blockWait(beltMs);
  return {
    counters: block.counters,
    wait(bell, look) {
      const until = performance.now() + spinMs;
      do {
        for (let i = 0; i < LOOKS_PER_CLOCK; i++) {
          if (look()) return;
          pause();
        }
      } while (performance.now() < until);
      block.wait(bell, look);
    },
  };
};

/**
 * Sleeps on the event loop: the thread's timers and I/O go on. The promise alone keeps no process and no thread alive:
 * hold a handle (a timer, a port) while waiting.
 */
export const eventLoopWait = (): AsyncWait => {
  const counters = newCounters();
  return {
    counters,
    async wait(bell, look) {
      bell.arm();
      if (!look()) {
        counters.sleeps++;
        await bell.listen();
      }
      bell.disarm();
    },
  };
};
