/** The guarantees in `docs/semantics.md` are the twelve that there are, and every test that they name exists. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COUNT = 12;

interface Guarantee {
  readonly number: string;
  /** As it stands there, what it is shown by. */
  readonly cell: string;
  /** By file: the names of tests. */
  readonly tests: ReadonlyMap<string, readonly string[]>;
}

/** `` `test/a.test.ts`: *one*, *another*; `test/b.test.ts`: *a third* `` */
const readTests = (cell: string): Map<string, readonly string[]> => {
  const parts = [...cell.matchAll(/`([^`]+\.test\.ts)`: ((?:\*[^*]+\*(?:, )?)+)/g)];
  return new Map(
    parts.map(([, file, names]) => [file!, [...names!.matchAll(/\*([^*]+)\*/g)].map(([, name]) => name!)]),
  );
};

const readGuarantees = (): Guarantee[] => {
  const text = readFileSync(join(ROOT, 'docs/semantics.md'), 'utf8');
  const rows = text.matchAll(/^\| (G\d+) \|[^|]+\|[^|]+\| (.+) \|$/gm);
  return [...rows].map(([, number, cell]) => ({ number: number!, cell: cell!, tests: readTests(cell!) }));
};

/** What `it(...)`, `it.each(...)(...)` and the like are called by. */
const isTest = (callee: ts.Expression): boolean => {
  if (ts.isIdentifier(callee)) return callee.text === 'it';
  return (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) && isTest(callee.expression);
};

/** The name of a test; what is put into it when it runs is a number, `N`. */
const nameOf = (node: ts.Expression | undefined): string | undefined => {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `N${literal.text}`).join('');
};

const testsIn = (file: string): ReadonlySet<string> => {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const name = ts.isCallExpression(node) && isTest(node.expression) ? nameOf(node.arguments[0]) : undefined;
    if (name !== undefined) names.add(name);
    ts.forEachChild(node, visit);
  };
  const path = join(ROOT, file);
  if (existsSync(path)) visit(ts.createSourceFile(file, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest));
  return names;
};

describe('the guarantees', () => {
  const guarantees = readGuarantees();

  it('are twelve, each shown by tests', () => {
    expect(guarantees.map(({ number }) => number)).toEqual(
      Array.from({ length: COUNT }, (_, index) => `G${index + 1}`),
    );
    // What cannot be read would not be checked.
    const unread = guarantees.filter(
      ({ cell, tests }) => tests.size === 0 || tests.size !== cell.match(/\.test\.ts/g)?.length,
    );
    expect(unread).toEqual([]);
  });

  it.each(guarantees.map(({ number, tests }) => [number, tests] as const))('%s names tests that exist', (_, tests) => {
    const missing = [...tests].flatMap(([file, names]) => {
      const known = testsIn(file);
      return names.filter((name) => !known.has(name)).map((name) => `${file}: ${name}`);
    });
    expect(missing).toEqual([]);
  });
});
