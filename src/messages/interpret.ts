/**
 * The same codec as `generate.ts` makes, without making code: for processes that forbid it. It walks the shapes at
 * run time and is some ten times slower. The tests run both on the same random declarations.
 */
import type { MessageCodec } from './codec.js';
import type { GenerateOptions } from './generate-context.js';
import { check, type Picked, pickRecord } from './interpret-check.js';
import { asRecord, Job, layoutOf } from './interpret-context.js';
import { readRecord } from './interpret-read.js';
import { takeRecord } from './interpret-take.js';
import { writeRecord } from './interpret-write.js';
import { corrupt, readFrom } from './memory.js';
import type { Shape } from './shape.js';
import type { Tools } from './tools.js';

export const interpretMessage = (shape: Shape, tools: Tools, options: GenerateOptions): MessageCodec => {
  const bare = shape.kind !== 'record';
  const layout = layoutOf(asRecord(shape));
  const { fixedBytes } = layout;
  const pick = (job: Job): readonly Picked[] => {
    if (!bare) check(job, shape, job.message, '');
    return pickRecord(job, layout, job.message, '', { bare });
  };
  return {
    encode(message, at, end) {
      const job = new Job(tools, options, message);
      return writeRecord(job, layout, pick(job), at, at + fixedBytes, end);
    },
    decode(at, end) {
      if (at + fixedBytes > end) corrupt('the record is shorter than its fixed part');
      readFrom(tools.memory, at + fixedBytes, end);
      return readRecord(tools, layout, at, bare);
    },
    take(message) {
      const job = new Job(tools, options, message);
      return takeRecord(job, pick(job), bare);
    },
  };
};
