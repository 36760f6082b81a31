/** How a mistake in the source is written down. */
import type { ConfigurationName } from '../configurations.js';
import type { Violation } from '../explore.js';
import type { Edit } from '../source.js';

export interface Mutant<Name extends string = ConfigurationName> {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Where it is found. */
  readonly on: Name;
  readonly expect: Violation;
}

/** Mistakes in one file. */
export const inFile =
  <Name extends string = ConfigurationName>(file: string) =>
  (
    name: string,
    on: Name,
    expect: Violation,
    find: string,
    replace: string,
    ...more: readonly (readonly [find: string, replace: string])[]
  ): Mutant<Name> => ({
    name: `${file.replace('.ts', '')}: ${name}`,
    edits: [[find, replace] as const, ...more].map(([from, to]) => ({ file, find: from, replace: to })),
    on,
    expect,
  });

export const memory = inFile('memory.ts');
export const doorbell = inFile('doorbell.ts');
export const wait = inFile('wait.ts');
export const producer = inFile('producer.ts');
export const consumer = inFile('consumer.ts');
export const records = inFile('records.ts');
