/** The recipes of `docs/recipes.md` as their readers have them: projects of their own that have heddle installed. */
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, linkPackage, makeFolder, pack } from '../package/support.js';

export const RECIPES = fileURLToPath(new URL('.', import.meta.url));

/** The file that tsx's command runs, in a project. */
export const TSX = 'node_modules/tsx/dist/cli.mjs';

interface Dependencies {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Makes a project of the files of a folder beside this one, with all installed that it depends on. */
export const makeProject = async (name: string): Promise<string> => {
  const project = await makeFolder();
  await cp(join(RECIPES, name), project, { recursive: true });
  await install(await pack(project), project);
  const manifest = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as Dependencies;
  const others = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter((it) => it !== 'heddle');
  await Promise.all(others.map((other) => linkPackage(other, project)));
  return project;
};
