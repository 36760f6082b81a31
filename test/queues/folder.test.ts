/** What keeps `native-free-queues` a library of its own, and its accesses to shared memory in one place. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../native-free-queues/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));

describe('native-free-queues', () => {
  it('touches Atomics in memory.ts only', () => {
    const names = files.filter(({ text }) => /\bAtomics\b/.test(text)).map(({ name }) => name);
    expect(names).toEqual(['memory.ts']);
  });

  it('imports nothing from outside of its folder', () => {
    const imports = files.flatMap(({ name, text }) =>
      [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, path]) => ({ name, path })),
    );
    expect(imports.length).toBeGreaterThan(files.length);
    expect(imports.filter(({ path }) => !/^\.\/[\w-]+\.js$/.test(path!))).toEqual([]);
  });
});
