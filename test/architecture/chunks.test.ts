/** How the built package is cut into files, which decides what importing it costs, and how fast its hot path is. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const DIST = new URL('../../dist/', import.meta.url);

/** What a message on its way goes through. */
const HOT_PATH = ['actor/cell', 'actor/mailbox', 'actor/methods', 'runtime/core', 'runtime/dispatcher'].map(
  (name) => `src/${name}.ts`,
);

const read = (file: string): string => readFileSync(new URL(file, DIST), 'utf8');

/** The sources that a file was made of: each begins with a line that says so. */
const sourcesOf = (file: string): string[] =>
  [...read(file).matchAll(/^\/\/ (src\/\S+\.ts)$/gm)].map(([, path]) => path!);

const importsOf = (file: string): string[] =>
  [...read(file).matchAll(/^(?:import|export) (?:[^'"]*? from )?"\.\/([^"]+)";$/gm)].map(([, path]) => path!);

/** The file and those that are loaded with it. */
const loadedWith = (file: string, seen = new Set<string>()): Set<string> => {
  if (!seen.has(file)) {
    seen.add(file);
    for (const next of importsOf(file)) loadedWith(next, seen);
  }
  return seen;
};

describe('the files of the package', () => {
  it('load no runtime with `heddle`, which the first system does', () => {
    const sources = [...loadedWith('index.js')].flatMap(sourcesOf);
    expect(sources).toContain('src/index.ts');
    expect(sources).toContain('src/actor/definition.ts');
    expect(sources.filter((path) => HOT_PATH.includes(path))).toEqual([]);
  });

  // A constant of another file is looked up anew each time: 5 % of a message on one thread.
  it('keep the hot path together', () => {
    const files = readdirSync(DIST).filter((file) => file.endsWith('.js'));
    const homes = files.filter((file) => HOT_PATH.some((path) => sourcesOf(file).includes(path)));
    expect(homes.length).toBe(1);
    expect(sourcesOf(homes[0]!)).toEqual(expect.arrayContaining(HOT_PATH));
  });
});
