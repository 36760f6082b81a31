/** The package as its users get it: packed, and unpacked into a project that is not this checkout. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Runs a program and waits for its end; what it prints. */
export const run = promisify(execFile);

/** A program that does not end is ended before its test is, lest it stays behind. */
const PROGRAM_TIMEOUT_MS = 25_000;

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONSUMER = fileURLToPath(new URL('./consumer', import.meta.url));

export interface Manifest {
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

export interface Tarball {
  readonly path: string;
  /** What it holds, sorted. */
  readonly files: readonly string[];
}

export const makeFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'heddle-'));
export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

export const readManifest = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Packs what is built; without scripts, because other tests are running what `prepack` would build anew. */
export const pack = async (folder: string): Promise<Tarball> => {
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
    // A shell finds npm where it is a command file (Windows).
    shell: process.platform === 'win32',
  });
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  return { path: join(folder, packed.filename), files: packed.files.map(({ path }) => path).sort() };
};

/** Unpacks heddle as a project's dependency. What it depends on is linked, and nothing else: no network is needed. */
export const install = async (tarball: Tarball, project: string): Promise<void> => {
  const modules = join(project, 'node_modules');
  const heddle = join(modules, 'heddle');
  await mkdir(heddle, { recursive: true });
  await run('tar', ['-xzf', tarball.path, '-C', heddle, '--strip-components=1']);
  const { dependencies } = await readManifest(heddle);
  await Promise.all(Object.keys(dependencies).map((name) => linkPackage(name, project)));
};

/** Lets a project find a package of this checkout. */
export const linkPackage = async (name: string, project: string): Promise<void> => {
  const link = join(project, 'node_modules', name);
  await mkdir(dirname(link), { recursive: true });
  await symlink(join(ROOT, 'node_modules', name), link, 'junction');
};

/** Makes an empty project with heddle installed, and the consumer's programs of this folder in it. */
export const makeConsumer = async (tarball: Tarball, project: string): Promise<void> => {
  await mkdir(project, { recursive: true });
  const programs = await readdir(CONSUMER);
  await Promise.all(programs.map((name) => cp(join(CONSUMER, name), join(project, name), { recursive: true })));
  await install(tarball, project);
};

/** Runs a program with this Node; what it prints. @throws if it fails */
export const runNode = (project: string, ...args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
  run(process.execPath, args, { cwd: project, timeout: PROGRAM_TIMEOUT_MS });

/** Runs a program with this Node; its standard output, which is one JSON value. @throws if it fails */
export const runProgram = async (project: string, ...args: readonly string[]): Promise<unknown> => {
  const { stdout } = await runNode(project, ...args);
  return JSON.parse(stdout);
};
