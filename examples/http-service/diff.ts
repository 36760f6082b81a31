/**
 * The work of the service: the shortest way from one text to another, line by line, after E. W. Myers, "An O(ND)
 * difference algorithm and its variations" (1986).
 */

/** Beyond it the texts have little in common. Time and memory grow with its square: 16 MiB, tens of ms. */
const EDITS_MAX = 2_000;

/**
 * What makes `after` of `before`: hunks like those of `diff -U0`, without context; an empty text if they are alike.
 *
 * @returns undefined: it takes more than 2,000 lines removed or added
 */
export const diff = (before: string, after: string): string | undefined => {
  const [oldLines, newLines] = [before.split('\n'), after.split('\n')];
  const numbers = new Map<string, number>();
  const oldNumbers = numberLines(oldLines, numbers);
  const newNumbers = numberLines(newLines, numbers);
  const rounds = search(oldNumbers, newNumbers);
  if (rounds === undefined) return undefined;
  return format(oldLines, newLines, traceBack(rounds, oldNumbers.length, newNumbers.length));
};

/** Equal lines get equal numbers, so that each comparison is one of numbers. */
const numberLines = (lines: readonly string[], numbers: Map<string, number>): Int32Array =>
  Int32Array.from(lines, (line) => {
    const known = numbers.get(line);
    if (known !== undefined) return known;
    numbers.set(line, numbers.size);
    return numbers.size - 1;
  });

/**
 * For each number of edits, how far paths of one edit less lead on each diagonal: `round[diagonal + edits + 1]` is a
 * place in the old text, and the diagonal is how far that is ahead of the place in the new one.
 */
type Rounds = readonly Int32Array[];

const search = (before: Int32Array, after: Int32Array): Rounds | undefined => {
  const editsMax = Math.min(before.length + after.length, EDITS_MAX);
  const middle = editsMax + 1;
  const reached = new Int32Array(2 * middle + 1);
  const rounds: Int32Array[] = [];
  for (let edits = 0; edits <= editsMax; edits++) {
    const round = reached.slice(middle - edits - 1, middle + edits + 2);
    rounds.push(round);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const from = cameFrom(round, diagonal, edits);
      let x = round[from + edits + 1]! + (from < diagonal ? 1 : 0);
      let y = x - diagonal;
      while (x < before.length && y < after.length && before[x] === after[y]) {
        x++;
        y++;
      }
      reached[middle + diagonal] = x;
      if (x >= before.length && y >= after.length) return rounds;
    }
  }
  return undefined;
};

/** The diagonal from which the last edit has come: a lower one by a removed line, a higher one by an added line. */
const cameFrom = (round: Int32Array, diagonal: number, edits: number): number => {
  const at = diagonal + edits + 1;
  const isAdded = diagonal === -edits || (diagonal !== edits && round[at - 1]! < round[at + 1]!);
  return isAdded ? diagonal + 1 : diagonal - 1;
};

/** 1 for each line that is removed from the old text, or added in the new one. */
interface Marks {
  readonly removed: Uint8Array;
  readonly added: Uint8Array;
}

const traceBack = (rounds: Rounds, oldLength: number, newLength: number): Marks => {
  const removed = new Uint8Array(oldLength);
  const added = new Uint8Array(newLength);
  let diagonal = oldLength - newLength;
  for (let edits = rounds.length - 1; edits > 0; edits--) {
    const round = rounds[edits]!;
    const from = cameFrom(round, diagonal, edits);
    const x = round[from + edits + 1]!;
    if (from < diagonal) removed[x] = 1;
    else added[x - from] = 1;
    diagonal = from;
  }
  return { removed, added };
};

const format = (before: readonly string[], after: readonly string[], { removed, added }: Marks): string => {
  const lines: string[] = [];
  for (let x = 0, y = 0; x < before.length || y < after.length; x++, y++) {
    const [fromX, fromY] = [x, y];
    while (removed[x] === 1) x++;
    while (added[y] === 1) y++;
    if (x === fromX && y === fromY) continue;
    lines.push(`@@ -${range(fromX, x)} +${range(fromY, y)} @@`);
    for (const line of before.slice(fromX, x)) lines.push(`-${line}`);
    for (const line of after.slice(fromY, y)) lines.push(`+${line}`);
  }
  return lines.map((line) => `${line}\n`).join('');
};

/** The first line, counted from 1, and how many; the line before, where there are none. */
const range = (from: number, to: number): string => `${to > from ? from + 1 : from},${to - from}`;
