/**
 * W1, ping-pong: two actors on two workers bounce one integer; the host sleeps.
 *
 * ```
 *   worker 1  <--- i32 --->  worker 2
 * ```
 *
 * By hand it is two threads that spin on two words of shared memory: what the hardware allows. What a sleeping thread
 * costs is W10; here all that can stay awake do. heddle's `(host)` row has one of the actors on the host, whose event
 * loop takes its turns.
 */
import { Bouncer } from '../actors/bouncer.js';
import { spinningRally } from '../contestants/by-hand.js';
import { comlinkCalls } from '../contestants/comlink.js';
import { heddle } from '../contestants/heddle.js';
import { postedRally } from '../contestants/post-message.js';
import { check } from '../harness/check.js';
import { PATIENCE } from '../harness/patience.js';
import { SampleSize } from '../harness/sample-size.js';
import type { Contestant, Workload } from '../harness/workload.js';

const FIGURE = 'W1';
const NANOSECONDS_PER_MS = 1e6;
const NANOSECONDS_PER_SECOND = 1e9;

const rally = (system: string, places: readonly [number, number], size: SampleSize): Contestant =>
  heddle(system, async (running) => {
    const server = await running.spawn(Bouncer, undefined, { place: places[0] });
    const returner = await running.spawn(Bouncer, undefined, { place: places[1] });
    await server.meet({ other: returner });
    await returner.meet({ other: server });
    return async () => {
      const roundTrips = size.count;
      const { nanoseconds, value } = await server.serve({ roundTrips }, PATIENCE);
      size.took((nanoseconds * roundTrips) / NANOSECONDS_PER_MS);
      check('the last value', value, 2 * roundTrips);
      return [{ figure: FIGURE, value: nanoseconds }];
    };
  });

export const w1: Workload = {
  title: 'ping-pong of one integer between two workers',
  figures: { [FIGURE]: 'ns/round trip' },
  contestants: (effort) => {
    const sleeping = effort.of(5_000, 500);
    return [
      rally('heddle', [1, 2], new SampleSize(sleeping, effort.of(300_000, 50_000))),
      rally('heddle (host)', [0, 1], new SampleSize(sleeping, effort.of(100_000, 10_000))),
      spinningRally(FIGURE, effort.of(1_000_000, 200_000)),
      postedRally(FIGURE, sleeping),
      comlinkCalls(FIGURE, { count: sleeping, inFlight: 1 }, ({ perSecond }) => NANOSECONDS_PER_SECOND / perSecond),
    ];
  },
};
