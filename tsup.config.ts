import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    queues: 'native-free-queues/index.ts',
    // Threads start at files: these two are entries too, and share the runtime with `index` by a common chunk.
    control: 'src/control.ts',
    worker: 'src/worker.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  splitting: true,
  sourcemap: true,
  clean: true,
  dts: { entry: { index: 'src/index.ts', queues: 'native-free-queues/index.ts' } },
});
