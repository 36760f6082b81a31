/** What arrives for an actor that has begun again since the last message, by the ring from another thread. */
import { call, child, defineActor, defineSupervisor, f64 } from 'heddle';
import { createSimulation } from 'heddle/testing';
import { expect, it } from 'vitest';

const Tally = defineActor(import.meta.url, 'Tally', {
  protocol: { add: { amount: f64 }, fail: {}, total: call({}, f64) },
  init: () => ({ total: 0 }),
  on: {
    add(state, { amount }) {
      state.total += amount;
    },
    fail: () => {
      throw new Error('broken');
    },
    total: ({ total }) => total,
  },
});
const Office = defineSupervisor(import.meta.url, 'Office', {
  children: () => [child('tally', Tally, undefined, { place: 1 })],
});

it('the first message to the next life of an actor is handled once, and counted once', async () => {
  const sim = createSimulation({ seed: 1, threads: 1 });
  const { system } = sim;
  const office = await sim.until(system.spawn(Office, undefined, { place: 'host' }));
  const [status] = await sim.until(office.children());
  const tally = system.typed(Tally, status!.ref!);
  tally.add({ amount: 1 });
  tally.fail();
  await sim.settle();
  tally.add({ amount: 2 });
  await sim.settle();
  expect(await sim.until(tally.total())).toBe(2);
  await sim.settle();
  const { accepted, handled, lost, dead } = system.counters();
  expect({ accepted, handled, lost, dead }).toEqual({ accepted: 5, handled: 4, lost: 1, dead: 0 });
});

it('an actor whose mailbox is full can begin again', async () => {
  const sim = createSimulation({ seed: 1, threads: 1, mailboxLimit: 8 });
  const { system } = sim;
  const office = await sim.until(system.spawn(Office, undefined, { place: 'host' }));
  const [status] = await sim.until(office.children());
  const tally = system.typed(Tally, status!.ref!);
  tally.fail();
  for (let left = 20; left > 0; left--) tally.add({ amount: 1 });
  await sim.settle();
  expect(await sim.until(tally.total())).toBe(8);
  expect(await sim.until(office.children())).toMatchObject([{ phase: 'running' }]);
});
