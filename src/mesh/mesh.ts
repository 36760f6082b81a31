/**
 * One thread's part of the mesh: its links to all others, what comes from them, and the bell it sleeps on.
 *
 * How a thread finds news: it looks at the rings that had some lately in every pass, and now and then at one of the
 * others in turn. So a pass costs little more than one look however many threads there are, as long as few of them
 * talk to this one, and a busy mesh is looked at whole. (A summary word with a bit for each link was measured as well: a sender then pays a
 * second contended line, 150 ns more a round trip on two threads.)
 */
import { alignRecord, Doorbell } from '../../native-free-queues/index.js';
import type { Clock } from '../base/clock.js';
import { ROOM_WAIT_MS } from '../base/limits.js';
import { Memory } from '../messages/memory.js';
import type { SharedTable } from '../messages/shares.js';
import { bindTools, type RefCodec, type Tools } from '../messages/tools.js';
import { Books, pairIndex } from './books.js';
import { Inbound, type Receiver } from './inbound.js';
import { MeshLayout, type MeshShape } from './layout.js';
import { Link, type LinkHost, type VisitLost } from './link.js';

/** Passes without news after which a ring is looked at only now and then. */
const QUIET_MISSES = 64;
/** Passes between two looks at one of the quiet rings. */
const PASSES_PER_PROBE = 4;
/** Passes without news after which drained room is given back, though it is little. */
const RELEASE_MISSES = 16;
/** Private memory for large messages that is kept between them. */
const APART_KEPT_BYTES = 1 << 22;

export interface MeshOptions extends MeshShape {
  readonly buffer: SharedArrayBuffer;
  readonly thread: number;
  readonly outboxBytes: number;
  /** Whether a send may wait a little for room. */
  readonly waitsForRoom: boolean;
  readonly clock: Clock;
  readonly refs: RefCodec;
  readonly shares: SharedTable;
  /** How often each thread has been replaced so far, this one too. */
  readonly epochs: readonly number[];
  /** Somebody outside of a turn has sent something: see to it that `flush` is called soon. */
  readonly flushSoon: () => void;
  /** Completes what could not be known when it was written; see `undated`. */
  readonly dateCalls: () => void;
  /** Makes the receiver keep everything for later, and run no handler; or no longer. */
  readonly storeOnly: (store: boolean) => void;
}

export class Mesh implements LinkHost {
  readonly thread: number;
  readonly layout: MeshLayout;
  readonly tools: Tools;
  readonly books: Books;
  readonly bell: Doorbell;
  readonly scratchAt: number;
  readonly scratchEnd: number;
  readonly outboxBytesMax: number;
  readonly roomWaitMs: number;
  /** Where requests are counted that arrive from the peer whose ring is being drained; for generated code too. */
  receivedFloat: number;
  scratchBusy = false;
  /** Whether a turn is under way, at whose end everything is published. */
  inTurn = false;

  /** By thread; undefined for the own one. */
  readonly links: (Link | undefined)[] = [];
  readonly inbounds: (Inbound | undefined)[] = [];

  readonly #clock: Clock;
  /** Whether records that are not published yet still lack a deadline. */
  undated = false;

  readonly #flushSoon: () => void;
  readonly #dateCalls: () => void;
  readonly #storeOnly: (store: boolean) => void;
  readonly #refs: RefCodec;
  readonly #shares: SharedTable;
  /** Links with something to publish, chained by `nextDirty`. */
  #firstDirty: Link | undefined;
  /** Peers that have still to do with the thread that was here before this one. */
  #detached: number[] = [];
  readonly #active: Inbound[] = [];
  readonly #quiet: Inbound[] = [];
  readonly #epoch: number;
  readonly #fromControl: Inbound;
  readonly #words: Int32Array;
  readonly #deathsWord: number;
  /** What the word of deaths was when this thread last listened to the control thread. */
  #deaths = 0;
  /** Whether this thread does what follows from a death. The next one is heard of after that. */
  mourning = false;
  #storing = false;
  #probe = 0;
  #passes = 0;
  #interrupted = false;
  /** Bytes that wait in all links because a ring is full. */
  #waitingBytes = 0;
  #woke = false;
  #apart: Tools | undefined;

  constructor(options: MeshOptions) {
    const { thread, buffer, clock, refs, shares } = options;
    const layout = new MeshLayout(options);
    const memory = new Memory(buffer);
    const words = memory.i32;
    this.thread = thread;
    this.layout = layout;
    this.tools = bindTools(memory, refs, shares);
    this.books = new Books(memory.f64, layout.booksFloat(thread));
    this.scratchAt = layout.scratchAt(thread);
    this.scratchEnd = this.scratchAt + layout.scratchBytes;
    this.outboxBytesMax = options.outboxBytes;
    this.roomWaitMs = options.waitsForRoom ? ROOM_WAIT_MS : 0;
    this.#clock = clock;
    this.#flushSoon = options.flushSoon;
    this.#dateCalls = options.dateCalls;
    this.#storeOnly = options.storeOnly;
    this.#refs = refs;
    this.#shares = shares;

    const bells = Array.from({ length: layout.threads }, (_, index) => new Doorbell(words, layout.bellWord(index)));
    const own = bells[thread]!;
    this.bell = own;
    this.receivedFloat = layout.pairFloat(thread, thread) + pairIndex('received');
    for (let peer = 0; peer < layout.threads; peer++) {
      if (peer === thread) continue;
      const epoch = options.epochs[peer]!;
      const pair = layout.pairFloat(thread, peer);
      const detached = !this.#isAwaitedBy(peer, options.epochs[thread]!);
      this.links[peer] = new Link(this, {
        peer,
        data: layout.dataRing(words, thread, peer),
        control: layout.controlRing(words, thread, peer),
        own,
        consumer: bells[peer]!,
        epoch,
        detached,
        sentFloat: pair + pairIndex('sent'),
        repliesSentFloat: pair + pairIndex('repliesSent'),
      });
      const inbound = new Inbound(memory, {
        peer,
        data: layout.dataRing(words, peer, thread),
        control: layout.controlRing(words, peer, thread),
        own,
        producer: bells[peer]!,
        epoch,
        detached,
        receivedFloat: pair + pairIndex('received'),
        repliesArrivedFloat: pair + pairIndex('repliesArrived'),
      });
      this.inbounds[peer] = inbound;
      if (detached) this.#detached.push(peer);
      else this.#quiet.push(inbound);
    }
    const { controlThread } = layout;
    const fromControl = new Inbound(memory, {
      peer: controlThread,
      data: layout.controlRing(words, controlThread, thread),
      control: undefined,
      own,
      epoch: 0,
      detached: false,
      // It sends nothing that is counted.
      receivedFloat: this.receivedFloat,
      repliesArrivedFloat: this.receivedFloat,
    });
    this.inbounds[controlThread] = fromControl;
    this.#quiet.push(fromControl);
    this.#fromControl = fromControl;
    this.#words = words;
    this.#deathsWord = layout.deathsWord;
    this.#epoch = options.epochs[thread]!;
  }

  /** Says who receives what arrives. */
  deliverTo(receiver: Receiver): void {
    for (const inbound of this.inbounds) inbound?.deliverTo(receiver);
  }

  // ---- threads that end -------------------------------------------------------------------------------------------

  /** Whether a peer has done with all that was here before this life of the thread. */
  #isAwaitedBy(peer: number, epoch: number): boolean {
    const word = this.layout.settledEpochWord(peer, this.thread);
    // Pairs with the publish in `settle`: orders all that the peer did to the rings before what this end does.
    return ((Atomics.load(this.tools.memory.i32, word) - epoch) | 0) >= 0;
  }

  /** Attaches the peers that have done so since the last look. Returns whether there was one. */
  #attachPeers(): boolean {
    const ready = this.#detached.filter((peer) => this.#isAwaitedBy(peer, this.#epoch));
    for (const peer of ready) this.#attach(peer);
    return ready.length > 0;
  }

  #attach(peer: number): void {
    this.#detached = this.#detached.filter((other) => other !== peer);
    this.inbounds[peer]!.attach();
    this.#quiet.push(this.inbounds[peer]!);
    this.links[peer]!.attach();
  }

  /**
   * A thread has died: takes everything that it had published into mailboxes, and makes both ways ready for the thread
   * that takes its place. What it had not taken goes to `visit`.
   */
  settle(peer: number, epoch: number, visit: VisitLost): void {
    const link = this.links[peer]!;
    const inbound = this.inbounds[peer]!;
    // Whoever has settled for both ends has left nothing in these rings.
    if (link.isDetached) this.#attach(peer);
    this.#storeAll([inbound]);
    inbound.settle(epoch);
    link.settle(epoch, visit);
    this.#closePair(peer, epoch);
    link.consumerBell.ring();
  }

  /** Brings the dead thread's half of the pair in line with this one, which knows what has arrived. */
  #closePair(peer: number, epoch: number): void {
    const { layout, thread } = this;
    const { f64, i32 } = this.tools.memory;
    const own = layout.pairFloat(thread, peer);
    const other = layout.pairFloat(peer, thread);
    f64[other + pairIndex('sent')] = f64[own + pairIndex('received')]!;
    f64[other + pairIndex('received')] = f64[own + pairIndex('sent')]!;
    f64[other + pairIndex('repliesSent')] = f64[own + pairIndex('repliesArrived')]!;
    f64[other + pairIndex('repliesArrived')] = f64[own + pairIndex('repliesSent')]!;
    f64[layout.settledSentFloat(thread, peer)] = f64[own + pairIndex('sent')]!;
    // Pairs with the load in `#isAwaitedBy` on the thread that takes the dead one's place, and with that of the control
    // thread, which then closes the dead one's books.
    Atomics.store(i32, layout.settledEpochWord(thread, peer), epoch);
  }

  // ---- in ---------------------------------------------------------------------------------------------------------

  /** One pass over the rings. Returns how many records it took. */
  poll(): number {
    // Pairs with the control thread's addition, which comes before the replacement begins: what that says, or others of it, is
    // not handled before the news of the death.
    const deaths = Atomics.load(this.#words, this.#deathsWord);
    let count = deaths === this.#deaths ? 0 : this.#listen(deaths);
    const active = this.#active;
    this.#interrupted = false;
    for (let i = 0; i < active.length && !this.#interrupted; i++) {
      const inbound = active[i]!;
      if (inbound.hasNews()) {
        inbound.misses = 0;
        count += this.#drain(inbound);
      } else if (++inbound.misses >= RELEASE_MISSES) this.#missed(inbound, i);
    }
    return ++this.#passes % PASSES_PER_PROBE === 0 || active.length === 0 ? count + this.#probeOne() : count;
  }

  #probeOne(): number {
    if (this.#detached.length > 0) this.#attachPeers();
    const quiet = this.#quiet;
    if (quiet.length === 0) return 0;
    if (++this.#probe >= quiet.length) this.#probe = 0;
    const inbound = quiet[this.#probe]!;
    if (!inbound.hasNews()) return 0;
    this.#activate(this.#probe);
    return this.#drain(inbound);
  }

  #drain(inbound: Inbound): number {
    this.receivedFloat = inbound.receivedFloat;
    return inbound.drain();
  }

  /** Takes what the control thread has told. */
  #listen(deaths: number): number {
    this.#deaths = deaths;
    let count = 0;
    while (this.#fromControl.hasNews()) count += this.#drain(this.#fromControl);
    this.#fromControl.release();
    return count;
  }

  #activate(index: number): void {
    for (const inbound of this.#quiet.splice(index, 1)) {
      inbound.misses = 0;
      this.#active.push(inbound);
    }
  }

  #missed(inbound: Inbound, index: number): void {
    if (inbound.misses === RELEASE_MISSES) inbound.release();
    if (inbound.misses < QUIET_MISSES) return;
    inbound.release();
    this.#active.splice(index, 1);
    this.#quiet.push(inbound);
  }

  /** Ends the pass that is under way after the record that it is at. */
  interrupt(): void {
    this.#interrupted = true;
    for (const inbound of this.#active) inbound.data.interrupt();
  }

  /** Takes everything from all rings into mailboxes, and runs no handler. */
  drainIntoMailboxes(): void {
    this.#storeAll([this.#fromControl, ...this.#active, ...this.#quiet]);
  }

  /** Takes what the control thread has told, and runs no handler. */
  hearOfDeaths(): void {
    this.#storeAll([this.#fromControl]);
  }

  #storeAll(inbounds: readonly Inbound[]): void {
    const { memory } = this.tools;
    const { source } = memory;
    const { receivedFloat } = this;
    const storing = this.#storing;
    this.#storing = true;
    this.#storeOnly(true);
    for (const inbound of inbounds) {
      if (inbound === this.#fromControl && this.mourning) continue;
      while (inbound.hasNews()) this.#drain(inbound);
      inbound.release();
    }
    this.#storing = storing;
    // Within another one, for a death that was heard of on the way, handlers are still to wait.
    this.#storeOnly(storing);
    memory.source = source;
    this.receivedFloat = receivedFloat;
  }

  /** Whether anything has arrived. Looks at every ring; the next pass will not have to search for what was found. */
  hasNews(): boolean {
    if (this.#detached.length > 0 && this.#attachPeers()) return true;
    for (let i = 0; i < this.#active.length; i++) if (this.#active[i]!.hasNews()) return true;
    for (let i = 0; i < this.#quiet.length; i++) {
      if (!this.#quiet[i]!.hasNews()) continue;
      this.#activate(i);
      return true;
    }
    return false;
  }

  /** Whether `flush` would find room for what waits. Looks at every ring into which something waits. */
  canPump(): boolean {
    return this.#waitingBytes > 0 && this.links.some((link) => link?.hasBacklog === true && link.canPump());
  }

  /** Gives back all drained room; before a sleep. A quiet ring has given it back already. */
  releaseAll(): void {
    for (let i = 0; i < this.#active.length; i++) this.#active[i]!.release();
  }

  // ---- out --------------------------------------------------------------------------------------------------------

  markDirty(link: Link): void {
    link.nextDirty = this.#firstDirty;
    this.#firstDirty = link;
    if (!this.inTurn) this.#flushSoon();
  }

  /** Whether a link has something to publish. */
  get isDirty(): boolean {
    return this.#firstDirty !== undefined;
  }

  /** Publishes everything that is committed, and sends what waited as far as there is room now. */
  flush(): void {
    let link = this.#firstDirty;
    const { inTurn } = this;
    // Links that still have something to send begin a new chain, for the next turn: another flush at once finds no room.
    this.inTurn = true;
    this.#firstDirty = undefined;
    while (link !== undefined) {
      const next: Link | undefined = link.nextDirty;
      link.nextDirty = undefined;
      link.dirty = false;
      if (link.hasBacklog) link.pump();
      link.publish();
      link = next;
    }
    this.inTurn = inTurn;
  }

  /** Asks the peers in whose rings something waits for room to ring the bell when there is. */
  wantRoom(): void {
    if (this.#waitingBytes === 0) return;
    for (const link of this.links) if (link?.hasBacklog === true) link.wantRoom();
  }

  /** Whether anything still waits to be sent. */
  get hasBacklog(): boolean {
    return this.links.some((link) => link !== undefined && (link.dirty || link.waitingBytes > 0));
  }

  /** Wakes every peer that sleeps, for what it can see without a message. */
  ringAll(): void {
    for (const link of this.links) link?.consumerBell.ring();
  }

  /** Publishes everything, and keeps from now on what waits for room. */
  freeze(): void {
    this.flush();
    for (const link of this.links) link?.freeze();
  }

  /** Hands what waits in all links to `visit`. */
  abandon(visit: VisitLost): void {
    for (const link of this.links) link?.abandon(visit);
  }

  /** From now on every send goes by `transmit`, where it can be refused. */
  guard(): void {
    for (const link of this.links) link?.guard();
  }

  /** Whether a publication has woken a sleeper since this was last asked. */
  takeWoke(): boolean {
    const woke = this.#woke;
    this.#woke = false;
    return woke;
  }

  // ---- for links --------------------------------------------------------------------------------------------------

  now(): number {
    return this.#clock.now();
  }

  dateCalls(): void {
    this.undated = false;
    this.#dateCalls();
  }

  countOutbox(bytes: number): void {
    this.#waitingBytes += bytes;
    this.books.add('outboxBytes', bytes);
  }

  countQueued(requests: number): void {
    this.books.add('queued', requests);
  }

  countWake(): void {
    this.#woke = true;
    this.books.add('wakes', 1);
  }

  borrowApart(bytes: number): Tools {
    const kept = this.#apart;
    if (kept !== undefined && kept.memory.buffer.byteLength >= bytes) {
      this.#apart = undefined;
      return kept;
    }
    return bindTools(new Memory(new ArrayBuffer(alignRecord(bytes))), this.#refs, this.#shares);
  }

  returnApart(tools: Tools): void {
    const { byteLength } = tools.memory.buffer;
    const keptBytes = this.#apart?.memory.buffer.byteLength ?? 0;
    if (byteLength > keptBytes && byteLength <= APART_KEPT_BYTES) this.#apart = tools;
  }
}
