import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['bundled.ts'],
  format: 'esm',
  // The default for what package.json lists as a dependency.
  external: ['heddle'],
});
