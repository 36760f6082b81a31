/** Those who wait until there is room for messages to an actor (`room`). */
import type { Cell } from '../actor/cell.js';
import type { Link } from '../mesh/link.js';

interface Waiting {
  readonly link: Link | undefined;
  readonly hasRoom: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** There is room when this part of the ring is free. */
const FREE_SHARE = 4;
/** There is room in a mailbox of this thread when this part of it is. */
const MAILBOX_SHARE = 2;

const linkHasRoom = (link: Link, slot: number): boolean => {
  if (link.lost !== undefined) return true;
  if (link.waitingBytes > 0 || !link.isRoomy(slot)) return false;
  const needed = link.capacityBytes / FREE_SHARE;
  return link.freeBytes >= needed || link.refreshFreeBytes() >= needed;
};

const READY: Promise<void> = Promise.resolve();

export class Rooms {
  #waiting: Waiting[] = [];

  get count(): number {
    return this.#waiting.length;
  }

  /** Also resolves when the actor or its thread has ended: the next send tells. */
  onLink(link: Link, slot: number): Promise<void> {
    if (linkHasRoom(link, slot)) return READY;
    return this.#wait(() => linkHasRoom(link, slot), link);
  }

  onMailbox(cell: Cell): Promise<void> {
    const { mailboxLimit } = cell.behavior;
    const hasRoom = (): boolean => cell.waiting <= mailboxLimit / MAILBOX_SHARE;
    return hasRoom() ? READY : this.#wait(hasRoom);
  }

  #wait(hasRoom: () => boolean, link?: Link): Promise<void> {
    // What is committed must be seen, or the peer has nothing to make room for; and a driver that sleeps must know.
    link?.begin();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ link, hasRoom, resolve, reject });
    });
  }

  /** Asks the peers to ring the bell when they have made room. */
  wantRoom(): void {
    for (const { link } of this.#waiting) link?.wantRoom();
  }

  /** A thread has died: whoever waits for room there goes on, and learns by the next send. */
  loseThread(thread: number): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ link }) => link?.peer !== thread);
    for (const { link, resolve } of waiting) if (link?.peer === thread) resolve();
  }

  /** There will be no more room for anybody. */
  rejectAll(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /** Resolves those that have room now. Returns how many. */
  check(): number {
    const before = this.#waiting.length;
    if (before === 0) return 0;
    this.#waiting = this.#waiting.filter(({ hasRoom, resolve }) => {
      if (!hasRoom()) return true;
      resolve();
      return false;
    });
    return before - this.#waiting.length;
  }
}
