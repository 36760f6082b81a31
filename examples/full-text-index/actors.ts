/** The job with heddle: a reader and a shard on each worker; the host sends paths and asks questions. */
import { createSystem, type RefOf } from 'heddle';
import { addSummaries, shardOf } from './postings.js';
import { Reader } from './reader.js';
import { Shard } from './shard.js';
import { BATCHES_AHEAD, type Way, WORKER_LIMITS } from './way.js';

/** A batch may hold one very large file, on a slow disk. */
const CALL_TIMEOUT_MS = 10 * 60_000;

export const openActors = async (threads: number): Promise<Way> => {
  const system = await createSystem({ threads, callTimeoutMs: CALL_TIMEOUT_MS, resourceLimits: WORKER_LIMITS });
  const workers = Array.from({ length: threads }, (_, index) => index + 1);
  const shards = await Promise.all(workers.map((place) => system.spawn(Shard, undefined, { place })));
  const readers = await Promise.all(workers.map((place) => system.spawn(Reader, undefined, { place })));
  for (const reader of readers) reader.begin({ shards });
  return {
    name: 'heddle',
    async index(batches, done) {
      const feed = async (reader: RefOf<typeof Reader>): Promise<void> => {
        for (const batch of batches) done(await reader.read(batch));
      };
      await Promise.all(readers.flatMap((reader) => Array.from({ length: BATCHES_AHEAD }, () => feed(reader))));
      await Promise.all(readers.map((reader) => reader.settle()));
    },
    summarise: async () => addSummaries(await Promise.all(shards.map((shard) => shard.summarise()))),
    find: (term) => shards[shardOf(term, threads)]!.find(term),
    messages: () => system.counters().accepted,
    close: () => system.shutdown(),
  };
};
