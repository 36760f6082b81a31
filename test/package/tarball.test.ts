import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, pack, ROOT, readManifest, removeFolder, run, type Tarball } from './support.js';

describe('the packed tarball', () => {
  let folder: string;
  let tarball: Tarball;

  beforeAll(async () => {
    folder = await makeFolder();
    tarball = await pack(folder);
  });
  afterAll(() => removeFolder(folder));

  it('holds what is built, the laboratory, the readme, the licence and the manifest, and nothing else', () => {
    const built =
      /^dist\/(index|queues|testing|control|worker|cli|chunk-[A-Z0-9]+)\.js(\.map)?$|^dist\/laboratory\/[\w/-]+\.(js|css|cpp|erl)$|^dist\/(index|queues|testing|laboratory|system-[\w-]+)\.d\.ts$/;
    const others = tarball.files.filter((path) => !built.test(path));
    expect(others).toEqual(['LICENSE', 'README.md', 'package.json']);
    expect(tarball.files).toEqual(
      expect.arrayContaining(['index', 'queues', 'control', 'worker', 'cli'].map((name) => `dist/${name}.js`)),
    );
    expect(tarball.files).toEqual(expect.arrayContaining(['dist/index.d.ts', 'dist/queues.d.ts']));
  });

  it('says the oldest Node that it runs on, and that is not newer than this one', async () => {
    const { engines } = await readManifest(ROOT);
    expect(engines.node).toBe('>=20.19');
    const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
    expect(major * 1000 + minor).toBeGreaterThanOrEqual(20 * 1000 + 19);
  });

  it('needs only the pool and the control plane at run time', async () => {
    const { dependencies } = await readManifest(ROOT);
    expect(Object.keys(dependencies)).toEqual(['comlink', 'piscina']);
  });

  it('has nothing that publint objects to', async () => {
    const data = await readFile(tarball.path);
    const { messages, pkg } = await publint({
      strict: true,
      pack: { tarball: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) },
    });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it('has types that resolve alike for every kind of import', async () => {
    // CommonJS gets the ES module too, by `require` of it, which the oldest supported Node has: hence the profile.
    const attw = join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const args = [attw, tarball.path, '--profile', 'esm-only', '--format', 'ascii', '--no-color'];
    const problems = await run(process.execPath, args).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
    expect(problems).toBe('');
  });
});
