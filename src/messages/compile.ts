/**
 * The one place where heddle makes code at run time. The source comes from declarations in the application's own
 * modules, with every name quoted; nothing that was received is ever part of it.
 */

/** Whether this process allows code generation (`--disallow-code-generation-from-strings` forbids it). */
export const generationAllowed = ((): boolean => {
  try {
    return new Function('return true')() === true;
  } catch {
    return false;
  }
})();

let compilations = 0;

type Make = (constants: object) => unknown;

/** Sources that are kept at most; beyond that all are forgotten. */
const KEPT_MAX = 4096;

let kept: Map<string, Make> | undefined;

/**
 * From now on a source is compiled once. Whoever makes systems by the thousand, each with the code of several threads, spends
 * half of the time on it otherwise; a system that works in earnest should not, see `compile`.
 */
export const keepCompiled = (): void => {
  kept ??= new Map();
};

const makeFrom = (name: string, source: string): Make =>
  new Function('constants', `${source}\n//# sourceURL=heddle:${encodeURIComponent(name)}:${compilations++}`) as Make;

const keptMake = (name: string, source: string, sources: Map<string, Make>): Make => {
  const known = sources.get(source);
  if (known !== undefined) return known;
  if (sources.size >= KEPT_MAX) sources.clear();
  const made = makeFrom(name, source);
  sources.set(source, made);
  return made;
};

/**
 * Compiles the body of a function that knows `constants` by name, and calls it. Each call compiles anew,
 * which is wanted: an engine folds the constants of code that exists once, and shares code that it finds again.
 */
export const compile = <T>(name: string, body: string, constants: Readonly<Record<string, unknown>>): T => {
  // `const`, and not parameters: only of the former an engine knows that they never change.
  const names = Object.keys(constants).map((constant) => `const ${constant} = constants.${constant};`);
  const source = `'use strict';\n${names.join('\n')}\n${body}`;
  const make = kept === undefined ? makeFrom(name, source) : keptMake(name, source, kept);
  return make(constants) as T;
};
