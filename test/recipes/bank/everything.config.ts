import { defineConfig } from 'tsup';

// What not to do: heddle's threads start at files of the package, which are not where a bundle of it is.
export default defineConfig({
  entry: ['bundled.ts'],
  format: 'esm',
  noExternal: ['heddle', 'comlink', 'piscina'],
  outDir: 'everything',
});
