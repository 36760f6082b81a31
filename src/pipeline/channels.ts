/** The channels of a stage: what has arrived by them, and what is to leave. */

import { MISSED } from './board.js';
import type { StageDetails } from './details.js';
import { Inlet } from './inlet.js';
import { Outlet, type Sending } from './outlet.js';
import type { StageRef } from './protocol.js';
import { type Frame, frameName, type InletPlan, type OutletPlan, plainWire, wireTo } from './protocol.js';
import { type Arrival, Reorder } from './reorder.js';
import type { StageSetup } from './setup.js';
import { Splitter } from './splitter.js';
import type { StageSelf } from './stage-self.js';
import type { Tally } from './tally.js';
import { scaleOf } from './weigh.js';
import { PortWriter, Writers } from './writers.js';

/** A stage that says itself what it has room for wants to have work for so long. */
const AHEAD_MS = 4;
const WINDOW_MIN = 2;

export interface ChannelPorts {
  /** There is room on the way again. */
  again(): void;
  /** An item cannot be sent. */
  refused(port: string, id: number, item: unknown, error: unknown): void;
  /** All items of the source before this number have been emitted. */
  mark(): number;
}

export class Channels {
  readonly writers: Writers;
  readonly splitter: Splitter | undefined;
  readonly arrivals: Arrival[] = [];
  readonly #details: StageDetails;
  readonly #setup: StageSetup;
  readonly #self: StageSelf;
  readonly #tally: Tally;
  readonly #ports: ChannelPorts;
  readonly #inlets = new Map<number, Inlet>();
  readonly #outlets = new Map<number, Outlet>();
  readonly #orders: Reorder[] = [];
  readonly #awaitingRoom: { readonly go: () => void; readonly fail: (reason: unknown) => void }[] = [];
  /** Why nobody is to wait for room. */
  #givenUp: { readonly reason: unknown } | undefined;
  readonly #shutting = new Map<Outlet, (() => void)[]>();

  constructor(self: StageSelf, details: StageDetails, setup: StageSetup, tally: Tally, ports: ChannelPorts) {
    this.#self = self;
    this.#details = details;
    this.#setup = setup;
    this.#tally = tally;
    this.#ports = ports;
    if (setup.role === 'split') this.splitter = new Splitter(setup.dispatch, setup.isOrdered, details.key);
    const make = (): PortWriter => new PortWriter(tally, () => this.#awaitRoom());
    this.writers = new Writers(details.outs, details.isOutNamed, setup.outputs, make);
  }

  // ---- what comes and goes ----------------------------------------------------------------------------------------

  open(inlets: readonly InletPlan[], outlets: readonly OutletPlan[]): void {
    this.#givenUp = undefined;
    for (const plan of inlets) {
      this.#inlets.set(plan.channel, new Inlet(plan, this.peer(plan.source)));
      this.#orders[plan.port] ??= new Reorder();
    }
    for (const plan of outlets) this.#openOutlet(plan);
    this.splitter?.lead([...this.#outlets.values()]);
  }

  /** Another actor of the pipeline, as far as all of them are alike. */
  peer(ref: OutletPlan['target']): StageRef {
    return this.#self.typed(plainWire(), ref) as unknown as StageRef;
  }

  #openOutlet(plan: OutletPlan): void {
    const { shape, name } = this.splitter === undefined ? this.#details.outs[plan.port]! : this.#details.ins[0]!;
    const wire = this.#self.typed(wireTo(plan.targetPort, shape), plan.target);
    const target = wire as unknown as Record<string, (frame: Frame) => void>;
    const frames = frameName(plan.targetPort);
    let refusal: unknown;
    const send = (frame: Frame): Sending => {
      try {
        target[frames]!(frame);
        return 'sent';
      } catch (error) {
        refusal = error;
        return this.#sendingOf(error, plan);
      }
    };
    const outlet = new Outlet(plan, scaleOf(shape), {
      tally: this.#tally,
      send,
      refused: (id, item) => this.#ports.refused(name, id, item, refusal),
      mark: () => this.#ports.mark(),
      where: `${this.#setup.name}.${name}`,
    });
    const held = [...this.#outlets.values()].find((other) => other.isHeld && other.plan.port === plan.port);
    this.#outlets.set(plan.channel, outlet);
    if (this.splitter !== undefined) return;
    if (held === undefined) this.writers.connect(plan.port, outlet);
    else {
      this.#outlets.delete(held.plan.channel);
      this.writers.writerOf(held)!.outlet = outlet;
      outlet.adopt(held);
    }
  }

  #sendingOf(error: unknown, { target }: OutletPlan): Sending {
    switch ((error as { code?: string }).code) {
      case 'HEDDLE_MAILBOX_FULL':
        void this.#self.room(target).then(
          () => this.#ports.again(),
          () => undefined,
        );
        return 'full';
      case 'HEDDLE_INVALID_MESSAGE':
      case 'HEDDLE_MESSAGE_TOO_LARGE':
        return 'refused';
      default:
        // Whoever it is for is gone, which the job hears of, too.
        return 'sent';
    }
  }

  /** Takes outlets away, when all that waits there has been sent; then `done` is called. */
  shut(channels: readonly number[], done: () => void): void {
    const outlets = channels.flatMap((channel) => this.#outlets.get(channel) ?? []);
    let left = outlets.length;
    if (left === 0) done();
    const tell = (): void => {
      if (--left === 0) done();
    };
    for (const outlet of outlets) this.#shutting.set(outlet, [...(this.#shutting.get(outlet) ?? []), tell]);
  }

  #finishShutting(): void {
    for (const [outlet, done] of this.#shutting) {
      if (outlet.queued > 0 && !outlet.isClosed) continue;
      this.#shutting.delete(outlet);
      this.#endOutlet(outlet);
      outlet.hold();
      for (const tell of done) tell();
    }
  }

  /** All are gone, and what waits by them. */
  clear(): void {
    this.#inlets.clear();
    this.#outlets.clear();
    this.#orders.length = 0;
    this.arrivals.length = 0;
    this.writers.disconnectAll();
    this.splitter?.lead([]);
  }

  /** Tells all neighbours that there will be nothing more to say. */
  end(): void {
    for (const outlet of this.#outlets.values()) this.#endOutlet(outlet);
    for (const { source, plan, isEnded } of this.#inlets.values()) {
      if (!isEnded) source.closed({ channel: plan.channel });
    }
  }

  #endOutlet(outlet: Outlet): void {
    const { target, channel } = outlet.plan;
    outlet.flushNumbers(true);
    if (!outlet.isClosed) this.peer(target).ended({ channel });
  }

  // ---- what neighbours tell ---------------------------------------------------------------------------------------

  /** A frame has come. False: by a channel that is no more. */
  arrive(frame: Frame): boolean {
    const inlet = this.#inlets.get(frame.channel);
    if (inlet === undefined) return false;
    const missed = inlet.arrive(frame);
    if (missed > 0) this.#tally.row?.add(MISSED, missed);
    // The instances of an ordered stage get chunks here and there; whoever is behind all of them puts these in order.
    if (frame.chunk < 0 || inlet.plan.isAdaptive) this.arrivals.push({ inlet, frame });
    else this.#orders[inlet.plan.port]!.take({ inlet, frame }, (arrival) => this.arrivals.push(arrival));
    return true;
  }

  credit(channel: number, taken: number, window: number): void {
    this.#outlets.get(channel)?.grant(taken, window);
  }

  ended(channel: number): void {
    const inlet = this.#inlets.get(channel);
    if (inlet !== undefined) inlet.isEnded = true;
  }

  /** Returns whether nobody is left who wants anything. */
  closed(channel: number): boolean {
    const outlet = this.#outlets.get(channel);
    if (outlet === undefined) return false;
    outlet.isClosed = true;
    return [...this.#outlets.values()].every(({ isClosed }) => isClosed);
  }

  // ---- how it stands ----------------------------------------------------------------------------------------------

  get hasRoom(): boolean {
    if (this.splitter !== undefined) return this.splitter.hasRoom;
    for (const outlet of this.#outlets.values()) if (!outlet.hasRoom) return false;
    return true;
  }

  get hasOutlets(): boolean {
    return this.#outlets.size > 0;
  }

  get hasLoop(): boolean {
    return [...this.#inlets.values()].some(({ plan }) => plan.isLoop);
  }

  /** Items that have arrived and were not taken. */
  get waiting(): number {
    let waiting = 0;
    for (const inlet of this.#inlets.values()) waiting += inlet.waiting;
    return waiting;
  }

  /** Items that wait to be sent. */
  get queued(): number {
    let queued = 0;
    for (const outlet of this.#outlets.values()) queued += outlet.queued;
    return queued;
  }

  /** Whether all that is wanted has been sent. */
  get isSent(): boolean {
    for (const { queued, isClosed } of this.#outlets.values()) if (queued > 0 && !isClosed) return false;
    return true;
  }

  /** Whether nothing more can arrive; of a source there is nothing that could. */
  get isEnded(): boolean {
    for (const { isEnded } of this.#inlets.values()) if (!isEnded) return false;
    return this.#inlets.size > 0;
  }

  /** All items of the source before this number were taken here, as far as they come here. */
  get takenMark(): number {
    let low = Number.POSITIVE_INFINITY;
    let high = 0;
    for (const { isDone, mark } of this.#inlets.values()) {
      if (!isDone) low = Math.min(low, mark);
      high = Math.max(high, mark);
    }
    return low === Number.POSITIVE_INFINITY ? high : low;
  }

  // ---- what goes out ----------------------------------------------------------------------------------------------

  /** Sends what there is room for. */
  flush(): void {
    this.#tally.isAlert = false;
    for (const outlet of this.#outlets.values()) outlet.flush();
    if (this.#awaitingRoom.length > 0 && this.hasRoom) for (const { go } of this.#awaitingRoom.splice(0)) go();
  }

  #awaitRoom(): Promise<void> {
    if (this.#givenUp !== undefined) return Promise.reject(this.#givenUp.reason);
    this.flush();
    if (this.hasRoom) return Promise.resolve();
    return new Promise((go, fail) => {
      this.#awaitingRoom.push({ go, fail });
    });
  }

  /** What is under way is not to go on: whoever waits for room, in the middle of something, is told so. */
  giveUp(reason: unknown): void {
    this.#givenUp = { reason };
    for (const { fail } of this.#awaitingRoom.splice(0)) fail(reason);
  }

  /** After the stage has run: sends all that it can, and tells the neighbours how far it is. */
  settle(itemsPerMs: number): void {
    this.splitter?.endChunk();
    this.flush();
    this.#finishShutting();
    const ahead = Math.max(WINDOW_MIN, Math.ceil(itemsPerMs * AHEAD_MS));
    for (const inlet of this.#inlets.values()) {
      const { window, isAdaptive } = inlet.plan;
      inlet.grant(isAdaptive ? Math.min(window, ahead) : window);
    }
    for (const outlet of this.#outlets.values()) outlet.flushNumbers(false);
  }

  /** Takes back what the present step has emitted. */
  undo(): void {
    let count = 0;
    for (const outlet of this.#outlets.values()) count += outlet.undo();
    this.#tally.undoStep(count);
  }

  /** What is emitted from now on is made of a chunk of an ordered stage. */
  beginChunk(chunk: number): void {
    for (const outlet of this.#outlets.values()) outlet.beginChunk(chunk);
  }

  endChunk(): void {
    for (const outlet of this.#outlets.values()) outlet.endChunk();
  }
}
