/**
 * The end of a channel at the stage that sends by it. Items wait here in segments, each of which becomes one frame.
 *
 * ```
 *   taken by the other end |       flying        |             queued            |
 *                          |  flight  |  flight  |  segment  |  segment (open)   | <-- put
 *                          |<--------------- window: has room up to here --------------->
 * ```
 *
 * What happens when there is no room is the channel's policy:
 *
 * | policy        | an item that finds no room                                                             |
 * | ------------- | -------------------------------------------------------------------------------------- |
 * | `block`       | waits here; the stage is given no further items until there is room                    |
 * | `drop-oldest` | waits; of those that wait the oldest is dropped when they are as many as the capacity  |
 * | `latest`      | as above, with a capacity of one                                                       |
 * | `drop-newest` | is dropped                                                                             |
 * | `error`       | fails whoever emitted it                                                               |
 */
import { ChannelFull, withoutStack } from '../base/errors.js';
import type { Frame, OutletPlan } from './protocol.js';
import type { Tally } from './tally.js';
import type { Scale } from './weigh.js';

/** Items that travel together at most, and bytes from which on a frame takes no more. */
export const FRAME_ITEMS_MAX = 128;
const FRAME_BYTES = 16_384;

interface Segment {
  readonly first: number;
  readonly items: unknown[];
  readonly origins: number[];
  /** Items at its beginning that were dropped. */
  skipped: number;
  bytes: number;
  readonly chunk: number;
  isLast: boolean;
}

/** A frame that was sent and is not known to have been taken. */
interface Flight {
  from: number;
  readonly to: number;
  readonly bytes: number;
}

/** What came of sending a frame. */
export type Sending =
  /** It was sent, or whoever it is for is gone. */
  | 'sent'
  /** There is no room on the way. */
  | 'full'
  /** One of its items is not what the port declares, or too large. */
  | 'refused';

export interface OutletPorts {
  readonly tally: Tally;
  send(frame: Frame): Sending;
  /** An item that cannot be sent. */
  refused(id: number, item: unknown): void;
  /** The number up to which all items of the source have been emitted. */
  mark(): number;
  /** The name of the port. */
  readonly where: string;
}

export class Outlet {
  readonly plan: OutletPlan;
  /** Items that wait here. */
  queued = 0;
  /** Nobody wants more. */
  isClosed = false;
  /** It leads nowhere for now: what is put here waits for another outlet. */
  isHeld = false;
  /** Items that were dropped. */
  dropped = 0;
  /** Items that may be on their way, or wait here. */
  window: number;
  readonly #tally: Tally;
  readonly #ports: OutletPorts;
  readonly #scale: Scale;
  readonly #segments: Segment[] = [];
  readonly #flights: Flight[] = [];
  /** What finds no room waits, and the stage with it. */
  readonly #isBlocking: boolean;
  readonly #isLossy: boolean;
  /** Items are all of one size, so their bytes need not be counted, and have no numbers but their own. */
  readonly #isPlain: boolean;
  /** Items that may wait before the oldest of them is dropped. */
  readonly #queuedMax: number;
  /** Which chunk the next items belong to; -1: they are in no order but their own. */
  #chunk = -1;
  /** The last segment, if it takes more. */
  #open: Segment | undefined;
  #next = 0;
  #flying = 0;
  /** Of all that flies or waits. */
  #bytes = 0;
  #sentMark = 0;
  /** The number after those that were sent, or that the other end was told it will not get. */
  #sentTo = 0;
  #stepSeen = -1;
  #undoTo = 0;

  constructor(plan: OutletPlan, scale: Scale, ports: OutletPorts) {
    this.plan = plan;
    this.#tally = ports.tally;
    this.#ports = ports;
    this.#scale = scale;
    this.window = this.#inBytes(plan.window);
    this.#isBlocking = plan.policy === 'block' && !plan.isLoop;
    this.#isLossy = plan.policy === 'drop-oldest' || plan.policy === 'latest';
    const keepsNew = plan.policy === 'block' || this.#isLossy;
    this.#isPlain = keepsNew && scale.variable === undefined && !ports.tally.keepsOrigins;
    this.#queuedMax = this.#isLossy ? (plan.policy === 'latest' ? 1 : plan.window) : Number.POSITIVE_INFINITY;
  }

  /** The window, as far as items of a fixed size fit into its bytes. */
  #inBytes(window: number): number {
    return Math.min(window, Math.max(1, Math.floor(this.plan.windowBytes / this.#scale.fixed)));
  }

  /** Items that the other end has room for. */
  get space(): number {
    return this.window - this.#flying - this.queued;
  }

  /** Whether the stage may go on, as far as this channel is concerned. */
  get hasRoom(): boolean {
    if (this.#flying + this.queued < this.window && this.#bytes < this.plan.windowBytes) return true;
    return !this.isHeld && (!this.#isBlocking || this.isClosed);
  }

  /** Returns whether there is room for more. @throws ChannelFull */
  put(item: unknown, origin: number): boolean {
    const tally = this.#tally;
    if (this.#stepSeen !== tally.step) {
      this.#stepSeen = tally.step;
      this.#undoTo = this.#next;
      if (tally.isHolding) this.#open = undefined;
    }
    if (!this.#isPlain || this.isClosed) this.#putSlowly(item, origin);
    else {
      const { items } = this.#open ?? this.#openSegment();
      items.push(item);
      this.#next++;
      this.queued++;
      if (items.length >= FRAME_ITEMS_MAX) {
        this.#open = undefined;
        tally.isAlert = true;
      }
      if (this.queued > this.#queuedMax) this.#dropOldest();
    }
    if (this.#flying + this.queued < this.window && this.#bytes < this.plan.windowBytes) return true;
    // What drops items never waits, and has nothing to send as long as all that may fly does.
    if (this.#isBlocking || this.#flying < this.window) tally.isAlert = true;
    return this.hasRoom;
  }

  /** An item whose size, origin or number of others matters. */
  #putSlowly(item: unknown, origin: number): void {
    const tally = this.#tally;
    if (this.isClosed) {
      tally.unwanted(1);
      return;
    }
    if (this.#overflows()) return;
    const segment = this.#open ?? this.#openSegment();
    segment.items.push(item);
    if (tally.keepsOrigins) segment.origins.push(origin);
    this.#next++;
    this.queued++;
    const bytes = this.#weigh(item);
    segment.bytes += bytes;
    this.#bytes += bytes;
    if (segment.items.length >= FRAME_ITEMS_MAX || segment.bytes >= FRAME_BYTES) {
      this.#open = undefined;
      tally.isAlert = true;
    }
    if (this.#bytes >= this.plan.windowBytes) tally.isAlert = true;
    if (this.queued > this.#queuedMax) this.#dropOldest();
  }

  /** What is not what its port declares is refused when it is sent. */
  #weigh(item: unknown): number {
    const { fixed, variable } = this.#scale;
    if (variable === undefined) return fixed;
    try {
      return fixed + variable(item);
    } catch {
      return fixed;
    }
  }

  #openSegment(): Segment {
    this.#open = this.#addSegment(false);
    return this.#open;
  }

  #addSegment(isLast: boolean): Segment {
    const segment: Segment = {
      first: this.#next,
      items: [],
      origins: [],
      skipped: 0,
      bytes: 0,
      chunk: this.#chunk,
      isLast,
    };
    this.#segments.push(segment);
    return segment;
  }

  /** Whether the item cannot stay because there is no room for it. It has its number, so that its absence is seen. */
  #overflows(): boolean {
    const { policy, window } = this.plan;
    if ((policy !== 'error' && policy !== 'drop-newest') || this.space > 0) return false;
    if (policy === 'error') {
      throw withoutStack(() => new ChannelFull(`${this.#ports.where}: the channel is full`, { window }));
    }
    this.#next++;
    this.#open = undefined;
    this.#drop();
    return true;
  }

  #drop(): void {
    this.dropped++;
    this.#tally.dropped(1);
  }

  #dropOldest(): void {
    const head = this.#segments[0]!;
    if (!this.#isPlain) {
      const bytes = this.#weigh(head.items[head.skipped]);
      head.bytes -= bytes;
      this.#bytes -= bytes;
      head.items[head.skipped] = undefined;
    }
    head.skipped++;
    this.queued--;
    this.#drop();
    if (head.skipped < head.items.length) return;
    this.#segments.shift();
    if (head === this.#open) this.#open = undefined;
  }

  /** The number of the first item that stays until the present step has succeeded. */
  get #heldFrom(): number {
    return this.#tally.isHolding && this.#stepSeen === this.#tally.step ? this.#undoTo : Number.POSITIVE_INFINITY;
  }

  /** What the present step has emitted is to be in segments of its own. */
  splitAtStep(): void {
    this.#open = undefined;
    const from = this.#heldFrom;
    const at = this.#segments.findIndex(
      ({ first, skipped, items }) => first + skipped < from && first + items.length > from,
    );
    if (at < 0) return;
    const segment = this.#segments[at]!;
    const items = segment.items.splice(from - segment.first);
    const origins = segment.origins.splice(from - segment.first);
    const bytes = this.#isPlain ? 0 : items.reduce<number>((sum, item) => sum + this.#weigh(item), 0);
    this.#segments.splice(at + 1, 0, { ...segment, first: from, items, origins, skipped: 0, bytes });
    segment.bytes -= bytes;
    segment.isLast = false;
  }

  /** Takes back what the present step has emitted and was not sent, as if it had never been. Returns how many items. */
  undo(): number {
    if (this.#stepSeen !== this.#tally.step) return 0;
    const from = Math.max(this.#undoTo, this.#sentTo);
    const queuedBefore = this.queued;
    for (let tail = this.#segments.at(-1); tail !== undefined; tail = this.#segments.at(-1)) {
      if (tail.first + tail.items.length <= from) break;
      this.#shorten(tail, from);
      if (tail.items.length > tail.skipped) break;
      this.#segments.pop();
    }
    const count = this.#next - from;
    const dropped = count - (queuedBefore - this.queued);
    this.dropped -= dropped;
    this.#tally.dropped(-dropped);
    this.#next = from;
    this.#open = undefined;
    return count;
  }

  /** Takes the items of a segment away that have these numbers. */
  #shorten(segment: Segment, from: number): void {
    const { first, items, origins, skipped } = segment;
    while (items.length > skipped && first + items.length > from) {
      const item = items.pop();
      if (!this.#isPlain) {
        const bytes = this.#weigh(item);
        segment.bytes -= bytes;
        this.#bytes -= bytes;
      }
      this.queued--;
    }
    origins.length = Math.min(origins.length, items.length);
  }

  /** What was put so far is all of a chunk; also if that is nothing. */
  endChunk(): void {
    const tail = this.#segments.at(-1);
    const segment = tail?.chunk === this.#chunk && !tail.isLast ? tail : this.#addSegment(true);
    segment.isLast = true;
    this.#open = undefined;
    // What is emitted before the next one is made of no chunk.
    this.#chunk = -1;
  }

  /** The items that follow belong to a chunk. */
  beginChunk(chunk: number): void {
    this.#chunk = chunk;
    this.#open = undefined;
  }

  /** The other end is done with all items before `taken`, and has room for so many more. */
  grant(taken: number, window: number): void {
    this.window = this.#inBytes(window);
    for (let head = this.#flights[0]; head !== undefined && head.from < taken; head = this.#flights[0]) {
      const done = Math.min(taken, head.to) - head.from;
      this.#flying -= done;
      head.from += done;
      if (head.from < head.to) return;
      this.#bytes -= head.bytes;
      this.#flights.shift();
    }
  }

  /** The channel is no more. */
  hold(): void {
    this.isHeld = true;
    this.isClosed = false;
    this.#flights.length = 0;
    this.#flying = 0;
    this.window = 0;
  }

  /** Sends what there is room for. */
  flush(): void {
    if (this.isHeld) return;
    const heldFrom = this.#heldFrom;
    for (let head = this.#segments[0]; head !== undefined; head = this.#segments[0]) {
      if (head.first + head.skipped >= heldFrom) return;
      const count = head.items.length - head.skipped;
      if (this.isClosed) this.#forget(head, count);
      else if (!this.#mayFly(count)) return;
      else {
        const sending = this.#transmit(head);
        if (sending === 'full') return;
        if (sending === 'refused') {
          this.#takeApart(head, count);
          continue;
        }
      }
      this.queued -= count;
      this.#removeHead();
    }
  }

  #removeHead(): void {
    if (this.#segments.shift() === this.#open) this.#open = undefined;
  }

  /** One of the items cannot be sent, so each is sent alone. */
  #takeApart(segment: Segment, count: number): void {
    const { first, items, origins, skipped, chunk, isLast } = segment;
    this.#removeHead();
    if (count === 1) {
      this.queued--;
      this.#bytes -= segment.bytes;
      this.#ports.refused(origins[skipped] ?? first + skipped, items[skipped]);
      if (isLast) this.#segments.unshift({ ...segment, items: [], origins: [], skipped: 0, bytes: 0 });
      return;
    }
    const alone = items.slice(skipped).map((item, index): Segment => {
      const at = skipped + index;
      const bytes = this.#isPlain ? 0 : this.#weigh(item);
      const isEnd = isLast && index === count - 1;
      return {
        first: first + at,
        items: [item],
        origins: origins.slice(at, at + 1),
        skipped: 0,
        bytes,
        chunk,
        isLast: isEnd,
      };
    });
    this.#segments.unshift(...alone);
  }

  #forget({ bytes }: Segment, count: number): void {
    this.#tally.unwanted(count);
    this.#bytes -= bytes;
  }

  #mayFly(count: number): boolean {
    return count === 0 || this.plan.isLoop || this.#flying < this.window;
  }

  #transmit(segment: Segment): Sending {
    const { first, items, origins, skipped, bytes, chunk, isLast } = segment;
    const { keepsOrigins } = this.#tally;
    const mark = this.#segments.length === 1 ? this.#ports.mark() : this.#sentMark;
    const from = first + skipped;
    const to = first + items.length;
    const isWhole = skipped === 0;
    const frame: Frame = {
      channel: this.plan.channel,
      first: from,
      chunk,
      isLast,
      mark,
      origins: keepsOrigins ? Float64Array.from(isWhole ? origins : origins.slice(skipped)) : undefined,
      items: isWhole ? items : items.slice(skipped),
    };
    const sending = this.#ports.send(frame);
    if (sending !== 'sent') return sending;
    this.#sentMark = mark;
    this.#sentTo = to;
    if (to > from) {
      this.#flying += to - from;
      this.#flights.push({ from, to, bytes });
    }
    return 'sent';
  }

  /**
   * Tells the other end what it does not know: how far the items of the source have been emitted, and, when it has all
   * that it will get or this is the end, that some before this number will not come.
   */
  flushNumbers(isEnd: boolean): void {
    if (this.#segments.length > 0 || this.isClosed || this.isHeld) return;
    const mark = this.#ports.mark();
    const isGapKnown = this.#next === this.#sentTo || (this.#flying > 0 && !isEnd);
    if (mark <= this.#sentMark && isGapKnown) return;
    const { channel } = this.plan;
    const frame: Frame = { channel, first: this.#next, chunk: -1, isLast: false, mark, items: [] };
    if (this.#ports.send(frame) !== 'sent') return;
    this.#sentMark = mark;
    this.#sentTo = this.#next;
  }

  /** Takes over what waits at another outlet, which is no more. */
  adopt(other: Outlet): void {
    for (const { items, origins, skipped } of other.#segments.splice(0)) {
      for (let index = skipped; index < items.length; index++) this.put(items[index], origins[index] ?? 0);
    }
    other.queued = 0;
  }
}
