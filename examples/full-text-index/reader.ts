/** Reads and tokenises files, and sends each shard its part of the terms. */
import { call, defineActor, list, ref, text, u32 } from 'heddle';
import { pack } from './packed.js';
import { Postings } from './postings.js';
import { scanInto } from './scan.js';
import { Shard, type ShardRef } from './shard.js';

const Tally = { files: u32, bytes: u32, binary: u32, unreadable: list(text) };

export const Reader = defineActor(import.meta.url, 'Reader', {
  protocol: {
    begin: { shards: list(ref(Shard)) },
    read: call({ firstDoc: u32, paths: list(text) }, Tally),
    /** Answered when the shards have everything that was read. */
    settle: call({}),
  },
  init: () => ({ shards: [] as ShardRef[] }),
  on: {
    begin(state, { shards }) {
      state.shards = shards;
    },
    async read({ shards }, batch, self) {
      const postings = new Postings();
      const tally = scanInto(postings, batch);
      for (const [index, part] of pack(postings, shards.length).entries()) {
        const shard = shards[index]!;
        await self.room(shard);
        shard.add(part);
      }
      return tally;
    },
    async settle({ shards }) {
      await Promise.all(shards.map((shard) => shard.settle()));
    },
  },
});
