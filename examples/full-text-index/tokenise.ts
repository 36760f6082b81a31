/** Text to terms: lower-case words of letters and digits, in any script. The same for all three ways. */

/**
 * 1 for the UTF-16 units that words are made of. Halves of a surrogate pair count as letters: nearly all characters
 * beyond the first 65,536 are.
 */
const IN_WORD = Uint8Array.from({ length: 0x10000 }, (_, unit) =>
  /[\p{L}\p{M}\p{N}\p{Cs}]/u.test(String.fromCharCode(unit)) ? 1 : 0,
);

/** Longer runs of letters are encoded data, not words. */
const TERM_LENGTH_MAX = 64;

/** Gives the terms of a text, in order, to `take`. */
export const tokenise = (text: string, take: (term: string) => void): void => {
  const lower = text.toLowerCase();
  let start = 0;
  // One step beyond the end, which ends the last word.
  for (let at = 0; at <= lower.length; at++) {
    if (at < lower.length && IN_WORD[lower.charCodeAt(at)] === 1) continue;
    if (at > start && at - start <= TERM_LENGTH_MAX) take(lower.slice(start, at));
    start = at + 1;
  }
};
