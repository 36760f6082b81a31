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
 * Compiles the body of a function that knows `constants` by name, and calls it. Each call compiles anew,
 * which is wanted: an engine folds the constants of code that exists once, and shares code that it finds again.
 */
export const compile = <T>(name: string, body: string, constants: Readonly<Record<string, unknown>>): T => {
  // `const`, and not parameters: only of the former an engine knows that they never change.
  const names = Object.keys(constants).map((constant) => `const ${constant} = constants.${constant};`);
  const source = `'use strict';\n${names.join('\n')}\n${body}\n//# sourceURL=heddle:${encodeURIComponent(name)}:${compilations++}`;
  const make = new Function('constants', source) as (constants: object) => T;
  return make(constants);
};
