/** Paths to what is wrong in a message, for people: `amount`, `lines[3].price`, `prices["a b"]`. */

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** From an object to one of its members. */
export const memberStep = (name: string): string => (IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`);

/** A path that is spelled out begins without the dot. */
export const trimPath = (path: string): string => path.replace(/^\./, '');
