/** What the page is made of: a script and a style sheet, each bundled beside this module with all that it needs. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface Asset {
  readonly text: string;
  /** By which a policy of the page lets it run, and nothing else. */
  readonly hash: string;
}

const read = (name: string): Asset => {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8');
  return { text, hash: `'sha256-${createHash('sha256').update(text).digest('base64')}'` };
};

export const readAssets = (): { readonly script: Asset; readonly style: Asset } => ({
  script: read('page.js'),
  style: read('page.css'),
});
