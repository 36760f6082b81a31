/**
 * P5, an external event: how long it takes from the moment when a source is notified until what it emits has gone
 * through a filter on another thread and reached the sink. Everybody is awake; what waking costs is W10.
 *
 * ```
 *   worker 1:  Teller --notify--> Events --+   +--> Arrivals
 *                                          v   |
 *   worker 2:                              Relay
 * ```
 *
 * The next event is told when the last one has arrived. P5-p50 is the median, P5-p99 what one in a hundred exceeds. By
 * hand and by `postMessage` it is a message there and back; by hand it is the mean.
 */
import { pipeline } from 'heddle';
import { Arrivals, Events, Relay, Teller } from '../actors/events.js';
import { spinningRally } from '../contestants/by-hand.js';
import { heddle } from '../contestants/heddle.js';
import { postedCalls } from '../contestants/post-message.js';
import { check } from '../harness/check.js';
import { PATIENCE } from '../harness/patience.js';
import { SampleSize } from '../harness/sample-size.js';
import type { Contestant, Workload } from '../harness/workload.js';

const P50 = 'P5-p50';
const P99 = 'P5-p99';
const UNIT = 'us';
const MICROS_PER_NANO = 1e-3;

const events = (size: SampleSize): Contestant =>
  heddle('heddle', async (system) => {
    const teller = await system.spawn(Teller, undefined, { place: 1 });
    return async () => {
      const { count } = size;
      const flow = pipeline('events');
      const source = flow.stage(Events, undefined, { place: 1, rule: 'event' });
      source.to(flow.stage(Relay, undefined, { place: 2 })).to(flow.stage(Arrivals, undefined, { place: 1 }));
      const job = await flow.run(system);
      const { p50Micros, p99Micros, ms } = await teller.tell({ source: job.notifier(source.name), count }, PATIENCE);
      const { stages } = await job.stop();
      check('events that have arrived', stages['Arrivals']!.taken, count);
      size.took(ms);
      return [
        { figure: P50, value: p50Micros },
        { figure: P99, value: p99Micros },
      ];
    };
  });

export const p5: Workload = {
  title: 'an external event, through two hops to the sink',
  figures: { [P50]: UNIT, [P99]: UNIT },
  contestants: (effort) => {
    const sleeping = effort.of(5_000, 500);
    return [
      events(new SampleSize(sleeping, effort.of(100_000, 10_000))),
      spinningRally(P50, effort.of(1_000_000, 200_000), MICROS_PER_NANO),
      postedCalls(P50, { count: sleeping, inFlight: 1 }, ({ p50Micros }) => p50Micros),
    ];
  },
};
