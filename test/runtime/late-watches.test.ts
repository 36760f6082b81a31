/** The answer to a watch of an actor that has ended comes behind what that had sent, also where this travels in pieces. */
import { anyRef, defineActor, ref, text } from 'heddle';
import { createSimulation } from 'heddle/testing';
import { expect, it } from 'vitest';

const seen: string[] = [];

const Watcher = defineActor(import.meta.url, 'Watcher', {
  protocol: { watch: { who: anyRef }, note: { text } },
  init: () => ({}),
  on: {
    watch: (_, { who }, self) => void self.watch(who),
    note: (_, message) => void seen.push(`note of ${message.text.length}`),
  },
  onSupervision: (_, { kind }) => void seen.push(kind),
});
const Leaver = defineActor(import.meta.url, 'Leaver', {
  protocol: { leave: { to: ref(Watcher) } },
  init: () => ({}),
  on: {
    leave: (_, { to }, self) => {
      to.note({ text: 'x'.repeat(100_000) });
      void self.stop(self.ref);
    },
  },
});

it('a notice of the dead does not overtake what they had sent', async () => {
  const sim = createSimulation({ seed: 1, threads: 2 });
  const { system } = sim;
  const watcher = await sim.until(system.spawn(Watcher, undefined, { place: 1 }));
  const leaver = await sim.until(system.spawn(Leaver, undefined, { place: 2 }));
  leaver.leave({ to: watcher });
  while (system.counters().threads[2]!.actors > 0) await sim.steps(1);
  watcher.watch({ who: leaver });
  await sim.settle();
  expect(seen).toEqual(['note of 100000', 'down']);
});
