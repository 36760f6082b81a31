import { defineConfig } from 'tsup';

export default defineConfig([
  {
    name: 'package',
    entry: {
      index: 'src/index.ts',
      queues: 'native-free-queues/index.ts',
      testing: 'src/testing.ts',
      // Threads start at files: these two are entries too, and share the runtime with `index` by a common chunk.
      control: 'src/control.ts',
      worker: 'src/worker.ts',
    },
    format: 'esm',
    target: 'node20',
    platform: 'node',
    splitting: true,
    sourcemap: true,
    clean: ['**/*', '!laboratory/**'],
    esbuildOptions(options) {
      // Also what is imported when it is needed, which is else called by its source.
      options.chunkNames = 'chunk-[hash]';
      // Puts numeric constants into the code that uses them: a bundle keeps them in variables, which engines read anew.
      options.minifySyntax = true;
    },
    dts: { entry: { index: 'src/index.ts', queues: 'native-free-queues/index.ts', testing: 'src/testing.ts' } },
  },
  {
    // The laboratory travels with the package. Workers import its files, so each stays a module of its own.
    name: 'laboratory',
    entry: ['bench/laboratory/**/*.{ts,cpp,erl}', '!bench/laboratory/report/page/**'],
    // Sources of programs, compiled where they are measured.
    loader: { '.cpp': 'copy', '.erl': 'copy' },
    outDir: 'dist/laboratory',
    format: 'esm',
    target: 'node20',
    platform: 'node',
    bundle: false,
    clean: ['**/*', '!report/page.*'],
    esbuildOptions(options) {
      options.outbase = 'bench/laboratory';
    },
  },
  {
    // Within each report, hence small, and with all that it needs.
    name: 'report page',
    entry: { page: 'bench/laboratory/report/page/main.ts' },
    outDir: 'dist/laboratory/report',
    format: 'iife',
    outExtension: () => ({ js: '.js' }),
    target: ['chrome123', 'firefox120', 'safari17.5'],
    platform: 'browser',
    noExternal: ['uplot'],
    minify: true,
    clean: ['page.*'],
  },
  {
    // What is run from this checkout only. Workers import these files, so each stays a module of its own.
    name: 'programs',
    entry: [
      'examples/**/*.ts',
      'bench/**/*.ts',
      '!bench/micro/**',
      '!bench/laboratory/**',
      'test/actors/**/*.ts',
      'test/programs/**/*.ts',
      '!test/programs/inner/**',
      'test/support/{attacks,prototypes}.ts',
      // Litmus tests try its functions as they are.
      'native-free-queues/memory.ts',
    ],
    outDir: '.build',
    format: 'esm',
    target: 'node20',
    platform: 'node',
    bundle: false,
    sourcemap: true,
    clean: ['**/*', '!bench/micro/**', '!test/programs/inner/**'],
    esbuildOptions(options) {
      options.outbase = '.';
    },
  },
  {
    // Measurements and tests of inner parts, which are in no package: each is bundled with them.
    name: 'inner',
    entry: ['bench/micro/**/*.ts', 'test/programs/inner/**/*.ts'],
    outDir: '.build',
    format: 'esm',
    target: 'node20',
    platform: 'node',
    splitting: false,
    external: ['msgpackr', 'tinybench'],
    sourcemap: true,
    clean: false,
    esbuildOptions(options) {
      options.outbase = '.';
      options.minifySyntax = true;
    },
  },
]);
