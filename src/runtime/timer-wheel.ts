/**
 * Deadlines of one thread: a hierarchical timing wheel (Varghese and Lauck, 1987). Setting and clearing one costs the
 * same whether ten or a million are set, and those that are set cost nothing until they are due.
 *
 * Timers are numbers given by the caller, 0 and up, each set at most once at a time. Time is an int32 count of
 * milliseconds that may wrap: only differences matter.
 */
const SLOT_BITS = 6;
const SLOTS = 1 << SLOT_BITS;
const LEVELS = 5;
const NONE = -1;
const CAPACITY_MIN = 64;
/** Later deadlines wait in the last slot of the last level, and are sorted in again from there. */
const SPAN_MAX = 2 ** (SLOT_BITS * LEVELS) - 1;

export class TimerWheel {
  /** How many timers are set. */
  count = 0;
  #now: number;
  /** First timer of each slot. */
  readonly #heads = new Int32Array(SLOTS * LEVELS).fill(NONE);
  readonly #counts = new Int32Array(LEVELS);
  #next = new Int32Array(CAPACITY_MIN);
  #previous = new Int32Array(CAPACITY_MIN);
  #deadline = new Int32Array(CAPACITY_MIN);
  /** Slot of each timer, or NONE. */
  #slot = new Int32Array(CAPACITY_MIN).fill(NONE);

  constructor(now: number) {
    this.#now = now | 0;
  }

  isSet(timer: number): boolean {
    return timer < this.#slot.length && this.#slot[timer] !== NONE;
  }

  /** Sets a timer to fire at the first `advance` to `deadline` or later. */
  set(timer: number, deadline: number): void {
    if (timer >= this.#slot.length) this.#grow(timer + 1);
    if (this.count === 0) this.#catchUp(deadline);
    this.#deadline[timer] = deadline;
    this.#insert(timer);
    this.count++;
  }

  clear(timer: number): void {
    if (!this.isSet(timer)) return;
    this.#remove(timer);
    this.count--;
  }

  /**
   * Calls `fire` for every timer that is due at `now`, those of earlier milliseconds first, those of one in no order; and
   * `fired` when all of a millisecond have been taken out. Both may set and clear timers.
   */
  advance(now: number, fire: (timer: number) => void, fired?: () => void): void {
    while (this.count > 0 && ((now - this.#now) | 0) > 0) {
      // Nothing happens before the next slot of the lowest level that has timers, or `now` if that is sooner.
      const width = 1 << (SLOT_BITS * this.#counts.findIndex((timers) => timers > 0));
      const step = width - (this.#now & (width - 1));
      if (((now - this.#now) | 0) < step) {
        this.#now = now | 0;
        return;
      }
      this.#now = (this.#now + step) | 0;
      this.#cascade();
      if (this.#heads[this.#now & (SLOTS - 1)] === NONE) continue;
      this.#fireSlot(fire);
      fired?.();
    }
    if (this.count === 0) this.#now = now | 0;
  }

  /** Milliseconds from `now` until something may be due: never too many, and too few only for far deadlines. */
  delay(now: number): number {
    if (this.count === 0) return Number.POSITIVE_INFINITY;
    const passed = (now - this.#now) | 0;
    let least = Number.POSITIVE_INFINITY;
    // A far deadline lies in a high level until its slot comes, which may be sooner than the first of a lower one.
    for (let level = 0; level < LEVELS; level++) least = Math.min(least, this.#untilSlot(level));
    return Math.max(0, least - passed);
  }

  /** Milliseconds from the wheel's own time to the first slot of a level that has timers. */
  #untilSlot(level: number): number {
    if (this.#counts[level] === 0) return Number.POSITIVE_INFINITY;
    const shift = SLOT_BITS * level;
    const current = this.#now >>> shift;
    // The slot of this time has been emptied: what is in it is for the next time round.
    for (let ahead = 1; ahead <= SLOTS; ahead++) {
      const slot = level * SLOTS + ((current + ahead) & (SLOTS - 1));
      if (this.#heads[slot] !== NONE) return Math.max(1, ((((current + ahead) << shift) | 0) - this.#now) | 0);
    }
    return 1;
  }

  /** An empty wheel has no past: its clock may stand still for any time. */
  #catchUp(deadline: number): void {
    if (((deadline - this.#now) | 0) > SPAN_MAX) this.#now = (deadline - SPAN_MAX) | 0;
  }

  #insert(timer: number): void {
    const deadline = this.#deadline[timer]!;
    // What is overdue already fires with the next millisecond.
    const delta = Math.min(SPAN_MAX, Math.max(1, (deadline - this.#now) | 0));
    const due = (this.#now + delta) | 0;
    const level = delta < SLOTS ? 0 : Math.floor((31 - Math.clz32(delta)) / SLOT_BITS);
    const slot = level * SLOTS + ((due >>> (SLOT_BITS * level)) & (SLOTS - 1));
    const head = this.#heads[slot]!;
    this.#next[timer] = head;
    this.#previous[timer] = NONE;
    if (head !== NONE) this.#previous[head] = timer;
    this.#heads[slot] = timer;
    this.#slot[timer] = slot;
    this.#counts[level] = this.#counts[level]! + 1;
  }

  #remove(timer: number): void {
    const slot = this.#slot[timer]!;
    const next = this.#next[timer]!;
    const previous = this.#previous[timer]!;
    if (previous === NONE) this.#heads[slot] = next;
    else this.#next[previous] = next;
    if (next !== NONE) this.#previous[next] = previous;
    this.#slot[timer] = NONE;
    const level = slot >> SLOT_BITS;
    this.#counts[level] = this.#counts[level]! - 1;
  }

  /** Sorts the timers of higher levels in again when their slot has come. */
  #cascade(): void {
    for (let level = 1; level < LEVELS; level++) {
      const shift = SLOT_BITS * level;
      if ((this.#now & ((1 << shift) - 1)) !== 0) return;
      const slot = level * SLOTS + ((this.#now >>> shift) & (SLOTS - 1));
      for (let timer = this.#heads[slot]!; timer !== NONE; ) {
        const next = this.#next[timer]!;
        this.#remove(timer);
        if (((this.#deadline[timer]! - this.#now) | 0) <= 0) this.#insertDue(timer);
        else this.#insert(timer);
        timer = next;
      }
    }
  }

  /** A timer that is due this very millisecond. */
  #insertDue(timer: number): void {
    const slot = this.#now & (SLOTS - 1);
    const head = this.#heads[slot]!;
    this.#next[timer] = head;
    this.#previous[timer] = NONE;
    if (head !== NONE) this.#previous[head] = timer;
    this.#heads[slot] = timer;
    this.#slot[timer] = slot;
    this.#counts[0] = this.#counts[0]! + 1;
  }

  #fireSlot(fire: (timer: number) => void): void {
    const slot = this.#now & (SLOTS - 1);
    for (let timer = this.#heads[slot]!; timer !== NONE; timer = this.#heads[slot]!) {
      this.#remove(timer);
      this.count--;
      fire(timer);
    }
  }

  #grow(needed: number): void {
    const capacity = 1 << (32 - Math.clz32(needed - 1));
    const copy = (from: Int32Array, fill: number): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(capacity).fill(fill);
      to.set(from);
      return to;
    };
    this.#next = copy(this.#next, NONE);
    this.#previous = copy(this.#previous, NONE);
    this.#deadline = copy(this.#deadline, 0);
    this.#slot = copy(this.#slot, NONE);
  }
}
