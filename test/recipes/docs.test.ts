/** `docs/recipes.md` shows the files that the tests run, as they are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../package/support.js';
import { RECIPES } from './project.js';

/** What a block says that it is, behind its three backticks: a language, and a file unless it is a command line. */
interface Block {
  readonly language: string;
  readonly path: string;
  readonly text: string;
}

const text = readFileSync(join(ROOT, 'docs/recipes.md'), 'utf8');
const blocks: Block[] = [...text.matchAll(/^```(\w*) ?(\S*)\n(.*?)^```$/gms)].map(([, language, path, body]) => ({
  language: language!,
  path: path!,
  text: body!,
}));
const shown = blocks.filter(({ language }) => language !== 'sh');

describe('the recipes', () => {
  it('show nothing but files and command lines', () => {
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter(({ path }) => path === '')).toEqual([]);
  });

  it.each(shown.map(({ path, text: body }) => [path, body]))('show %s as it is', (path, body) => {
    expect(body).toBe(readFileSync(join(RECIPES, path), 'utf8'));
  });

  it('show everything that a reader needs who runs them', () => {
    const sources = [...text.matchAll(/from '\.\/([\w-]+\.\w+)'|URL\('\.\/([\w-]+\.\w+)'/g)].map(([, a, b]) => a ?? b);
    const names = shown.map(({ path }) => path.split('/')[1]);
    expect(sources.filter((name) => !names.includes(name))).toEqual([]);
  });
});
