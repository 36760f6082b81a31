/** One timer of an actor, in a list with its others; also what users hold of it. */
import type { BoundMessage } from './behavior.js';
import type { Cell } from './cell.js';
import type { MissedTicks, Timer } from './self.js';

/** What a timer does that fires more than once. */
export interface Repetition {
  readonly periodMs: number;
  readonly missed: MissedTicks;
  /** Ticks that were left out. */
  skipped: number;
}

export class OwnedTimer implements Timer {
  /** Nobody once it is over. */
  owner: Cell | undefined;
  /** Its place in the table of its thread. */
  readonly place: number;
  /** Counts those that were set on the thread before: the order of equal deadlines. */
  readonly number: number;
  /** When it is due, in ms of the system's clock. */
  deadline: number;
  /** The cast that it sends, or what it does to its actor's life. */
  readonly action: BoundMessage | number;
  /** Of a cast its message, else why. */
  readonly value: unknown;
  readonly repetition: Repetition | undefined;
  next: OwnedTimer | undefined;
  previous: OwnedTimer | undefined;

  constructor(
    owner: Cell,
    place: number,
    number: number,
    deadline: number,
    action: BoundMessage | number,
    value: unknown,
    repetition: Repetition | undefined,
  ) {
    this.owner = owner;
    this.place = place;
    this.number = number;
    this.deadline = deadline;
    this.action = action;
    this.value = value;
    this.repetition = repetition;
    this.next = undefined;
    this.previous = undefined;
  }

  get skipped(): number {
    return this.repetition?.skipped ?? 0;
  }

  cancel(): boolean {
    return this.owner?.behavior.kernel.timers.cancel(this) ?? false;
  }
}
