/** Questions about a whole graph of states, in which `next[t][state]` is the state after a step of thread t, or -1. */

/** A state from which steps of one thread alone come back to it, if there is one. */
export const turnsAlone = (next: readonly number[]): number | undefined => {
  const NEW = 0;
  const ON_THE_WAY = 1;
  const RESTS = 2;
  const marks = new Uint8Array(next.length);
  for (let start = 0; start < next.length; start++) {
    let at = start;
    for (; at !== -1 && marks[at] === NEW; at = next[at]!) marks[at] = ON_THE_WAY;
    if (at !== -1 && marks[at] === ON_THE_WAY) return at;
    for (at = start; at !== -1 && marks[at] === ON_THE_WAY; at = next[at]!) marks[at] = RESTS;
  }
  return undefined;
};

/** A state from which no state is reached that nobody goes on from, if there is one. */
export const endless = (next: readonly [readonly number[], readonly number[]]): number | undefined => {
  const count = next[0].length;
  // The states before each state, in one array: those of state s are from `begins[s]` to `begins[s + 1]`.
  const begins = new Int32Array(count + 2);
  for (const steps of next) for (const to of steps) if (to !== -1) begins[to + 2]!++;
  for (let i = 2; i < begins.length; i++) begins[i]! += begins[i - 1]!;
  const befores = new Int32Array(begins[count + 1]!);
  for (const steps of next) {
    for (const [from, to] of steps.entries()) if (to !== -1) befores[begins[to + 1]!++] = from;
  }
  const ends = new Uint8Array(count);
  const found: number[] = [];
  for (let state = 0; state < count; state++) {
    if (next[0][state] !== -1 || next[1][state] !== -1) continue;
    ends[state] = 1;
    found.push(state);
  }
  for (let state = found.pop(); state !== undefined; state = found.pop()) {
    for (let i = begins[state]!; i < begins[state + 1]!; i++) {
      const before = befores[i]!;
      if (ends[before] === 1) continue;
      ends[before] = 1;
      found.push(before);
    }
  }
  const at = ends.indexOf(0);
  return at === -1 ? undefined : at;
};
