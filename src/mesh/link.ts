/**
 * The way from this thread to one other: a data ring, a control ring, and what waits because a ring is full.
 *
 * Who does what: generated code claims room in the data ring, writes a message and commits it, as long as nothing
 * speaks against it. Everything that does, closes the link to that fast path (`limit` is -1) and leads the message
 * through `transmit`:
 *
 * - the ring is full, or something waits already: the message waits behind it in the outbox, up to a limit in bytes;
 * - the message is large: it travels in pieces (`parcels.ts`);
 * - the peer has said that the actor's mailbox is full: `MailboxFull`;
 * - this thread has just replaced one that died, and the peer has not yet done with that one: the message waits;
 * - the peer's thread has ended and is not replaced: `ThreadLost`.
 *
 * When the peer's thread dies, this end settles the link: everything that the dead thread had not taken is handed back.
 * Then the link is open again, to the thread that takes its place, and `epoch` is one more.
 */
import {
  alignRecord,
  type Doorbell,
  pause,
  RecordProducer,
  type RingPlace,
  settleConsumer,
} from '../../native-free-queues/index.js';
import { type HeddleError, MailboxFull, MessageTooLarge, ThreadLost, withoutStack } from '../base/errors.js';
import { NO_ROOM } from '../messages/memory.js';
import type { Tools } from '../messages/tools.js';
import { anyFull, fullnessOf } from './filling.js';
import type { MeshLayout } from './layout.js';
import { Outbox } from './outbox.js';
import { type Parcel, Parcels, PartCollector } from './parcels.js';
import { APART, BODY_AT, CAST_REQUEST, FAILURE, REPLY } from './records.js';

/** The flag that travels with the data ring's tail: the control ring has news. */
export const CONTROL_FLAG = 1;

/** A message on its way to a link. */
export interface Outgoing {
  /** Type of its record. */
  readonly type: number;
  /** What keeps its order: the slot of its actor; negative for what needs none. */
  readonly key: number;
  /** Whether its room was reserved beforehand, so that it is never refused: replies, notices. */
  readonly reserved: boolean;
  /** The message of the user, to hand back if it is refused. */
  readonly message: unknown;
  /** Writes the record from `at` on but for the ring's header; returns its end, or `NO_ROOM`. */
  write(tools: Tools, at: number, end: number): number;
}

/** Looks at a record that will never arrive. */
export type VisitLost = (type: number, words: Int32Array, at: number) => void;

/** What a link is made of. */
export interface LinkSetup {
  readonly peer: number;
  readonly data: RingPlace;
  readonly control: RingPlace;
  readonly own: Doorbell;
  readonly consumer: Doorbell;
  /** How often the peer's thread has been replaced so far. */
  readonly epoch: number;
  /** Whether the peer has still to do with the thread that was here before this one. */
  readonly detached: boolean;
  /** Where it counts what it sends: requests, and replies. */
  readonly sentFloat: number;
  readonly repliesSentFloat: number;
}

/** What a link needs from its thread. */
export interface LinkHost {
  readonly thread: number;
  readonly tools: Tools;
  /** Private memory for one record, in the same buffer as the rings. */
  readonly scratchAt: number;
  readonly scratchEnd: number;
  scratchBusy: boolean;
  /** Private memory of at least `bytes` bytes, until it is returned. */
  borrowApart(bytes: number): Tools;
  returnApart(tools: Tools): void;
  readonly outboxBytesMax: number;
  /** How long a send may wait for room in the outbox. */
  readonly roomWaitMs: number;
  /** Whether records that are not published yet still lack a deadline. */
  readonly undated: boolean;
  dateCalls(): void;
  /** The link has something to publish. */
  markDirty(link: Link): void;
  /** Takes what has arrived into mailboxes, to give peers that wait for this thread a chance. Runs no handler. */
  drainIntoMailboxes(): void;
  countOutbox(bytes: number): void;
  /** Requests that are accepted, or given back, without being sent. */
  countQueued(requests: number): void;
  countWake(): void;
  now(): number;
}

/** Why the fast path is closed; bits. */
const WAITING = 1;
const PARCELS = 2;
const MAILBOX_FULL = 4;
const LOST = 8;
const GUARDED = 16;
const DETACHED = 32;
const FROZEN = 64;

/** The number of a thread in what tells apart those that follow one another under it: the rest is the epoch. */
const ORIGIN_SHIFT = 8;
const THREAD_MASK = (1 << ORIGIN_SHIFT) - 1;

/** Names one life of a thread; for the first one it is the thread's number. */
export const originOf = (thread: number, epoch: number): number => thread | (epoch << ORIGIN_SHIFT);
export const threadOf = (origin: number): number => origin & THREAD_MASK;

/** Tells whether a life of a thread is over. The control thread has one, which lasts. */
export const lifeEnded =
  (layout: MeshLayout, words: Int32Array) =>
  (origin: number): boolean => {
    const thread = threadOf(origin);
    // Pairs with the store by the control thread, once nothing of that life runs any more.
    return (
      thread !== layout.controlThread && origin !== originOf(thread, Atomics.load(words, layout.epochWord(thread)))
    );
  };

/** Whether a record is, or stands for, something that is counted. */
export const typeOf = (type: number, words: Int32Array, at: number): number =>
  type === APART ? words[(at + BODY_AT) >> 2]! : type;
export const isRequest = (type: number): boolean => type >= CAST_REQUEST;
export const isReply = (type: number): boolean => type === REPLY || type === FAILURE;

/** Pieces leave this part of the ring to other actors' records. */
const PIECE_SHARE = 2;
/** First guess at the bytes of a message that is too large for a record, in records. */
const APART_SHARE = 4;

/** Looks, of some 50 ns each, for which a full ring is waited for: while nothing moves, and in all. */
const IDLE_LOOKS_MAX = 1000;
const LOOKS_MAX = 10_000;

/** Half of it is free: enough for a record, and for a piece. */
const isRoomy = (ring: RecordProducer): boolean => ring.refreshFreeBytes() > ring.capacityBytes / PIECE_SHARE;

export class Link extends RecordProducer {
  readonly peer: number;
  readonly control: RecordProducer;
  /** Whether it is on its thread's list of links with something to publish. */
  dirty = false;
  nextDirty: Link | undefined;
  /** Whether anything waits because a ring is full. */
  hasBacklog = false;
  /** How often the peer's thread has been replaced. */
  epoch: number;
  /** Set while the peer's thread has ended, or does not answer any more, and none has taken its place. */
  lost: ThreadLost | undefined;
  /** Where it counts the requests, and the replies, that it sends; for generated code too. */
  readonly sentFloat: number;
  readonly repliesSentFloat: number;
  /** Definitions that the peer has been told of, by their number here. */
  readonly announced = new Set<number>();

  readonly #host: LinkHost;
  readonly #outbox = new Outbox();
  readonly #controlOutbox = new Outbox();
  readonly #parcels = new Parcels();
  readonly #places: readonly RingPlace[];
  #closed = 0;
  #attachments = 0;
  #counted = 0;
  /** Requests and replies that were accepted while the link was detached. */
  #earlyRequests = 0;
  #earlyReplies = 0;

  constructor(host: LinkHost, setup: LinkSetup) {
    super(setup.data, setup);
    this.#host = host;
    this.peer = setup.peer;
    this.epoch = setup.epoch;
    this.sentFloat = setup.sentFloat;
    this.repliesSentFloat = setup.repliesSentFloat;
    this.control = new RecordProducer(setup.control, setup);
    this.#places = [setup.data, setup.control];
    if (setup.detached) this.#close(DETACHED, true);
  }

  /** Names the peer's thread in its present life. */
  get origin(): number {
    return originOf(this.peer, this.epoch);
  }

  /** Whether the peer has still to do with the thread that was here before this one. */
  get isDetached(): boolean {
    return (this.#closed & DETACHED) !== 0;
  }

  /** Bytes that wait because a ring is full. */
  get waitingBytes(): number {
    return this.#outbox.bytes + this.#controlOutbox.bytes + this.#parcels.bytes;
  }

  // ---- the fast path ----------------------------------------------------------------------------------------------

  /** Called with the first record of a batch: somebody has to publish it. */
  begin(): void {
    if (this.dirty) return;
    this.dirty = true;
    this.#host.markDirty(this);
  }

  protected override makeRoom(bytes: number): number {
    // A look at what the peer says of its mailboxes, once a batch.
    if (this.#closed === 0 && anyFull(this)) this.#close(MAILBOX_FULL, true);
    if (this.#closed !== 0 || bytes > this.recordBytesMax) return -1;
    const at = super.makeRoom(bytes);
    return at < 0 ? this.#awaitRoom(bytes) : at;
  }

  /**
   * Waits as long as the peer makes room, because the way by the outbox costs two more copies. The ring is full, so the
   * peer has much to do meanwhile; if it makes no progress, the outbox takes this record and all that follow.
   */
  #awaitRoom(bytes: number): number {
    let free = this.freeBytes;
    for (let idle = 0, looks = 0; idle < IDLE_LOOKS_MAX && looks < LOOKS_MAX; idle++, looks++) {
      pause();
      if (this.refreshFreeBytes() === free) continue;
      const at = super.makeRoom(bytes);
      if (at >= 0) return at;
      free = this.freeBytes;
      idle = 0;
    }
    return -1;
  }

  override publish(): boolean {
    if (this.isDetached) return false;
    if (this.#host.undated) this.#host.dateCalls();
    if (this.flags !== 0 && this.control.refreshFreeBytes() === this.control.capacityBytes) this.setFlags(0);
    const woke = super.publish();
    if (woke) this.#host.countWake();
    if (this.#closed !== 0) this.limit = -1;
    return woke;
  }

  // ---- everything else --------------------------------------------------------------------------------------------

  /**
   * Sends a message that did not go the fast way. False: it was dropped, because it is one that nobody waits for any more.
   *
   * @throws MailboxFull, MessageTooLarge, ThreadLost, and what `write` throws
   */
  transmit(out: Outgoing): boolean {
    if (this.lost !== undefined) {
      if (out.reserved) return false;
      throw this.lost;
    }
    // What is no request goes into no mailbox: an actor whose mailbox is full can begin again.
    if (!out.reserved && isRequest(out.type)) this.#checkMailbox(out);
    const host = this.#host;
    if (!host.scratchBusy) {
      const at = host.scratchAt;
      host.scratchBusy = true;
      let end: number;
      try {
        end = out.write(host.tools, at, Math.min(host.scratchEnd, at + this.recordBytesMax));
      } finally {
        host.scratchBusy = false;
      }
      if (end !== NO_ROOM) {
        this.#post(out, host.tools.memory.i32, at, alignRecord(end - at));
        return true;
      }
    }
    this.#transmitApart(out);
    return true;
  }

  /**
   * Encodes a message in private memory: its large parts leave it, and if it is still too large for a record, so does
   * the whole.
   */
  #transmitApart(out: Outgoing): void {
    const host = this.#host;
    for (let size = this.recordBytesMax * APART_SHARE; ; size *= 2) {
      const tools = host.borrowApart(size);
      const { memory } = tools;
      const collector = this.#collect();
      memory.sink = collector;
      try {
        const end = out.write(tools, 0, size);
        if (end === NO_ROOM && size > host.outboxBytesMax) this.#refuseTooLarge(out, size);
        if (end === NO_ROOM) continue;
        const bytes = alignRecord(end);
        if (bytes <= this.recordBytesMax) this.#postParcel(out, collector, memory.i32.slice(0, bytes >> 2), out.type);
        else {
          const words = Int32Array.of(0, 0, out.type, collector.attach(memory.u8.slice(0, end)));
          this.#postParcel(out, collector, words, APART);
        }
        return;
      } finally {
        memory.sink = undefined;
        host.returnApart(tools);
      }
    }
  }

  #collect(): PartCollector {
    return new PartCollector(() => {
      this.#attachments = (this.#attachments + 1) | 0;
      return this.#attachments;
    });
  }

  #post(out: Outgoing, words: Int32Array, at: number, bytes: number): void {
    if (this.#parcels.has(out.key)) {
      this.#reserve(out, bytes);
      this.#parcels.add(out.key, { parts: [], type: out.type, words: words.slice(at >> 2, (at + bytes) >> 2), bytes });
    } else if (!this.#putRecord(out.type, words, at, bytes)) {
      this.#reserve(out, bytes);
      this.#outbox.append(out.type, words, at, bytes);
    }
    this.#settle();
  }

  #postParcel(out: Outgoing, collector: PartCollector, words: Int32Array, type: number): void {
    const bytes = words.length * 4;
    this.#reserve(out, bytes + collector.totalBytes);
    this.#parcels.add(out.key, { parts: collector.parts, type, words, bytes });
    this.#settle();
  }

  /** Puts a record into the ring, unless something waits already or there is no room. */
  #putRecord(type: number, words: Int32Array, from: number, bytes: number): boolean {
    if (!this.#outbox.isEmpty || this.isDetached) return false;
    const at = super.makeRoom(bytes);
    if (at < 0) return false;
    this.words.set(words.subarray((from + BODY_AT) >> 2, (from + bytes) >> 2), (at + BODY_AT) >> 2);
    this.commit(at, bytes, type);
    return true;
  }

  /** Sends as much as there is room for; called in every turn while something waits. */
  pump(): void {
    if (this.isDetached) return;
    const { bytes } = this.#controlOutbox;
    this.#controlOutbox.drainInto(this.control, (size) => this.control.claim(size));
    // Not only if something is yet to be published: a ring that is full has published all, but nobody was told to look.
    if (this.#controlOutbox.bytes < bytes) this.#publishControl();
    if ((this.#closed & FROZEN) !== 0) return;
    const claim = (bytes: number): number => super.makeRoom(bytes);
    this.#outbox.drainInto(this, claim);
    const post = (parcel: Parcel): void => {
      if (!this.#putRecord(parcel.type, parcel.words, 0, parcel.bytes)) {
        this.#outbox.append(parcel.type, parcel.words, 0, parcel.bytes);
      }
    };
    const keep = this.capacityBytes / PIECE_SHARE;
    while (!this.#parcels.isEmpty && this.#outbox.isEmpty && this.refreshFreeBytes() > keep) {
      if (!this.#parcels.pump(this, this.recordBytesMax, claim, post)) break;
    }
    this.#settle();
  }

  /** Whether `pump` would find room for more; a drained ring has. Looks at the head. */
  canPump(): boolean {
    if (this.isDetached) return false;
    if (!this.#controlOutbox.isEmpty && isRoomy(this.control)) return true;
    if ((this.#closed & FROZEN) !== 0) return false;
    return this.waitingBytes > this.#controlOutbox.bytes && isRoomy(this);
  }

  /** Opens or closes the fast path, counts what waits, and sees to it that somebody goes on. */
  #settle(): void {
    this.#close(WAITING, !this.#outbox.isEmpty);
    this.#close(PARCELS, !this.#parcels.isEmpty);
    const bytes = this.waitingBytes;
    this.hasBacklog = bytes > 0;
    if (bytes !== this.#counted) {
      this.#host.countOutbox(bytes - this.#counted);
      this.#counted = bytes;
    }
    if (this.cursor !== this.batchAt || bytes > 0) this.begin();
  }

  #close(bit: number, closed: boolean): void {
    this.#closed = closed ? this.#closed | bit : this.#closed & ~bit;
    // Closed: every claim goes by `makeRoom`. Open again: the first one does, and finds the true limit.
    this.limit = this.#closed === 0 ? Math.min(this.limit, this.cursor) : -1;
  }

  /** Waits a little for `bytes` of room in the outbox, or refuses the message. */
  #reserve(out: Outgoing, bytes: number): void {
    const host = this.#host;
    if (out.reserved || this.waitingBytes + bytes <= host.outboxBytesMax) return;
    if (bytes > host.outboxBytesMax) this.#refuseTooLarge(out, bytes);
    // No handler runs here: a wait inside a handler must not start another.
    const until = host.roomWaitMs === 0 ? 0 : host.now() + host.roomWaitMs;
    const { epoch } = this;
    while (host.now() < until) {
      host.drainIntoMailboxes();
      this.pump();
      this.publish();
      if (this.lost !== undefined) throw this.lost;
      if (this.epoch !== epoch) this.#refuse(() => this.#died());
      if (this.waitingBytes + bytes <= host.outboxBytesMax) return;
    }
    this.#refuse(
      () =>
        new MailboxFull(
          'the link has no room; await room(ref) before you send more',
          { thread: this.peer, waitingBytes: this.waitingBytes, limitBytes: host.outboxBytesMax },
          { refused: out.message },
        ),
    );
  }

  #refuseTooLarge(out: Outgoing, bytes: number): never {
    return this.#refuse(
      () =>
        new MessageTooLarge(
          'the message is larger than what a link may keep',
          { bytes, limitBytes: this.#host.outboxBytesMax },
          { refused: out.message },
        ),
    );
  }

  #refuse(make: () => HeddleError): never {
    throw withoutStack(make);
  }

  // ---- full mailboxes ---------------------------------------------------------------------------------------------

  /** Whether the peer has said nothing of this actor's mailbox filling up. */
  isRoomy(slot: number): boolean {
    return fullnessOf(this, slot) === 'roomy';
  }

  #checkMailbox(out: Outgoing): void {
    this.#close(MAILBOX_FULL, anyFull(this));
    if ((this.#closed & MAILBOX_FULL) === 0 || fullnessOf(this, out.key) !== 'full') return;
    this.#refuse(
      () =>
        new MailboxFull(
          "the actor's mailbox is full; await room(ref) before you send more",
          { thread: this.peer, slot: out.key },
          { refused: out.message },
        ),
    );
  }

  // ---- control ----------------------------------------------------------------------------------------------------

  /** Sends a record by the control ring, past everything that waits. Never refused; dropped if the peer has ended. */
  sendControl(type: number, write: (tools: Tools, at: number, end: number) => number): void {
    if (this.lost !== undefined) return;
    const host = this.#host;
    const { memory } = host.tools;
    const at = host.scratchAt;
    const bytes = alignRecord(write(host.tools, at, Math.min(host.scratchEnd, at + this.control.recordBytesMax)) - at);
    const claimed = this.#controlOutbox.isEmpty && !this.isDetached ? this.control.claim(bytes) : -1;
    if (claimed < 0) this.#controlOutbox.append(type, memory.i32, at, bytes);
    else {
      this.words.copyWithin((claimed + BODY_AT) >> 2, (at + BODY_AT) >> 2, (at + bytes) >> 2);
      this.control.commit(claimed, bytes, type);
    }
    this.#publishControl();
    this.#settle();
  }

  #publishControl(): void {
    if (this.isDetached) return;
    this.control.publish();
    // The peer looks at the control ring when it sees the flag beside the data ring's tail.
    this.setFlags(CONTROL_FLAG);
    this.publish();
  }

  // ---- the end ----------------------------------------------------------------------------------------------------

  /** Whoever sleeps here wants to be woken when the peer makes room. */
  override wantRoom(): void {
    if (this.isDetached) return;
    super.wantRoom();
    if (!this.#controlOutbox.isEmpty) this.control.wantRoom();
  }

  /** From now on every send goes by `transmit`. */
  guard(): void {
    this.#close(GUARDED, true);
  }

  /** Keeps what waits: the peers are about to count what has arrived. */
  freeze(): void {
    this.#close(GUARDED | FROZEN, true);
  }

  /** What waits goes to `visit`: nobody will take it any more. */
  abandon(visit: VisitLost): void {
    this.#giveBack(visit, false);
    this.#close(FROZEN, false);
  }

  /**
   * The peer's thread does not answer any more, and none has taken its place yet: what waits for it goes to `visit`, and
   * every later send is refused.
   */
  lose(error: ThreadLost, visit: VisitLost): void {
    this.lost = error;
    this.#close(LOST, true);
    this.#giveBack(visit, false);
  }

  /**
   * The peer's thread has ended: what it had not taken goes to `visit`, and the link leads to the one that takes its
   * place. For a link that is attached.
   */
  settle(epoch: number, visit: VisitLost): void {
    this.publish();
    this.#giveBack(visit, true);
    this.refreshFreeBytes();
    this.control.refreshFreeBytes();
    this.announced.clear();
    this.epoch = epoch;
    this.lost = undefined;
    this.#close(LOST | MAILBOX_FULL, false);
  }

  #giveBack(visit: VisitLost, rings: boolean): void {
    let requests = 0;
    let replies = 0;
    const give = (type: number, words: Int32Array, at: number): void => {
      const counted = typeOf(type, words, at);
      if (isRequest(counted)) requests++;
      if (isReply(counted)) replies++;
      visit(counted, words, at);
    };
    if (rings) {
      for (const place of this.#places) settleConsumer(place, (type, at) => give(type, this.words, at));
    }
    this.#outbox.clear(give);
    this.#controlOutbox.clear(give);
    this.#parcels.clear((parcel) => give(parcel.type, parcel.words, 0));
    this.#host.countOutbox(-this.#counted);
    this.#counted = 0;
    this.hasBacklog = false;
    this.#close(WAITING | PARCELS, false);
    this.#countBack(requests, replies);
  }

  #countBack(requests: number, replies: number): void {
    if (this.isDetached) {
      this.#earlyRequests -= requests;
      this.#earlyReplies -= replies;
      return;
    }
    const { f64 } = this.#host.tools.memory;
    // In this order: a thread that dies in between has them counted once, not never.
    this.#host.countQueued(requests);
    f64[this.sentFloat]! -= requests;
    f64[this.repliesSentFloat]! -= replies;
  }

  /** The peer has done with the thread that was here before: from now on records go into the rings. */
  attach(): void {
    this.takeOver();
    this.control.takeOver();
    this.#close(DETACHED, false);
    this.countSent(this.#earlyRequests);
    this.#host.countQueued(-this.#earlyRequests);
    this.#host.tools.memory.f64[this.repliesSentFloat]! += this.#earlyReplies;
    this.#earlyRequests = 0;
    this.#earlyReplies = 0;
    this.#settle();
  }

  /** Requests that were accepted by `transmit`; generated code counts its own. */
  countSent(requests: number): void {
    if (this.isDetached) {
      this.#earlyRequests += requests;
      this.#host.countQueued(requests);
    } else this.#host.tools.memory.f64[this.sentFloat]! += requests;
  }

  /** Replies that were accepted by `transmit`. */
  countReplies(replies: number): void {
    if (this.isDetached) this.#earlyReplies += replies;
    else this.#host.tools.memory.f64[this.repliesSentFloat]! += replies;
  }

  #died(): ThreadLost {
    return new ThreadLost('the thread of the actor has ended', { thread: this.peer });
  }
}
