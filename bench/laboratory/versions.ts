/** Which packages are there, by their manifests. */
import { existsSync, readFileSync } from 'node:fs';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
}

const readManifest = (url: URL): Manifest => JSON.parse(readFileSync(url, 'utf8')) as Manifest;

/** The version of a package that can be imported from here. @throws if there is none */
export const versionOf = (name: string): string => {
  // What a package exports need not include its manifest.
  for (let folder = new URL('.', import.meta.resolve(name)); ; folder = new URL('..', folder)) {
    const manifest = new URL('package.json', folder);
    if (existsSync(manifest)) {
      const { name: found, version } = readManifest(manifest);
      if (found === name && version !== undefined) return version;
    }
    if (folder.pathname === '/') throw new Error(`${name} has no manifest`);
  }
};

/** What an adapter of a package answers to `probe`. */
export const probePackage = (name: string): Promise<{ version: string } | { missing: string }> => {
  try {
    return Promise.resolve({ version: versionOf(name) });
  } catch {
    return Promise.resolve({ missing: `not installed: npm install ${name}` });
  }
};
