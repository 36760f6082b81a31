/** Objects of options: what users spell wrongly is named, not ignored. */
import { describe } from './describe.js';
import { InvalidOptions } from './errors.js';

const knownText = (known: ReadonlySet<string>): string => [...known].join(', ');

/** What is wrong with `given` as an object of these members; undefined: nothing. */
export const wrongMembers = (given: unknown, known: ReadonlySet<string>): string | undefined => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return `expected an object of ${knownText(known)}, got ${describe(given)}`;
  }
  for (const name in given) {
    if (!known.has(name)) return `there is no option ${JSON.stringify(name)}, there are: ${knownText(known)}`;
  }
  return undefined;
};

/**
 * @param name what is spawned or called; put behind `where` only when something is wrong
 * @throws InvalidOptions
 */
export const checkMembers = (where: string, given: unknown, known: ReadonlySet<string>, name = ''): void => {
  const wrong = wrongMembers(given, known);
  if (wrong !== undefined) throw new InvalidOptions(`${where}${name}: ${wrong}`);
};
