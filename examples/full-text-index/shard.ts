/** A part of the index: the postings of all terms whose hash leads here. */
import { call, defineActor, f64, list, type RefOf, record, text, u32, u32s } from 'heddle';
import { appendPacked } from './packed.js';
import { Postings } from './postings.js';

const Summary = record({
  terms: u32,
  postings: u32,
  tokens: f64,
  checksum: u32,
  top: list(record({ term: text, count: u32 })),
});

export const Shard = defineActor(import.meta.url, 'Shard', {
  protocol: {
    add: { terms: text, numbers: u32s },
    find: call(text, u32s),
    /** Answered when everything is in the index that the caller has sent before. */
    settle: call({}),
    summarise: call({}, Summary),
  },
  init: () => new Postings(),
  on: {
    add: (postings, packed) => appendPacked(postings, packed),
    find: (postings, term) => Uint32Array.from(postings.find(term)),
    settle: () => undefined,
    summarise: (postings) => postings.summarise(),
  },
});

export type ShardRef = RefOf<typeof Shard>;
