/** The way from one other thread to this one: the consuming ends of its rings, and what arrives in pieces. */
import { type Doorbell, RecordConsumer, type RecordSink, type RingPlace } from '../../native-free-queues/index.js';
import { RING_BUDGET } from '../base/limits.js';
import type { Memory } from '../messages/memory.js';
import { Assembly } from './assembly.js';
import { FILLING_MAX, packFilling } from './filling.js';
import { CONTROL_FLAG, originOf } from './link.js';

/** Receives every record that arrives, in the order of each ring. */
export interface Receiver {
  receive(inbound: Inbound, type: number, at: number, end: number): void;
}

/** What the way from one thread is made of. */
export interface InboundSetup {
  readonly peer: number;
  readonly data: RingPlace;
  /** The control thread has a control ring only, which then is the one that is read. */
  readonly control: RingPlace | undefined;
  readonly own: Doorbell;
  readonly producer?: Doorbell;
  readonly epoch: number;
  /** Whether the peer has still to do with the thread that was here before this one; then it is to be attached. */
  readonly detached: boolean;
  /** Where it counts what arrives: requests, and replies. */
  readonly receivedFloat: number;
  readonly repliesArrivedFloat: number;
}

const NOBODY: Receiver = { receive: () => undefined };

/** Room is given back at the latest when this part of the ring is drained. */
const RELEASE_SHARE = 8;

export class Inbound implements RecordSink {
  readonly peer: number;
  readonly data: RecordConsumer;
  /** Large messages on their way; whoever keeps a record that mentions one keeps this as well. */
  assembly = new Assembly();
  /** Looks in a row that found nothing. */
  misses = 0;
  /** While a handler reads a record where it lies, its room is not given back. */
  held = false;

  /** How often the peer's thread has been replaced. */
  epoch: number;
  readonly receivedFloat: number;
  readonly repliesArrivedFloat: number;

  readonly #control: RecordConsumer | undefined;
  #receiver: Receiver = NOBODY;
  readonly #memory: Memory;
  readonly #releaseBytes: number;
  /** Actors whose mailboxes fill, by slot, and whether they are full. */
  readonly #filling = new Map<number, boolean>();

  constructor(memory: Memory, setup: InboundSetup) {
    const { peer, data, control, epoch } = setup;
    this.peer = peer;
    this.epoch = epoch;
    this.receivedFloat = setup.receivedFloat;
    this.repliesArrivedFloat = setup.repliesArrivedFloat;
    this.data = new RecordConsumer(data, setup);
    this.#control = control === undefined ? undefined : new RecordConsumer(control, setup);
    this.#memory = memory;
    this.#releaseBytes = data.capacityBytes / RELEASE_SHARE;
  }

  /** Names the peer's thread in its present life. */
  get origin(): number {
    return originOf(this.peer, this.epoch);
  }

  /** Says who receives what arrives. */
  deliverTo(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  /** The peer has done with the thread that was here before: from now on its records are for this one. */
  attach(): void {
    this.data.takeOver();
    this.#control?.takeOver();
  }

  /** The peer's thread has ended, and everything that it had published is drained: another takes its place. */
  settle(epoch: number): void {
    this.epoch = epoch;
    this.assembly = new Assembly();
    this.#filling.clear();
    this.#publishFilling();
  }

  /**
   * Hands over what has arrived, control records first. Returns how many records. Call it after `hasNews`: that
   * look at the data ring's tail brings the flag of the control ring along.
   */
  drain(): number {
    const { data } = this;
    if (this.#memory.source !== this.assembly) this.#memory.source = this.assembly;
    let count = 0;
    if ((data.flags & CONTROL_FLAG) !== 0) count += this.#drainControl();
    count += data.drain(this, RING_BUDGET);
    if (data.unreleasedBytes >= this.#releaseBytes) this.release();
    return count;
  }

  #drainControl(): number {
    const control = this.#control;
    if (control === undefined) return 0;
    const count = control.drain(this, RING_BUDGET);
    control.release();
    return count;
  }

  /**
   * Whether something has arrived that is not drained. The flag says that the control ring may hold something; it stays
   * set until the producer's next publication, so the ring itself is asked.
   */
  hasNews(): boolean {
    if (this.data.hasNews()) return true;
    return (this.data.flags & CONTROL_FLAG) !== 0 && this.#control?.hasNews() === true;
  }

  /** Gives back the room of all drained records. */
  release(): void {
    if (!this.held) this.data.release();
  }

  receive(type: number, at: number, end: number): void {
    this.#receiver.receive(this, type, at, end);
  }

  /** Tells the peer that an actor's mailbox fills, or is full, as far as there is room to say so. */
  tellFilling(slot: number, full: boolean): void {
    const told = this.#filling.get(slot);
    if (told === undefined ? this.#filling.size >= FILLING_MAX : told || !full) return;
    this.#filling.set(slot, full);
    this.#publishFilling();
  }

  /** Tells the peer that an actor's mailbox has room again, and wakes it if it waits for that. */
  tellRoom(slot: number): void {
    if (!this.#filling.delete(slot)) return;
    this.#publishFilling();
    this.data.producerBell.ring();
  }

  #publishFilling(): void {
    let index = 0;
    let fullBits = 0;
    for (const [slot, full] of this.#filling) {
      if (full) fullBits |= 1 << index;
      this.data.publishNote(1 + index++, slot);
    }
    this.data.publishNote(0, packFilling(index, fullBits));
  }
}
