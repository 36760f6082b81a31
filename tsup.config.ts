import { defineConfig, type Options } from 'tsup';

/** Parts of the benchmark that the laboratory is made with. */
const LABORATORY_USES = [
  'bench/actors/{pairs,stream}.ts',
  'bench/contestants/heddle.ts',
  'bench/harness/{check,cpu,heap,machine,patience,payloads,report,rounds,sample-size,statistics}.ts',
  'bench/rivals/{byte-ring,meeting,nact-savina,pair-ring,plain-actor,serve,thread}.ts',
  'examples/savina/!(main|options|report).ts',
];

/**
 * Puts constants into the code that uses them, and nothing else: a bundle keeps them in variables, which engines read anew
 * each time. Names stay, and the comments that say which source follows.
 */
const CONSTANTS_INLINED: Options['terserOptions'] = {
  module: true,
  sourceMap: true,
  mangle: false,
  compress: { defaults: false, toplevel: true, reduce_vars: true, evaluate: true, unused: true },
  format: { beautify: true, indent_level: 2, comments: /^ (src|native-free-queues)\// },
};

/** What is bundled by `reportPage`, and made by it. */
const PAGE_SOURCES = 'bench/laboratory/report/page/**';
const PAGE_OUTPUT = 'bench/laboratory/report/page.*';

/** Programs that are compiled where they are measured. */
const OUTSIDE_SOURCES = 'bench/laboratory/**/*.{cpp,erl}';
const COPIED: Options['loader'] = { '.cpp': 'copy', '.erl': 'copy' };

/** The script and the style sheet within each report: hence small, and with all that they need. */
const reportPage = (outDir: string): Options => ({
  name: 'report page',
  entry: { 'bench/laboratory/report/page': 'bench/laboratory/report/page/main.ts' },
  outDir,
  format: 'iife',
  outExtension: () => ({ js: '.js' }),
  target: ['chrome123', 'firefox120', 'safari17.5'],
  platform: 'browser',
  noExternal: ['uplot'],
  minify: true,
  clean: false,
});

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
    },
    minify: 'terser',
    terserOptions: CONSTANTS_INLINED,
    dts: {
      entry: {
        index: 'src/index.ts',
        queues: 'native-free-queues/index.ts',
        testing: 'src/testing.ts',
        laboratory: 'bench/laboratory/author.ts',
      },
    },
  },
  {
    // What the command `heddle bench` runs, workers too: each stays a module of its own, and imports heddle by its name.
    name: 'laboratory',
    entry: ['bench/laboratory/**/*.ts', `!${PAGE_SOURCES}`, OUTSIDE_SOURCES, ...LABORATORY_USES],
    loader: COPIED,
    outDir: 'dist/laboratory',
    format: 'esm',
    target: 'node20',
    platform: 'node',
    bundle: false,
    clean: ['**/*', `!${PAGE_OUTPUT}`],
    esbuildOptions(options) {
      options.outbase = '.';
    },
  },
  reportPage('dist/laboratory'),
  reportPage('.build'),
  {
    // What is run from this checkout only. Workers import these files, so each stays a module of its own.
    name: 'programs',
    entry: [
      'examples/**/*.ts',
      'bench/**/*.ts',
      '!bench/micro/**',
      `!${PAGE_SOURCES}`,
      OUTSIDE_SOURCES,
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
    clean: ['**/*', '!bench/micro/**', '!test/programs/inner/**', `!${PAGE_OUTPUT}`],
    loader: COPIED,
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
    },
    // As in the package.
    minify: 'terser',
    terserOptions: CONSTANTS_INLINED,
  },
]);
