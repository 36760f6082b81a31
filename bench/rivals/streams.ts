/** The pipeline as streams of Node, all on one thread. */
import { Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { itemOf } from '../harness/pipeline.js';
import { work } from '../harness/work.js';
import { serve } from './serve.js';

/** Items that may wait at each stream: as many as at a stage of heddle. */
const ROOM = { objectMode: true, highWaterMark: 1_024 } as const;

export const tasks = {
  /** Milliseconds until all items have passed, and the sum of their results. */
  async pass({
    items,
    steps,
  }: {
    readonly items: number;
    readonly steps: number;
  }): Promise<{ ms: number; sum: number }> {
    let next = 0;
    let sum = 0;
    const source = new Readable({
      ...ROOM,
      read() {
        while (next < items) if (!this.push(itemOf(next++))) return;
        this.push(null);
      },
    });
    const filter = new Transform({
      ...ROOM,
      transform: (item: number, _, done) => done(null, work(item, steps)),
    });
    const sink = new Writable({
      ...ROOM,
      write(result: number, _, done) {
        sum += result;
        done();
      },
    });
    const began = performance.now();
    await pipeline(source, filter, sink);
    return { ms: performance.now() - began, sum };
  },
};

serve(tasks);
