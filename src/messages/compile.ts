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

/**
 * Compiles the body of a function that takes `constants` by name, and calls it with them. Each call compiles anew,
 * which is wanted: an engine folds the constants of code that exists once, and shares code that it finds again.
 */
export const compile = <T>(name: string, body: string, constants: Readonly<Record<string, unknown>>): T => {
  const source = `'use strict';\n${body}\n//# sourceURL=heddle:${encodeURIComponent(name)}:${compilations++}`;
  const make = new Function(...Object.keys(constants), source) as (...values: unknown[]) => T;
  return make(...Object.values(constants));
};
