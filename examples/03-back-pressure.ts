/** Back-pressure: `room` resolves when there is room for more, so a fast sender never fills the memory. */
import { call, createSystem, defineActor, f64, isHost, u32 } from 'heddle';

const MESSAGES = 1_000_000;
/** Messages between two looks whether there is room. */
const BURST = 1_000;

export const Sum = defineActor(import.meta.url, 'Sum', {
  protocol: { add: { value: u32 }, total: call({}, f64) },
  init: () => ({ total: 0 }),
  on: {
    add(state, { value }) {
      state.total += value;
    },
    total: (state) => state.total,
  },
});

if (isHost) {
  await using system = await createSystem({ threads: 1 });
  const sum = await system.spawn(Sum);
  let outboxBytesMost = 0;
  for (let value = 1; value <= MESSAGES; value++) {
    if (value % BURST === 0) {
      await system.room(sum);
      outboxBytesMost = Math.max(outboxBytesMost, system.counters().threads[0]!.outboxBytes);
    }
    sum.add({ value });
  }
  console.log('total', await sum.total());
  const { accepted, handled, dead, lost } = system.counters();
  console.log({ accepted, handled, dead, lost });
  console.log('kept for a full ring: less than 1 MiB', outboxBytesMost < 1 << 20);
}
