/** The recipes of `docs/recipes.md` as their readers have them: projects of their own that have heddle installed. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
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

/** A package that stands in for one that the checkout does not have: a module beside this one. */
const standIn = async (name: string, file: string, project: string): Promise<void> => {
  const folder = join(project, 'node_modules', name);
  await mkdir(folder, { recursive: true });
  await cp(join(RECIPES, file), join(folder, 'index.mjs'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, exports: './index.mjs' }));
};

/**
 * Makes a project of the files of a folder beside this one, with all installed that it depends on.
 *
 * @param standIns by the names of packages, the modules that stand in for them
 */
export const makeProject = async (name: string, standIns: Readonly<Record<string, string>> = {}): Promise<string> => {
  const project = await makeFolder();
  await cp(join(RECIPES, name), project, { recursive: true });
  await install(await pack(project), project);
  const manifest = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as Dependencies;
  const needed = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  const others = needed.filter((other) => other !== 'heddle' && !Object.hasOwn(standIns, other));
  await Promise.all(others.map((other) => linkPackage(other, project)));
  await Promise.all(Object.entries(standIns).map(([other, file]) => standIn(other, file, project)));
  return project;
};
