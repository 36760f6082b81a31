/** Where the source makes shared accesses, found in its syntax, and which of these places no mutant touches. */
import ts from 'typescript';
import { type Edit, placeOf, shipped } from './source.js';

interface Site {
  readonly file: string;
  readonly begin: number;
  readonly end: number;
  /** File and text, for people. */
  readonly name: string;
}

/** What `memory.ts` exports but its plain accesses, and what a `Doorbell` does by them. */
const SHARED = new Set(['loadShared', 'publish', 'exchange', 'compareExchange', 'waitOn', 'waitOnAsync', 'wake']);
const BELL = new Set(['ring', 'arm', 'disarm', 'block', 'listen']);

/** `readRingCounters` and `readLossyCounters` take part in nothing: what they read is advisory. */
const EXCEPTED = new Set(['counters.ts', 'lossy-counters.ts']);

const isAtomics = (node: ts.Node): boolean => ts.isIdentifier(node) && node.text === 'Atomics';

const isShared = ({ expression }: ts.CallExpression): boolean =>
  ts.isPropertyAccessExpression(expression)
    ? isAtomics(expression.expression) || BELL.has(expression.name.text)
    : ts.isIdentifier(expression) && SHARED.has(expression.text);

const eachNode = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  visit(node);
  ts.forEachChild(node, (child) => eachNode(child, visit));
};

const parse = (name: string, text: string): ts.SourceFile =>
  ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);

export const sharedCalls = (texts: ReadonlyMap<string, string> = shipped): Site[] => {
  const sites: Site[] = [];
  for (const [file, text] of texts) {
    if (EXCEPTED.has(file)) continue;
    eachNode(parse(file, text), (node) => {
      if (!ts.isCallExpression(node) || !isShared(node)) return;
      sites.push({ file, begin: node.getStart(), end: node.end, name: `${file}: ${node.getText()}` });
    });
  }
  return sites;
};

/** Every other mention of `Atomics`. */
export const bareAtomics = (texts: ReadonlyMap<string, string> = shipped): string[] => {
  const found: string[] = [];
  for (const [file, text] of texts) {
    eachNode(parse(file, text), (node) => {
      if (!isAtomics(node)) return;
      const { parent } = node;
      const isCallee = ts.isPropertyAccessExpression(parent) && ts.isCallExpression(parent.parent);
      if (!isCallee) found.push(`${file}: ${parent.getText()}`);
    });
  }
  return found;
};

/** What an edit changes: from its first to its last character that is not the same as before. */
const changed = (edit: Edit, texts: ReadonlyMap<string, string>): { begin: number; end: number } => {
  const { find, replace } = edit;
  const shorter = Math.min(find.length, replace.length);
  let same = 0;
  while (same < shorter && find[same] === replace[same]) same++;
  let sameEnd = 0;
  while (sameEnd < shorter - same && find.at(-1 - sameEnd) === replace.at(-1 - sameEnd)) sameEnd++;
  const at = placeOf(edit, texts);
  return { begin: at + same, end: at + find.length - sameEnd };
};

/** The shared accesses that no edit changes, moves or takes away. */
export const untouched = (edits: readonly Edit[], texts: ReadonlyMap<string, string> = shipped): string[] => {
  const changes = edits.map((edit) => ({ file: edit.file, ...changed(edit, texts) }));
  const isTouched = (site: Site): boolean =>
    changes.some(({ file, begin, end }) => file === site.file && begin < site.end && end > site.begin);
  return sharedCalls(texts)
    .filter((site) => !isTouched(site))
    .map(({ name }) => name);
};
