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
 * A strategy is given the bell to sleep on and a function that looks for news. It returns when there is news, or
 * when the bell was rung for no reason that it can see: look, and wait again.
 */
import type { Doorbell } from './doorbell.js';

/** Looks whether there is something to do, by a shared load; called again after the bell is armed. */
export type Look = () => boolean;

/** What a strategy has done so far. */
export interface WaitCounters {
  /** Times that it slept. */
  sleeps: number;
  /** Sleeps that ended by their time limit although news was there: each one is a lost wake-up, and must stay 0. */
  missedWakes: number;
}

export interface BlockingWait {
  readonly counters: Readonly<WaitCounters>;
  wait(bell: Doorbell, look: Look): void;
}

export interface AsyncWait {
  readonly counters: Readonly<WaitCounters>;
  wait(bell: Doorbell, look: Look): Promise<void>;
}

const pauseHint = (Atomics as { pause?: (iterations?: number) => void }).pause;
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

export const spinWait = (): BlockingWait => ({
  counters: newCounters(),
  wait(_bell, look) {
    while (!look()) pause();
  },
});

/** @param beltMs longest sleep in ms; it is there to count lost wake-ups, not to hide them */
export const blockWait = (beltMs = 1000): BlockingWait => {
  const counters = newCounters();
  return {
    counters,
    wait(bell, look) {
      bell.arm();
      if (!look()) {
        counters.sleeps++;
        if (!bell.block(beltMs) && look()) counters.missedWakes++;
      }
      bell.disarm();
    },
  };
};

/** @param spinMs how long to spin before blocking */
export const adaptiveWait = (spinMs = 0.05, beltMs = 1000): BlockingWait => {
  const block = blockWait(beltMs);
  const LOOKS_PER_CLOCK = 64;
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

/** The promise alone keeps no process and no thread alive: hold a handle (a timer, a port) while waiting. */
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
