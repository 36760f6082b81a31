/**
 * What an actor is told beside its messages: notices, which go before the messages of others, and barriers, which wait
 * for those that came before them.
 *
 * A notice of an actor's end must not overtake what that actor has sent. Messages do not say who sent them, but the mailbox
 * knows from which thread: a notice waits for the last message from the thread of its subject, and overtakes the rest.
 */
import type { PendingHandler } from './cell.js';
import type { SupervisionEvent, Watcher } from './family.js';

interface Notice {
  /** How many messages must have been handled before. */
  readonly at: number;
  readonly event: SupervisionEvent;
}

interface Barrier {
  readonly at: number;
  readonly watcher: Watcher;
  /** Handlers that were pending when it came. */
  readonly before: readonly PendingHandler[];
}

/** Notices in a row, after which a message has its turn. */
const STREAK_MAX = 16;

export class Lane {
  readonly #notices: Notice[] = [];
  #head = 0;
  #barriers: Barrier[] = [];
  /** Messages handled since the lane was made. */
  #handled = 0;
  #streak = 0;

  get isEmpty(): boolean {
    return this.#head === this.#notices.length && this.#barriers.length === 0;
  }

  /** @param ahead messages in the mailbox that go before */
  pushNotice(ahead: number, event: SupervisionEvent): void {
    this.#notices.push({ at: this.#handled + ahead, event });
  }

  pushBarrier(ahead: number, watcher: Watcher, before: readonly PendingHandler[]): void {
    this.#barriers.push({ at: this.#handled + ahead, watcher, before });
  }

  /** A message was handled. */
  countMessage(): void {
    this.#handled++;
    this.#streak = 0;
  }

  /** The notice that is to be handled next, before any message; none, if a message has its turn. */
  takeNotice(hasMessage: boolean): SupervisionEvent | undefined {
    const notice = this.#notices[this.#head];
    // Messages that were dropped are waited for no longer than there are others.
    if (notice === undefined || (hasMessage && (notice.at > this.#handled || this.#streak >= STREAK_MAX)))
      return undefined;
    this.#streak++;
    this.#head++;
    if (this.#head === this.#notices.length) {
      this.#notices.length = 0;
      this.#head = 0;
    }
    return notice.event;
  }

  /** Those whose barrier nothing is before any more. */
  takeBarriers(hasMessage: boolean, pending: ReadonlySet<PendingHandler> | undefined): readonly Watcher[] {
    const isOver = ({ at, before }: Barrier): boolean =>
      (!hasMessage || at <= this.#handled) && !before.some((handler) => pending?.has(handler) === true);
    const over = this.#barriers.filter(isOver);
    if (over.length > 0) this.#barriers = this.#barriers.filter((barrier) => !over.includes(barrier));
    return over.map(({ watcher }) => watcher);
  }

  /** All who wait at a barrier: their actor has ended. */
  takeAllBarriers(): readonly Watcher[] {
    return this.#barriers.splice(0).map(({ watcher }) => watcher);
  }

  /** Takes back a notice that has not been handled. */
  dropNotice(isIt: (event: SupervisionEvent) => boolean): void {
    const index = this.#notices.findIndex(({ event }, position) => position >= this.#head && isIt(event));
    if (index >= 0) this.#notices.splice(index, 1);
  }

  dropNotices(): void {
    this.#notices.length = 0;
    this.#head = 0;
  }
}
