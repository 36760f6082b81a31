/** Bytes and texts of any size, typed arrays, views without a copy, and values without a declared layout. */
import { any, bytes, call, createSystem, defineActor, f64, f64s, isHost, text, u32, view } from 'heddle';

const LARGE = 64 << 20;

const sumOf = (values: Uint8Array): number => values.reduce((sum, value) => sum + value, 0);

export const Store = defineActor(import.meta.url, 'Store', {
  protocol: {
    keep: call(bytes, u32),
    length: call(text, u32),
    mean: call(f64s, f64),
    /** Read where it lies in shared memory; it must not be used after the handler has returned. */
    sum: call(view, u32),
    describe: call(any<Map<string, unknown>>(), text),
  },
  init: () => ({ kept: [] as Uint8Array[] }),
  on: {
    keep({ kept }, data) {
      kept.push(data);
      return data.length;
    },
    length: (_, { length }) => length,
    mean: (_, values) => values.reduce((sum, value) => sum + value, 0) / values.length,
    sum: (_, data) => sumOf(data),
    describe: (_, value) =>
      [...value].map(([key, held]) => `${key}: ${Object.prototype.toString.call(held)}`).join(', '),
  },
});

if (isHost) {
  await using system = await createSystem({ threads: 1 });
  const store = await system.spawn(Store);
  console.log('bytes:', await store.keep(new Uint8Array(LARGE)));
  console.log('text:', await store.length('x'.repeat(LARGE)));
  console.log('typed array:', await store.mean(Float64Array.of(1, 2, 6)));
  console.log('view:', await store.sum(Uint8Array.of(1, 2, 3)));
  console.log(
    'any:',
    await store.describe(
      new Map<string, unknown>([
        ['when', new Date(0)],
        ['ids', new Set([1])],
      ]),
    ),
  );
}
