import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const MINUTE_MS = 60_000;
const NIGHT_MS = 12 * 60 * MINUTE_MS;

export default defineConfig(({ mode }) => ({
  resolve: {
    alias: [
      // Tests run what users get: the built package, and actors compiled one by one, as workers import them.
      { find: /^heddle$/, replacement: at('./dist/index.js') },
      { find: /^heddle\/queues$/, replacement: at('./dist/queues.js') },
      { find: /^heddle\/testing$/, replacement: at('./dist/testing.js') },
      // Nor is the laboratory anything without its threads.
      { find: /^(?:\.\.\/)+bench\/(.*)\.js$/, replacement: `${at('./.build/bench')}/$1.js` },
      { find: /^(?:\.\.\/)+actors\/(.*)\.js$/, replacement: `${at('./.build/test/actors')}/$1.js` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Projects that the tests of recipes run.
    exclude: ['test/recipes/*/**'],
    pool: 'forks',
    // Two at least: many tests wait for threads to start, die and be replaced.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    provide: { soak: mode === 'soak' },
    testTimeout: mode === 'soak' ? NIGHT_MS : MINUTE_MS,
    hookTimeout: MINUTE_MS,
    server: { deps: { external: [/\/dist\//, /\/\.build\//] } },
  },
}));
