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

/** How often each term is in a text. */
export const countTerms = (text: string): Map<string, number> => {
  const counts = new Map<string, number>();
  const lower = text.toLowerCase();
  let start = 0;
  // One step beyond the end, which ends the last word.
  for (let at = 0; at <= lower.length; at++) {
    if (at < lower.length && IN_WORD[lower.charCodeAt(at)] === 1) continue;
    if (at > start && at - start <= TERM_LENGTH_MAX) {
      const term = lower.slice(start, at);
      counts.set(term, (counts.get(term) ?? 0) + 1);
    }
    start = at + 1;
  }
  return counts;
};
