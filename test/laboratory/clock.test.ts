import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calibrate, nowNs } from '../../bench/laboratory/clock.js';

const MESSAGES = 2_000;
/** Two looks at a clock; a message between two threads takes many times as long. */
const SLACK_NS = 1_000;

describe('the clock of the laboratory', () => {
  let worker: Worker;
  beforeAll(() => {
    worker = new Worker(new URL('../../.build/test/programs/stamping.js', import.meta.url));
  });
  afterAll(() => worker.terminate());

  it('is the same on all threads: no message arrives before it was sent', async () => {
    for (let message = 0; message < MESSAGES; message++) {
      const sent = nowNs();
      worker.postMessage(null);
      const [there] = (await once(worker, 'message')) as [number];
      expect(there).toBeGreaterThan(sent - SLACK_NS);
      expect(there).toBeLessThan(nowNs() + SLACK_NS);
    }
  });

  it('is that of process.hrtime, however late it is calibrated', () => {
    const before = Number(process.hrtime.bigint());
    const now = nowNs();
    const after = Number(process.hrtime.bigint());
    expect(now).toBeGreaterThan(before - SLACK_NS);
    expect(now).toBeLessThan(after + SLACK_NS);
    expect(Math.abs(calibrate() - calibrate())).toBeLessThan(SLACK_NS);
  });
});
