/** Where actors live, what the counters say, and what a shutdown reports. */
import { call, createSystem, defineActor, isHost, u32 } from 'heddle';

export const Resident = defineActor(import.meta.url, 'Resident', {
  protocol: { thread: call({}, u32), poke: {} },
  init: () => undefined,
  on: { thread: (_, _message, self) => self.thread, poke: () => undefined },
});

if (isHost) {
  const system = await createSystem({ threads: 3 });
  const home = await system.spawn(Resident, undefined, { place: 'host' });
  const third = await system.spawn(Resident, undefined, { place: 3 });
  const neighbour = await system.spawn(Resident, undefined, { place: { near: third } });
  const inTurn = [await system.spawn(Resident), await system.spawn(Resident), await system.spawn(Resident)];
  const threadsOf = (refs: readonly (typeof home)[]): Promise<number[]> => Promise.all(refs.map((ref) => ref.thread()));
  console.log('host:', await threadsOf([home]));
  console.log('a number:', await threadsOf([third]));
  console.log('near:', await threadsOf([neighbour]));
  console.log('round-robin, the default:', (await threadsOf(inTurn)).sort());
  const idle = await system.spawn(Resident, undefined, { place: 'least-loaded' });
  console.log('least-loaded is not the third:', (await idle.thread()) !== 3);

  for (let count = 0; count < 100; count++) third.poke();
  console.log(
    'actors:',
    system
      .counters()
      .threads.map(({ thread, actors }) => `${thread}: ${actors > 0}`)
      .join(', '),
  );

  const { threads, deadByReason, ...report } = await system.shutdown();
  console.log(
    Object.entries(report)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  );
}
