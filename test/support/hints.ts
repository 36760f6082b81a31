/** What an editor shows for the names in a piece of TypeScript. */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Where the text is said to stand, so that its imports are found; no such file exists. */
const FILE = fileURLToPath(new URL('../types/hints-of-nothing.ts', import.meta.url));

const compilerOptions = (): ts.CompilerOptions => {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile) as { config: unknown };
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options;
};

/**
 * The hint for each name in `text` that is marked by a comment with a question mark before it, on one line each.
 *
 * @throws Error if the text has type errors
 */
export const hintsOf = (text: string): string[] => {
  const read = (file: string): string | undefined => (file === FILE ? text : ts.sys.readFile(file));
  const service = ts.createLanguageService({
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) => {
      const content = read(file);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => ROOT,
    getCompilationSettings: compilerOptions,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (file) => file === FILE || ts.sys.fileExists(file),
    readFile: read,
  });
  const [problem] = service.getSemanticDiagnostics(FILE);
  if (problem !== undefined) throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
  return [...text.matchAll(/\/\*\?\*\/ [\w.]+/g)].map((match) => {
    const info = service.getQuickInfoAtPosition(FILE, match.index + match[0].length - 1);
    return ts.displayPartsToString(info?.displayParts).replace(/\s+/g, ' ');
  });
};
