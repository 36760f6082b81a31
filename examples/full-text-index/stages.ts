/** The stages of the job with heddle: readers, each of which sends every shard its part of the terms. */
import { bool, defineStage, f64, list, many, record, text, u32, u32s, type Writer } from 'heddle';
import type { File } from './files.js';
import { appendPacked, type PackedPostings, pack } from './packed.js';
import { Postings } from './postings.js';
import { addTally, emptyTally, Scan, type Tally } from './scan.js';

const TallyField = record({ files: u32, bytes: f64, binary: u32, unreadable: list(text) });
export const Batch = list(record({ doc: u32, path: text, bytes: f64 }));
export const ReportField = record({
  tally: TallyField,
  summary: record({
    terms: u32,
    postings: u32,
    tokens: f64,
    checksum: u32,
    top: list(record({ term: text, count: u32 })),
  }),
});
const Part = record({ terms: text, numbers: u32s, tally: TallyField, isLast: bool });

/** What a shard gets of a batch, and what became of the files. */
interface PartItem extends PackedPostings {
  readonly tally: Tally;
  readonly isLast: boolean;
}

const scan = (batch: readonly File[], shards: readonly Writer<PartItem>[], isLast: boolean): void => {
  const { postings, tally } = new Scan(batch);
  for (const [index, packed] of pack(postings, shards.length).entries()) {
    shards[index]!.emit({ ...packed, tally, isLast });
  }
};

export const Read = defineStage(import.meta.url, 'Read', {
  in: Batch,
  out: many(Part),
  process: (_, batch, out) => scan(batch, out, false),
  flush: (_, out) => scan([], out, true),
});

/** The postings of all terms whose hash leads here. It reports when all readers have ended, and goes on to answer. */
export const Shard = defineStage(import.meta.url, 'Shard', {
  in: { part: Part, question: text },
  out: { report: ReportField, answer: u32s },
  init: (_, readers: number) => ({ postings: new Postings(), tally: emptyTally(), readers }),
  process: {
    part(shard, { tally, isLast, ...packed }, out) {
      appendPacked(shard.postings, packed);
      addTally(shard.tally, tally);
      if (isLast && --shard.readers === 0) {
        out.report.emit({ tally: shard.tally, summary: shard.postings.summarise() });
      }
    },
    question: ({ postings }, term, out) => void out.answer.emit(Uint32Array.from(postings.find(term))),
  },
});
