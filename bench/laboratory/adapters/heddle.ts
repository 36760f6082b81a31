/** heddle: two actors, on two threads or on one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystem, type RefOf, type SystemOptions } from 'heddle';
import { shutDown } from '../../contestants/heddle.js';
import { check } from '../../harness/check.js';
import { PATIENCE } from '../../harness/patience.js';
import { Player } from '../actors/player.js';
import type { Adapter, Placement, Situation, Tasks, Wait } from '../adapter.js';
import { checkRecorded, SATURATION_TIMED_EVERY, timedOf } from '../arrivals.js';
import { messagesOf } from '../schedule.js';
import { NANOSECONDS_PER_SECOND } from '../units.js';
import { probePackage } from '../versions.js';

/** Where the sender lives, and the receiver; 0 is the host. */
const PLACES: Readonly<Record<Placement, readonly [number, number]>> = {
  'worker-worker': [1, 2],
  'host-worker': [0, 1],
  'same-thread': [1, 1],
};

/** The longest spin that there is, the default, and none, on the event loop or without it. */
const WAITING: Readonly<Record<Wait, Pick<SystemOptions, 'spinMicros' | 'park'>>> = {
  hot: { spinMicros: 1_000_000 },
  adaptive: {},
  parked: { spinMicros: 0 },
  blocked: { spinMicros: 0, park: 'block' },
};

type PlayerRef = RefOf<typeof Player>;

const tasksOf = (sender: PlayerRef, receiver: PlayerRef): Tasks => ({
  async 'round trip'({ count }) {
    await receiver.echo({});
    return timedOf(await sender.rally({ count }, PATIENCE), count);
  },
  async 'at a fixed rate'(rate) {
    const count = messagesOf(rate);
    await receiver.expect({ count });
    return timedOf(await sender.pace(rate, PATIENCE), count);
  },
  async 'at saturation'({ count }) {
    await receiver.expect({ count });
    const { recorded } = await sender.saturate({ count, timedEvery: SATURATION_TIMED_EVERY }, PATIENCE);
    return timedOf(recorded, count);
  },
  async 'after idling'(order) {
    await receiver.expect({ count: order.count });
    return timedOf(await sender.lone(order, PATIENCE), order.count);
  },
  async calls(load) {
    return timedOf(await sender.ask(load, PATIENCE), load.count);
  },
  async stream({ count }) {
    await receiver.expect({ count });
    const { beganNs, recorded } = await sender.saturate({ count, timedEvery: 0 }, PATIENCE);
    checkRecorded(recorded, count);
    return (recorded.endedNs - beganNs) / NANOSECONDS_PER_SECOND;
  },
  async idling({ forMs }) {
    // The spin of a thread begins with its last message.
    await receiver.echo({});
    check('the messages of a rally', (await sender.rally({ count: 1 }, PATIENCE)).count, 1);
    await sleep(forMs);
  },
});

export const heddle: Adapter = {
  name: 'heddle',
  probe: () => probePackage('heddle'),
  async open({ wait, placement, payload }: Situation) {
    const places = PLACES[placement];
    const system = await createSystem({
      threads: Math.max(...places),
      ...WAITING[wait],
      // A sender that paces itself for long is no failure.
      watchdog: false,
    });
    const sender = await system.spawn(Player, undefined, { place: places[0] });
    const receiver = await system.spawn(Player, undefined, { place: places[1] });
    const { kind } = payload;
    const common = {
      kind,
      size: kind === 'bytes' ? payload.size : 0,
      sameThread: placement === 'same-thread',
    };
    await sender.meet({ ...common, other: receiver });
    await receiver.meet({ ...common, other: sender });
    return { tasks: tasksOf(sender, receiver), close: () => shutDown(system) };
  },
};
