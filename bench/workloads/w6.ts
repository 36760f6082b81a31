/**
 * W6, a ring of 503 actors that hand one token on, a million times.
 *
 * - W6-1t: all of them on one worker; once more as children of a supervisor, which should cost nothing.
 * - W6-2t: every other one on the other worker, so that each hop crosses threads, but for the one from the last to the
 *   first. By hand it is half the round trip of W1.
 */
import type { RefOf, System } from 'heddle';
import { Station } from '../actors/station.js';
import { Stations } from '../actors/supervised.js';
import { spinningRally } from '../contestants/by-hand.js';
import { heddle } from '../contestants/heddle.js';
import { onNact, onPlain } from '../contestants/single-thread.js';
import { check } from '../harness/check.js';
import { PATIENCE } from '../harness/patience.js';
import { SampleSize } from '../harness/sample-size.js';
import type { Contestant, Reading, Workload } from '../harness/workload.js';

const ONE = 'W6-1t';
const TWO = 'W6-2t';
const UNIT = 'ns/hop';
const STATIONS = 503;
const NANOS_PER_MS = 1e6;

const reading = (
  figure: string,
  { ms, left }: { readonly ms: number; readonly left: number },
  hops: number,
): readonly Reading[] => {
  check('what is left of the hops', left, 0);
  return [{ figure, value: (ms * NANOS_PER_MS) / hops }];
};

type Stand = (system: System, station: number) => Promise<RefOf<typeof Station>>;

const standAt =
  (placeOf: (station: number) => number): Stand =>
  (system, station) =>
    system.spawn(Station, undefined, { place: placeOf(station) });

const ring = (name: string, figure: string, size: SampleSize, stand: Stand): Contestant =>
  heddle(name, async (system) => {
    const stations = await Promise.all(Array.from({ length: STATIONS }, (_, index) => stand(system, index)));
    const home = stations[0]!;
    await Promise.all(stations.map((one, index) => one.link({ next: stations[(index + 1) % STATIONS]!, home })));
    return async () => {
      const hops = size.count;
      const result = await home.start({ hops }, PATIENCE);
      size.took(result.ms);
      return reading(figure, result, hops);
    };
  });

/** All of them children of one supervisor. */
const supervised = (): Stand => {
  const supervisors = new WeakMap<System, Promise<RefOf<typeof Stations>>>();
  return async (system) => {
    const supervisor = supervisors.get(system) ?? system.spawn(Stations);
    supervisors.set(system, supervisor);
    return (await supervisor).add({});
  };
};

export const w6One: Workload = {
  title: 'a token in a ring of 503 actors on one thread',
  figures: { [ONE]: UNIT },
  contestants: (effort) => {
    const hops = effort.of(1_000_000, 100_000);
    const few = effort.of(100_000, 10_000);
    return [
      ring(
        'heddle',
        ONE,
        new SampleSize(hops, hops),
        standAt(() => 1),
      ),
      ring('heddle supervised', ONE, new SampleSize(hops, hops), supervised()),
      onPlain(async (thread) => async () => reading(ONE, await thread.ask('ring', { stations: STATIONS, hops }), hops)),
      onNact(
        async (thread) => async () => reading(ONE, await thread.ask('ring', { stations: STATIONS, hops: few }), few),
      ),
    ];
  },
};

export const w6Two: Workload = {
  title: 'the same, every hop from thread to thread',
  figures: { [TWO]: UNIT },
  contestants: (effort) => [
    ring(
      'heddle',
      TWO,
      new SampleSize(effort.of(10_000, 2_000), effort.of(500_000, 50_000)),
      standAt((station) => 1 + (station % 2)),
    ),
    spinningRally(TWO, effort.of(1_000_000, 200_000), 0.5),
  ],
};
