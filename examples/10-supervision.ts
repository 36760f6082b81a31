/** A supervisor: a child that fails, and one whose thread is ended, begin again under the refs that everybody has. */
import { call, child, createSystem, defineActor, defineSupervisor, isHost, text, u32 } from 'heddle';

export const Shelf = defineActor(import.meta.url, 'Shelf', {
  protocol: { put: { item: text }, count: call({}, u32) },
  init: (): { items: string[] } => ({ items: [] }),
  on: {
    put({ items }, { item }) {
      if (item === '') throw new TypeError('there is nothing to put');
      items.push(item);
    },
    count: ({ items }) => items.length,
  },
});

export const Shop = defineSupervisor(import.meta.url, 'Shop', {
  strategy: 'one-for-one',
  intensity: { restarts: 3, withinMs: 5_000 },
  children: () => [
    child('left', Shelf, undefined, { place: 1, name: 'left' }),
    child('right', Shelf, undefined, { place: 2, name: 'right' }),
  ],
});

if (isHost) {
  await using system = await createSystem({ threads: 2 });
  const problems = system.problems[Symbol.asyncIterator]();
  const shop = await system.spawn(Shop, undefined, { place: 'host' });
  const left = system.whereIs(Shelf, 'left')!;
  const right = system.whereIs(Shelf, 'right')!;

  // A handler fails: the state is made anew, what waits in the mailbox is not lost, and the ref is as good as before.
  for (const item of ['nut', 'bolt', '', 'screw', 'nail']) left.put({ item });
  console.log('left:', await left.count());
  const { value: problem } = await problems.next();
  const { cause } = problem!.error as { cause?: Error };
  console.log('problem:', problem!.kind, '<-', cause?.message);

  // A thread ends: its actors begin again on the thread that takes its place. The supervisor is told of that before it
  // answers, so the call to its child comes after the restart.
  right.put({ item: 'saw' });
  console.log('right:', await right.count());
  await system.terminate(2);
  const children = await shop.children();
  console.log('right:', await right.count(), children.map(({ id }) => id).join(' and '));
  const restarts = system.counters().threads.map(({ actorsRestarted }) => actorsRestarted);
  console.log('restarts by thread:', restarts);

  // Children end before their supervisor, the last one first.
  console.log('shop:', (await system.stop(shop)).reason, system.names());
}
