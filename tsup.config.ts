import { defineConfig } from 'tsup';

/** Parts of the benchmark that the laboratory is made with. */
const LABORATORY_USES = [
  'bench/actors/{pairs,stream}.ts',
  'bench/contestants/heddle.ts',
  'bench/harness/{check,cpu,heap,machine,patience,payloads,report,rounds,sample-size,statistics}.ts',
  'bench/rivals/{byte-ring,meeting,pair-ring,plain-actor,serve,thread}.ts',
];

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
      // The command.
      cli: 'src/cli/main.ts',
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
    // What the command `heddle bench` runs, workers too: each stays a module of its own, and imports heddle by its name.
    name: 'laboratory',
    entry: ['bench/laboratory/**/*.ts', ...LABORATORY_USES],
    outDir: 'dist/laboratory',
    format: 'esm',
    target: 'node20',
    platform: 'node',
    bundle: false,
    clean: true,
    esbuildOptions(options) {
      options.outbase = '.';
    },
  },
  {
    // What is run from this checkout only. Workers import these files, so each stays a module of its own.
    name: 'programs',
    entry: [
      'examples/**/*.ts',
      'bench/**/*.ts',
      '!bench/micro/**',
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
