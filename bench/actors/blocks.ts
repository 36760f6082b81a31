import { bytes, call, defineActor, f64, record, ref, u32, view } from 'heddle';
import { PATIENCE } from '../harness/patience.js';
import { PAYLOADS, scoreBlock } from '../harness/payloads.js';
import { stream } from './stream.js';

/** Adds up blocks of bytes, each of which is its own to keep. */
export const BlockCounter = defineActor(import.meta.url, 'BlockCounter', {
  protocol: { add: { data: bytes }, finish: call({}, f64) },
  init: () => ({ sum: 0 }),
  on: {
    add(state, { data }) {
      state.sum += scoreBlock(data);
    },
    finish(state) {
      const { sum } = state;
      state.sum = 0;
      return sum;
    },
  },
});

/** Adds up blocks of bytes where they lie. */
export const BlockViewer = defineActor(import.meta.url, 'BlockViewer', {
  protocol: { add: { data: view }, finish: call({}, f64) },
  init: () => ({ sum: 0 }),
  on: {
    add(state, { data }) {
      state.sum += scoreBlock(data);
    },
    finish(state) {
      const { sum } = state;
      state.sum = 0;
      return sum;
    },
  },
});

const result = record({ ms: f64, sum: f64 });

export const BlockSender = defineActor(import.meta.url, 'BlockSender', {
  protocol: {
    sendCopies: call({ to: ref(BlockCounter), count: u32 }, result),
    sendViews: call({ to: ref(BlockViewer), count: u32 }, result),
  },
  init: () => ({ make: PAYLOADS.block.prepare(0) }),
  on: {
    sendCopies: ({ make }, { to, count }, self) =>
      stream({
        count,
        send: (index) => to.add({ data: make(index) }),
        room: () => self.room(to),
        finish: () => to.finish({}, PATIENCE),
      }),
    sendViews: ({ make }, { to, count }, self) =>
      stream({
        count,
        send: (index) => to.add({ data: make(index) }),
        room: () => self.room(to),
        finish: () => to.finish({}, PATIENCE),
      }),
  },
});
