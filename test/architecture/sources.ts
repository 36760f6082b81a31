/** The sources of the package as a graph: what each file imports, and which names it uses. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = ['native-free-queues', 'src'];

export interface SourceFile {
  /** From the root of the checkout, with slashes. */
  readonly path: string;
  /** Of files: their path as above. Of packages and parts of Node: their name. Types count like values. */
  readonly imports: readonly string[];
  /** What the code names: `setTimeout`, `Math.random`, `import.meta`, ... */
  readonly names: ReadonlySet<string>;
}

const isRelative = (specifier: string): boolean => specifier.startsWith('.');

const namesOf = (path: string, code: string): Set<string> => {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      names.add(`${node.expression.text}.${node.name.text}`);
    }
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) names.add('import.meta');
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, code, ts.ScriptTarget.Latest));
  return names;
};

const readSource = (path: string): SourceFile => {
  const code = readFileSync(join(ROOT, path), 'utf8');
  const imports = ts
    .preProcessFile(code)
    .importedFiles.map(({ fileName }) =>
      isRelative(fileName) ? join(dirname(path), fileName).replace(/\.js$/, '.ts') : fileName,
    );
  return { path, imports, names: namesOf(path, code) };
};

export const readSources = (): SourceFile[] =>
  FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((path) => join(folder, path.replaceAll('\\', '/')))
      .filter((path) => path.endsWith('.ts'))
      .sort()
      .map(readSource),
  );
