/** An actor that ends its thread, and one that sees how long it takes until another runs in its place. */
import { call, defineActor, f64, ref, u8 } from 'heddle';
import { Adder } from './adder.js';

export const Mortal = defineActor(import.meta.url, 'Mortal', {
  protocol: { die: {} },
  init: () => undefined,
  on: { die: () => process.exit(1) },
});

export const Witness = defineActor(import.meta.url, 'Witness', {
  protocol: { time: call({ mortal: ref(Mortal), thread: u8 }, f64) },
  init: () => undefined,
  on: {
    /** Milliseconds from the message that ends the thread to the answer of an actor on the one that replaces it. */
    async time(_state, { mortal, thread }, self) {
      const ended = self.stopped(mortal);
      const began = performance.now();
      mortal.die();
      await ended;
      const adder = await self.spawn(Adder, undefined, { place: thread });
      await adder.add({ a: 1, b: 1 });
      return performance.now() - began;
    },
  },
});
