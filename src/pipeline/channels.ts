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
  /** By link. */
  readonly #orders = new Map<number, Reorder>();
  readonly #awaitingRoom: { readonly go: () => void; readonly fail: (reason: unknown) => void }[] = [];
  /** Why nobody is to wait for room. */
  #givenUp: { readonly reason: unknown } | undefined;
  readonly #shutting = new Map<Outlet, () => void>();

  constructor(self: StageSelf, details: StageDetails, setup: StageSetup, tally: Tally, ports: ChannelPorts) {
    this.#self = self;
    this.#details = details;
    this.#setup = setup;
    this.#tally = tally;
    this.#ports = ports;
    if (setup.role === 'split') this.splitter = new Splitter(setup.dispatch, setup.isOrdered, details.key);
    const make = (): PortWriter => new PortWriter(tally, { room: () => this.#awaitRoom(), again: () => ports.again() });
    this.writers = new Writers(details.outs, details.isOutNamed, setup.outputs, make);
  }

  // ---- what comes and goes ----------------------------------------------------------------------------------------

  /** @param isOver the stage has ended, which those that are connected to it do not know */
  open(inlets: readonly InletPlan[], outlets: readonly OutletPlan[], isOver: boolean): void {
    this.#givenUp = undefined;
    if (inlets.length > 0) this.#forgetDone();
    for (const plan of inlets) {
      this.#inlets.set(plan.channel, new Inlet(plan, this.peer(plan.source)));
      if (!this.#orders.has(plan.link)) this.#orders.set(plan.link, new Reorder());
    }
    for (const plan of outlets) {
      const outlet = this.#openOutlet(plan);
      if (isOver) this.#endOutlet(outlet);
    }
    this.splitter?.lead([...this.#outlets.values()]);
  }

  /** Inlets of which nothing will come any more. */
  #forgetDone(): void {
    for (const [channel, { isDone, plan }] of this.#inlets) {
      if (!isDone) continue;
      this.#inlets.delete(channel);
      if ([...this.#inlets.values()].every((other) => other.plan.link !== plan.link)) this.#orders.delete(plan.link);
    }
  }

  /** Another actor of the pipeline, as far as all of them are alike. */
  peer(ref: OutletPlan['target']): StageRef {
    return this.#self.typed(plainWire(), ref) as unknown as StageRef;
  }

  #openOutlet(plan: OutletPlan): Outlet {
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
    const held = [...this.#outlets.values()].find(
      (other) => other.isHeld && other.plan.port === plan.port && other.plan.output === plan.output,
    );
    this.#outlets.set(plan.channel, outlet);
    if (this.splitter !== undefined) return outlet;
    this.writers.connect(outlet);
    if (held !== undefined) {
      this.#outlets.delete(held.plan.channel);
      outlet.adopt(held);
    }
    return outlet;
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

  /**
   * Takes outlets away, when all that waits there has been sent; then `done` is called. What is emitted then waits for
   * another outlet, or is discarded.
   */
  shut(held: readonly number[], discarded: readonly number[], done: () => void): void {
    const count = held.length + discarded.length;
    let left = count;
    const tell = (): void => {
      if (--left === 0) done();
    };
    for (const channel of held) {
      const outlet = this.#outlets.get(channel)!;
      this.#shutting.set(outlet, () => {
        outlet.hold();
        tell();
      });
    }
    for (const channel of discarded) {
      const outlet = this.#outlets.get(channel)!;
      this.#shutting.set(outlet, () => {
        this.#outlets.delete(channel);
        this.writers.disconnect(outlet);
        tell();
      });
    }
  }

  /** Takes away those outlets that are to go and have nothing left. */
  finishShutting(): void {
    for (const [outlet, finish] of this.#shutting) {
      if (outlet.queued > 0 && !outlet.isClosed) continue;
      this.#shutting.delete(outlet);
      this.#endOutlet(outlet);
      finish();
    }
  }

  /** All are gone, and what waits by them. */
  clear(): void {
    this.#inlets.clear();
    this.#outlets.clear();
    this.#orders.clear();
    this.#shutting.clear();
    this.arrivals.length = 0;
    this.writers.disconnectAll();
    this.splitter?.lead([]);
  }

  /** Forgets what has arrived. Returns how many items were not taken. */
  discard(): number {
    const { waiting } = this;
    for (const inlet of this.#inlets.values()) inlet.waiting = 0;
    this.arrivals.length = 0;
    return waiting;
  }

  /** Tells all neighbours that there will be nothing more to say. */
  end(): void {
    for (const outlet of this.#outlets.values()) this.#endOutlet(outlet);
    for (const inlet of this.#inlets.values()) {
      if (!inlet.isEnded) inlet.source.closed({ channel: inlet.plan.channel });
    }
  }

  #endOutlet(outlet: Outlet): void {
    const { target, channel } = outlet.plan;
    outlet.flushNumbers(true);
    if (!outlet.isClosed) this.peer(target).ended({ channel });
  }

  // ---- what neighbours tell ---------------------------------------------------------------------------------------

  /** A frame has come. False: by a channel that is no more, or nobody wants it because the stage is over. */
  arrive(frame: Frame, isOver: boolean): boolean {
    const inlet = this.#inlets.get(frame.channel);
    if (inlet === undefined) return false;
    if (isOver) {
      this.#tally.unwanted(frame.items.length);
      inlet.source.closed({ channel: frame.channel });
      return false;
    }
    const missed = inlet.arrive(frame);
    if (missed > 0) this.#tally.row?.add(MISSED, missed);
    // The instances of an ordered stage get chunks here and there; whoever is behind all of them puts these in order.
    const isAlone = frame.chunk < 0 && frame.items.length > 0;
    if (isAlone || inlet.plan.isAdaptive) this.arrivals.push({ inlet, frame });
    else this.#orders.get(inlet.plan.link)!.take({ inlet, frame }, (arrival) => this.arrivals.push(arrival));
    return true;
  }

  credit(channel: number, taken: number, window: number): void {
    this.#outlets.get(channel)?.grant(taken, window);
  }

  ended(channel: number): void {
    const inlet = this.#inlets.get(channel);
    if (inlet === undefined) return;
    inlet.isEnded = true;
    const { link } = inlet.plan;
    for (const { plan, isEnded } of this.#inlets.values()) if (plan.link === link && !isEnded) return;
    // What an instance has not done that has ended before others will not come.
    this.#orders.get(link)!.releaseAll((arrival) => this.arrivals.push(arrival));
  }

  /**
   * Whoever is there wants no more; it hears what the last frame was that it will get. Returns whether nobody is left who
   * wants anything, or whether a stage that is split has lost an instance.
   */
  closed(channel: number): boolean {
    const outlet = this.#outlets.get(channel);
    if (outlet === undefined) return false;
    this.#endOutlet(outlet);
    outlet.isClosed = true;
    outlet.flush();
    return this.splitter !== undefined || [...this.#outlets.values()].every(({ isClosed }) => isClosed);
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

  /** Whether all neighbours before it have said that they have ended. */
  get isLeft(): boolean {
    for (const { isEnded } of this.#inlets.values()) if (!isEnded) return false;
    return true;
  }

  /** Whether nothing more can arrive; of a source there is nothing that could. */
  get isEnded(): boolean {
    return this.isLeft && this.#inlets.size > 0;
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
    // Whoever emits more than there is room for cannot have it taken back.
    this.#tally.isHolding = false;
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
    this.finishShutting();
    const ahead = Math.max(WINDOW_MIN, Math.ceil(itemsPerMs * AHEAD_MS));
    for (const inlet of this.#inlets.values()) {
      const { window, isAdaptive } = inlet.plan;
      inlet.grant(isAdaptive ? Math.min(window, ahead) : window);
    }
    for (const outlet of this.#outlets.values()) outlet.flushNumbers(false);
  }

  /** What the present step emits stays, because it may fail after others have run. */
  holdStep(): void {
    this.#tally.isHolding = true;
    for (const outlet of this.#outlets.values()) outlet.splitAtStep();
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
