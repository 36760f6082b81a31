/** The slots that this thread gives out on every thread, and those of its own that it gives back to who gave them out. */
import { BODY_AT, FREED } from '../mesh/records.js';
import { SlotLease, spawnerOf } from './actor-table.js';
import type { Core } from './core.js';

/** Slots that are given back in one record. */
const FREED_BATCH = 64;
const NO_KEY = -1;

export class Slots {
  readonly #core: Core;
  readonly #leases: SlotLease[];
  /** Slots that are to be given back, by spawner. */
  readonly #freed: number[][];
  #freedCount = 0;

  constructor(core: Core, epochs: readonly number[]) {
    this.#core = core;
    this.#leases = epochs.map((epoch) => new SlotLease(core.thread, epoch + epochs[core.thread]!));
    this.#freed = epochs.map(() => []);
  }

  /** What this thread may give out on another, or on itself. */
  leaseOn(thread: number): SlotLease {
    return this.#leases[thread]!;
  }

  /** The slot of an actor that has ended goes back to the thread that chose it, if that lives. */
  release(address: { readonly slot: number; readonly generation: number }): void {
    if (this.#core.table.isOrphan(address)) return;
    const { slot } = address;
    const spawner = spawnerOf(slot);
    if (spawner === this.#core.thread) {
      this.#leases[spawner]!.giveBack(slot);
      return;
    }
    const freed = this.#freed[spawner];
    if (freed === undefined) return;
    freed.push(slot);
    this.#freedCount++;
    if (freed.length >= FREED_BATCH) this.flush();
  }

  /** Sends back what has been freed. */
  flush(): void {
    if (this.#freedCount === 0) return;
    this.#freedCount = 0;
    this.#freed.forEach((slots, spawner) => {
      if (slots.length === 0) return;
      const batch = slots.splice(0);
      this.#core.mesh.links[spawner]?.transmit({
        type: FREED,
        key: NO_KEY,
        reserved: true,
        message: undefined,
        write: ({ general }, at, end) => general.write(batch, at + BODY_AT, end),
      });
    });
  }

  receive(slots: unknown, from: number): void {
    for (const slot of slots as number[]) this.#leases[from]!.giveBack(slot);
  }

  /** A thread has died: its slots are free again, and it wants none back. */
  loseThread(thread: number, deaths: number): void {
    this.#leases[thread] = new SlotLease(this.#core.thread, deaths);
    this.#freedCount -= this.#freed[thread]!.length;
    this.#freed[thread] = [];
  }
}
