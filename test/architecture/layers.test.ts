/**
 * A file imports only from its own folder or from a layer below it, so that the core can be understood, and taken
 * apart from above, without what stands on it. An import of a type counts like any other. (That files do not import
 * each other in a circle is a rule of the linter, `noImportCycles`.)
 */
import { describe, expect, it } from 'vitest';
import { readSources, type SourceFile } from './sources.js';

/**
 * The folders from the bottom up; those of one line know nothing of each other. On top are what lies in `src` itself, and
 * the command.
 */
const LAYERS: readonly (readonly string[])[] = [
  ['native-free-queues', 'src/base'],
  ['src/messages'],
  ['src/mesh'],
  ['src/actor', 'src/registry'],
  ['src/runtime'],
  ['src/supervision', 'src/observation'],
  ['src/scheduler'],
  ['src/pipeline', 'src/testing'],
  ['src'],
  ['src/cli'],
];

/** What a layer may use of Node and of other packages; nothing where it is not listed. */
const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  'src/base': ['node:async_hooks', 'node:diagnostics_channel', 'node:util'],
  'src/messages': ['node:buffer', 'node:util'],
  'src/mesh': ['node:buffer'],
  'src/actor': ['node:util'],
  'src/observation': ['node:perf_hooks'],
  'src/scheduler': ['node:inspector', 'node:os', 'node:worker_threads', 'comlink', 'piscina'],
  'src/pipeline': ['node:fs/promises', 'node:stream'],
  'src/testing': ['node:util'],
  src: ['node:fs', 'node:worker_threads', 'comlink'],
};

/** Time, chance and places on disk come in through ports: what is used for them, and the files that may use it. */
const PORTS: Readonly<Record<string, readonly string[]>> = {
  'import.meta': [
    'src/index.ts',
    'src/control.ts',
    'src/cli/main.ts',
    'src/observation/probe.ts',
    'src/pipeline/files.ts',
  ],
  'Date.now': [],
  'Math.random': ['src/scheduler/thread.ts'],
  'performance.now': ['src/base/clock.ts', 'native-free-queues/wait.ts'],
  'process.hrtime': ['src/base/clock.ts'],
  setImmediate: ['src/runtime/driver.ts', 'src/scheduler/worker-thread.ts', 'src/testing/turns.ts'],
  // Threads that die, and those that settle with them, do so in real time.
  setInterval: ['src/runtime/driver.ts', 'src/scheduler/control-thread.ts'],
  setTimeout: [
    'src/runtime/driver.ts',
    // How long an import or a thread's start may take is a matter of real time: Node does both, on no clock of ours.
    'src/base/deadline.ts',
    // So is how long a job may take to drain.
    'src/pipeline/job.ts',
    'src/scheduler/control-thread.ts',
    'src/scheduler/observer.ts',
    'src/scheduler/system.ts',
  ],
};

const isFile = (name: string): boolean => name.startsWith('src/') || name.startsWith('native-free-queues/');
const layerOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const heightOf = (layer: string): number => LAYERS.findIndex((layers) => layers.includes(layer));
const packageOf = (specifier: string): string =>
  specifier.startsWith('node:') ? specifier : specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

const mayImport = (from: string, name: string): boolean => {
  const layer = layerOf(from);
  if (!isFile(name)) return OUTSIDE[layer]?.includes(packageOf(name)) ?? false;
  return layerOf(name) === layer || heightOf(layerOf(name)) < heightOf(layer);
};

const forbidden = ({ path, imports }: SourceFile): string[] =>
  imports.filter((name) => !mayImport(path, name)).map((name) => `${path} imports ${name}`);

describe('the layers of the package', () => {
  const sources = readSources();

  it('have every source file in one of them', () => {
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.map(({ path }) => path).filter((path) => heightOf(layerOf(path)) < 0)).toEqual([]);
  });

  it('import only what lies below them, and of Node and other packages only what is theirs to use', () => {
    expect(sources.flatMap(forbidden)).toEqual([]);
  });

  it('leave the entries to the threads and programs that start there', () => {
    const entries = ['src/index.ts', 'src/testing.ts', 'src/control.ts', 'src/worker.ts', 'src/cli/main.ts'];
    const isEntry = (name: string): boolean => entries.includes(name);
    expect(sources.map(({ path }) => path)).toEqual(expect.arrayContaining(entries));
    expect(
      sources.flatMap(({ path, imports }) => imports.filter(isEntry).map((name) => `${path} imports ${name}`)),
    ).toEqual([]);
  });

  it.each(Object.entries(PORTS))('use %s only where it is a port', (name, files) => {
    const users = sources.filter(({ names }) => names.has(name)).map(({ path }) => path);
    expect(users.filter((path) => !files.includes(path))).toEqual([]);
  });
});
