/** Actors of other workloads under supervisors, and one that is made to fail. */
import { call, defineActor, defineDynamicSupervisor, f64, type Ref, ref, u32 } from 'heddle';
import { PairCounter, PairSender } from './pairs.js';
import { Station } from './station.js';

export const Stations = defineDynamicSupervisor(import.meta.url, 'Stations', { child: Station, place: 1 });
export const PairSenders = defineDynamicSupervisor(import.meta.url, 'PairSenders', { child: PairSender, place: 1 });
export const PairCounters = defineDynamicSupervisor(import.meta.url, 'PairCounters', { child: PairCounter, place: 2 });

const phoenix = { burn: {}, lives: call({}, u32) };

let lives = 0;

/** Fails when it is told to; answers how often it has begun on its thread. */
export const Phoenix = defineActor(import.meta.url, 'Phoenix', {
  protocol: phoenix,
  init: () => ({ life: ++lives }),
  on: {
    burn() {
      throw new Error('as asked');
    },
    lives: ({ life }) => life,
  },
});

const MANY = { restarts: 10_000, withinMs: 1 };
export const Nest = defineDynamicSupervisor(import.meta.url, 'Nest', { child: Phoenix, place: 2, intensity: MANY });

/** Makes an actor fail, and asks it what waits in its mailbox meanwhile. */
export const Arsonist = defineActor(import.meta.url, 'Arsonist', {
  protocol: { run: call({ phoenix: ref(Phoenix), restarts: u32 }, f64) },
  init: () => undefined,
  on: {
    async run(_, { phoenix, restarts }) {
      const began = performance.now();
      await burn(phoenix, restarts);
      return performance.now() - began;
    },
  },
});

const burn = async (to: Ref<typeof phoenix>, restarts: number): Promise<void> => {
  const first = await to.lives();
  for (let life = first + 1; life <= first + restarts; life++) {
    to.burn();
    if ((await to.lives()) !== life) throw new Error('it was not started again');
  }
};
