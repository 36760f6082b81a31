/**
 * The shipped files of `native-free-queues`, compiled once more so that the checker can run them.
 *
 * Each file is read from its folder and translated one by one, with no more than this done to it:
 *
 * - types go, and modules become functions of `require` and `exports` (the TypeScript compiler does both);
 * - `#field` is renamed to `$field`, so that the checker sees where an object stands;
 * - `Atomics` and `Uint8Array` are parameters, so that the checker gets every access, those of `memory.ts` included;
 * - the edits that the caller asks for are made: other limits, or a mutation. Each must match exactly once.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { compileFunction } from 'node:vm';
import ts from 'typescript';

/** What the folder exports by its `index.ts`. */
export type Queues = typeof import('../../../native-free-queues/index.js');

export interface Edit {
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** What the compiled source is given in place of the globals by these names. */
export interface Seam {
  readonly Atomics: object;
  readonly Uint8Array: object;
}

type Module = (require: (path: string) => object, exports: object, ...seam: object[]) => void;

const folder = new URL('../../../native-free-queues/', import.meta.url);

/** The files as they are shipped: text by name. */
export const shipped: ReadonlyMap<string, string> = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
);

/** Where an edit begins in the text of its file. */
export const placeOf = ({ file, find }: Edit, texts: ReadonlyMap<string, string> = shipped): number => {
  const text = texts.get(file);
  if (text === undefined) throw new Error(`there is no ${file} to edit`);
  const at = text.indexOf(find);
  if (at < 0 || text.indexOf(find, at + 1) >= 0) {
    throw new Error(`an edit of ${file} must match exactly once: ${find}`);
  }
  return at;
};

const editedBy = (edits: readonly Edit[]): Map<string, string> => {
  const texts = new Map(shipped);
  for (const edit of edits) {
    const at = placeOf(edit, texts);
    const text = texts.get(edit.file)!;
    texts.set(edit.file, text.slice(0, at) + edit.replace + text.slice(at + edit.find.length));
  }
  return texts;
};

const renamePrivateFields: ts.TransformerFactory<ts.SourceFile> = (context) => {
  const visit = (node: ts.Node): ts.Node =>
    ts.isPrivateIdentifier(node)
      ? ts.factory.createIdentifier(`$${node.text.slice(1)}`)
      : ts.visitEachChild(node, visit, context);
  return (file) => ts.visitEachChild(file, visit, context);
};

const compiled = new Map<string, Module>();

const compileText = (name: string, text: string): Module => {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const { outputText, diagnostics } = ts.transpileModule(text, {
    fileName: name,
    reportDiagnostics: true,
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    transformers: { before: [renamePrivateFields] },
  });
  if (diagnostics?.length) {
    throw new Error(`${name} does not compile: ${ts.flattenDiagnosticMessageText(diagnostics[0]!.messageText, ' ')}`);
  }
  const module = compileFunction(outputText, ['require', 'exports', 'Atomics', 'Uint8Array'], { filename: name });
  compiled.set(text, module as Module);
  return module as Module;
};

/** Compiles the folder with these edits. The result makes a new instance of all its modules, on this seam. */
export const compile = (edits: readonly Edit[]): ((seam: Seam) => Queues) => {
  const modules = new Map<string, Module>();
  for (const [name, text] of editedBy(edits)) modules.set(name, compileText(name, text));
  return (seam) => {
    const instances = new Map<string, object>();
    const instance = (name: string): object => {
      const known = instances.get(name);
      if (known !== undefined) return known;
      const module = modules.get(name);
      if (module === undefined) throw new Error(`the source imports ${name}, which is not in its folder`);
      const exports = {};
      instances.set(name, exports);
      module((path) => instance(path.replace(/^\.\/(.*)\.js$/, '$1.ts')), exports, seam.Atomics, seam.Uint8Array);
      return exports;
    };
    return instance('index.ts') as Queues;
  };
};
