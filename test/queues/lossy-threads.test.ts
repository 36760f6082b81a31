/** A lossy ring between two real threads, and threads that are ended in the middle of a record. */
import { once } from 'node:events';
import { LossyConsumer, type LossyPlace, readLossyCounters, settleLossyProducer } from 'heddle/queues';
import { describe, expect, it } from 'vitest';
import { lossyShape, SLOT_HEADER_BYTES, slotField } from '../../native-free-queues/lossy-layout.js';
import type { LossyEndReport, LossyEndTask } from '../programs/lossy-end.js';
import { lossyFault, lossyWords } from '../programs/lossy-traffic.js';
import { type WaitName, writtenWords } from '../programs/ring-traffic.js';
import { effort } from '../support/effort.js';
import { FIRST_IDS, lossyCanariesLive, lossyRingBetweenCanaries } from '../support/lossy-rings.js';
import { randomOfTest } from '../support/random.js';
import { runThread, startThread } from '../support/threads.js';
import { until } from '../support/until.js';

const sumBelow = (count: number): number => (count * (count - 1)) / 2;

/** Of one ring, until what it is for was seen. */
const RUNS_MAX = 20;

describe('two threads and a lossy ring', () => {
  const RECORDS = effort(1_000_000, 500_000_000);
  const rings: readonly {
    capacity: number;
    slotBytes: number;
    firstId: number;
    wait: WaitName;
    records: number;
    /** How slow the ends are. */
    idling: readonly [producer: number, consumer: number];
    sleeps?: boolean;
  }[] = [
    { capacity: 1, slotBytes: 8, firstId: 0, wait: 'spin', records: RECORDS, idling: [0, 0] },
    { capacity: 2, slotBytes: 64, firstId: 2 ** 32 - 1000, wait: 'adaptive', records: RECORDS, idling: [0, 0] },
    { capacity: 3, slotBytes: 24, firstId: 2 ** 31 - 1000, wait: 'block', records: RECORDS, idling: [0, 3] },
    { capacity: 64, slotBytes: 256, firstId: 0, wait: 'adaptive', records: RECORDS, idling: [0, 1000] },
    {
      capacity: 4096,
      slotBytes: 16,
      firstId: 5 * 2 ** 40,
      wait: 'adaptive',
      records: 2 * RECORDS,
      idling: [0, 50_000],
    },
    { capacity: 8, slotBytes: 16, firstId: 0, wait: 'block', records: RECORDS / 50, idling: [300, 0], sleeps: true },
    {
      capacity: 8,
      slotBytes: 16,
      firstId: 0,
      wait: 'eventLoop',
      records: RECORDS / 50,
      idling: [300, 0],
      sleeps: true,
    },
  ];

  it.each(rings)(
    'of $capacity records pass $records from id $firstId on, and account for each (it waits by $wait)',
    async (ring) => {
      const { capacity, slotBytes, firstId, wait, records, idling, sleeps = false } = ring;
      // Whether a thread sleeps, or is overtaken, is up to the machine: again, until that was seen.
      for (let seen = 0, run = 0; seen === 0; run++) {
        expect(run, sleeps ? 'the consumer never slept' : 'nothing was ever lost').toBeLessThan(RUNS_MAX);
        const place = lossyRingBetweenCanaries(capacity, slotBytes, firstId);
        const task = { place, records, readMin: 3 * capacity, wait };
        const [written, taken] = await Promise.all([
          runThread<LossyEndReport>('lossy-end', {
            ...task,
            role: 'produce',
            idling: idling[0],
          } satisfies LossyEndTask),
          runThread<LossyEndReport>('lossy-end', {
            ...task,
            role: 'consume',
            idling: idling[1],
          } satisfies LossyEndTask),
        ]);
        expect(written.fault).toBeUndefined();
        expect(taken).toMatchObject({ fault: undefined, missedWakes: 0 });
        expect(taken.count + taken.lost).toBe(written.count);
        // What one side says is lost is what the other one has not got.
        expect(written.lost).toBe(taken.lost);
        expect(written.sum + taken.sum).toBe(sumBelow(written.count));
        expect(readLossyCounters(place)).toEqual({
          writtenCount: written.count,
          overwrittenCount: taken.lost,
          readCount: taken.count,
          lostCount: taken.lost,
        });
        expect(lossyCanariesLive(place)).toBe(true);
        seen = sleeps ? taken.sleeps : taken.lost;
      }
    },
  );
});

describe.each(FIRST_IDS)(
  'a producer that is ended while it writes, on a lossy ring whose first id is $name',
  ({ firstId }) => {
    const DEATHS = effort(60, 10_000) / FIRST_IDS.length;
    const MID_RECORD = DEATHS / 4;
    /** As many more, if too few of these came in the middle of a record. */
    const DEATHS_MAX = 20 * DEATHS;
    const SLOT_BYTES = 1 << 13;
    const TAKES_MAX = 200;

    /** Whether a record was begun in some slot that is half there. */
    const diedMidRecord = (place: LossyPlace, id: number): boolean => {
      const { slots, slotScale } = lossyShape(place);
      const words = lossyWords(id, SLOT_BYTES);
      return Array.from(
        { length: 2 * place.capacity + 1 },
        (_, slot) => slots + slotField(slot) * slotScale + SLOT_HEADER_BYTES / 4,
      )
        .map((at) => writtenWords(place.words, at, id | 0, words))
        .some((written) => written > 0 && written < words);
    };

    it(`leaves whole records only, and a consumer that ends, ${DEATHS} times`, async () => {
      const random = randomOfTest();
      let midRecord = 0;
      for (let death = 0; death < DEATHS || (midRecord < MID_RECORD && death < DEATHS_MAX); death++) {
        const place = lossyRingBetweenCanaries(3, SLOT_BYTES, firstId);
        const endless = {
          place,
          role: 'produce',
          records: Number.POSITIVE_INFINITY,
          readMin: 0,
          idling: 0,
          wait: 'block',
        } as const;
        const victim = startThread('lossy-end', endless satisfies LossyEndTask);
        const consumer = new LossyConsumer(place);
        const takeAll = (): void => {
          for (let index = 0, count = consumer.take(); index < count; index++) {
            expect(lossyFault(consumer, consumer.from + index, index)).toBeUndefined();
          }
        };
        await until(() => consumer.hasNews());
        for (let takes = random.below(TAKES_MAX); takes > 0; takes--) takeAll();
        let ended = false;
        const exit = Promise.all([once(victim, 'exit'), victim.terminate()]).then(() => {
          ended = true;
        });
        await until(() => {
          takeAll();
          return ended;
        });
        await exit;
        settleLossyProducer(place);
        takeAll();
        expect(consumer.ended).toBe(true);
        expect(readLossyCounters(place).writtenCount).toBe(consumer.read + consumer.lost);
        expect(lossyCanariesLive(place)).toBe(true);
        if (diedMidRecord(place, consumer.to)) midRecord++;
      }
      expect(midRecord, 'too few were ended in the middle of a record').toBeGreaterThanOrEqual(MID_RECORD);
    });
  },
);
