import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      // Tests run what users get: the built package, and actors compiled one by one, as workers import them.
      { find: /^heddle$/, replacement: at('./dist/index.js') },
      { find: /^heddle\/queues$/, replacement: at('./dist/queues.js') },
      { find: /^(?:\.\.\/)+actors\/(.*)\.js$/, replacement: `${at('./.build/test/actors')}/$1.js` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    server: { deps: { external: [/\/dist\//, /\/\.build\//] } },
  },
});
