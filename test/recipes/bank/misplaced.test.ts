import { call, createSystem, defineActor, f64 } from 'heddle';
import { expect, it } from 'vitest';

const Misplaced = defineActor(import.meta.url, 'Misplaced', {
  protocol: { one: call({}, f64) },
  init: () => ({}),
  on: { one: () => 1 },
});

it('is refused on workers, which cannot import a test', async () => {
  const system = await createSystem({
    threads: 1,
    workerImports: [new URL('./register-tsx.js', import.meta.url).href],
  });
  await expect(system.spawn(Misplaced)).rejects.toMatchObject({
    code: 'HEDDLE_INVALID_DEFINITION',
    message: expect.stringContaining('define actors in modules that every thread can import'),
  });
  await system.shutdown();
});

it('runs on the host', async () => {
  const system = await createSystem({ threads: 0 });
  const misplaced = await system.spawn(Misplaced);
  expect(await misplaced.one()).toBe(1);
  await system.shutdown();
});
