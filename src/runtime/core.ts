/**
 * The runtime of one thread. It knows no threads, no event loop and no clock of its own: a driver calls `step` as long
 * as there is something to do, and everything else comes in through ports. So the same core runs on a worker, on the
 * host, alone, or many of them on one thread in a test.
 *
 * ```
 *   step:   rings --> Dispatcher --> handlers --> links, mailboxes
 *                       ^                            |
 *                       +------- run queue <---------+        then everything that was sent is published
 * ```
 */
import type { BoundMessage } from '../actor/behavior.js';
import { bindRef } from '../actor/bound-refs.js';
import { type Cell, ENDED, HELD, isRefusing, NOTICED, QUEUED, RUNNING, SCHEDULED, SUSPENDED } from '../actor/cell.js';
import { type AnyDefinition, detailsOf } from '../actor/definition.js';
import type { Ended, Watcher } from '../actor/family.js';
import type { Kernel } from '../actor/kernel.js';
import { type LabelRange, Labels, NO_LABEL } from '../actor/labels.js';
import { Request, tagMessage, untag } from '../actor/mailbox.js';
import { type AnyRef, type CallOptions, isRef, REF } from '../actor/ref.js';
import { KERNEL, LINK } from '../actor/ref-classes.js';
import type { Reply, SpawnOptions, StopOptions } from '../actor/self.js';
import type { Clock } from '../base/clock.js';
import { debug } from '../base/debug.js';
import { describe } from '../base/describe.js';
import { ActorStopped, InvalidMessage, MailboxFull, SystemStopped, withoutStack } from '../base/errors.js';
import { CLOCK_STRIDE, TURN_MS } from '../base/limits.js';
import type { DeadReason } from '../mesh/books.js';
import { CLEARED, HALTED } from '../mesh/layout.js';
import { isRequest, type Link, threadOf } from '../mesh/link.js';
import { Mesh } from '../mesh/mesh.js';
import {
  CALL,
  CALL_AT,
  CALL_REQUEST,
  CAST_AT,
  COMMAND,
  DEADLINE,
  FAILURE,
  GENERATION,
  REPLY,
  REPLY_AT,
  REPLY_CALL,
  SLOT,
} from '../mesh/records.js';
import { packError } from '../messages/envelope.js';
import { NO_ROOM } from '../messages/memory.js';
import type { SharedTable } from '../messages/shares.js';
import { ActorTable } from './actor-table.js';
import { Alarms } from './alarms.js';
import { Arrivals } from './arrivals.js';
import { type BirthPorts, Births } from './births.js';
import { checkCall, limitCall } from './call-limits.js';
import { Calls } from './calls.js';
import { askerOf, Commands } from './commands.js';
import { callTimeoutTopic } from './diagnostics.js';
import { Dispatcher } from './dispatcher.js';
import { Families } from './families.js';
import { Forwards } from './forwards.js';
import { fillingMark, Life } from './life.js';
import { Names } from './names.js';
import { checkTimeout, type RuntimeOptions } from './options.js';
import { Pipes } from './pipes.js';
import { Refs } from './refs.js';
import { Reports, type Witness } from './reports.js';
import { Rooms } from './rooms.js';
import { RunQueue } from './run-queue.js';
import { messageOf } from './sends.js';
import { Spawns } from './spawns.js';
import { Timers } from './timers.js';
import { Traces } from './traces.js';
import { ALIAS, BARRIER, DRAIN, KILL, STOP, UNALIAS } from './verbs.js';

export interface CoreSetup {
  readonly buffer: SharedArrayBuffer;
  readonly thread: number;
  readonly workers: number;
  readonly ringBytes: number;
  /** How often each thread has been replaced so far, this one too. */
  readonly epochs: readonly number[];
  readonly options: RuntimeOptions;
  readonly clock: Clock;
  readonly births: BirthPorts;
  /** Whether a send may wait a little for room; see `Link`. */
  readonly waitsForRoom: boolean;
  /** Sees what becomes of actors and messages here, in tests. */
  readonly witness: Witness | undefined;
  /** The thread for a new actor. @throws InvalidOptions */
  readonly place: (place: SpawnOptions['place']) => number;
  readonly shares: SharedTable;
  /** 0 <= result < 1. */
  readonly random: () => number;
  /** Tells the control thread what labels mean that this thread may write from now on. */
  readonly tellLabels: (range: LabelRange) => void;
}

/** What a core asks of whoever drives it. */
export interface Driver {
  /** There is something to do; call `step` soon. Called at any time outside of `step`. */
  wake(): void;
  /** Something was sent, or a timer set, outside of a turn; call `flush` once the code that is running has ended. */
  flushSoon(): void;
}

const IDLE: Driver = { wake: () => undefined, flushSoon: () => undefined };
/** Phases of a shutdown. */
export const HALT_ACTORS = 1;
export const HALT_HANDLERS = 2;
export const HALT_ALL = 3;

/** What an actor may be and still take messages as a matter of course. */
const BUSY = QUEUED | SCHEDULED | RUNNING | SUSPENDED;
const NO_CALL = -1;
const NO_KEY = -1;
/** How far a handler may go over before the clock is looked at more often, in ms. */
const SLOW_MS = 0.02;
const MEDIUM_MS = 0.001;
const MEDIUM_STRIDE = 4;
/** A deadline that is further away than this has not passed since the clock was last looked at. */
const NEAR_MS = 1000;

export class Core implements Kernel {
  readonly mesh: Mesh;
  readonly options: RuntimeOptions;
  readonly clock: Clock;
  readonly random: () => number;
  readonly table: ActorTable;
  readonly runQueue = new RunQueue();
  readonly calls: Calls;
  readonly alarms: Alarms;
  readonly timers: Timers;
  readonly forwards = new Forwards(this);
  readonly pipes = new Pipes(this);
  readonly refs: Refs;
  readonly shares: SharedTable;
  readonly reports: Reports;
  /** None unless the system asks for them. */
  readonly traces: Traces | undefined;
  readonly rooms = new Rooms();
  readonly labels: Labels;
  readonly births: Births;
  readonly spawns: Spawns;
  readonly life: Life;
  readonly families: Families;
  readonly names: Names;
  readonly commands: Commands;
  readonly arrivals: Arrivals;
  readonly dispatcher: Dispatcher;
  driver: Driver = IDLE;

  /** Promises were settled, or handlers are async: microtasks have something to do. */
  microtasks = false;
  /** The event loop has waited long enough. */
  turnDue = false;
  /** The actor that runs is to handle no more messages: a turn of the event loop is due, or other actors have theirs. */
  givesWay = false;
  /** The system ends; no handler runs any more. */
  halted = false;
  /** Set when the system takes no more messages from its users. */
  closed = false;

  /** The clock as it was last looked at. */
  #time: number;
  #lastTurn: number;
  #stride = CLOCK_STRIDE;
  /** Handlers that had run when the clock was last looked at. */
  #ticked = 0;
  /** Whether there was a time with nothing to do since then. */
  #idled = false;
  /** Handlers that had run when the clock was last looked at, or when there was nothing to do. */
  #fresh = 0;
  #onEnd: () => void = () => undefined;
  readonly #floats: Float64Array;
  readonly #queued: number;
  readonly #words: Int32Array;
  readonly #labelWord: number;
  readonly #heartbeatWord: number;

  constructor(setup: CoreSetup) {
    this.options = setup.options;
    this.clock = setup.clock;
    this.random = setup.random;
    this.#time = setup.clock.now();
    this.#lastTurn = this.#time;
    this.timers = new Timers(this);
    this.calls = new Calls({
      now: () => setup.clock.now(),
      lateSpawn: (ref, timeoutMs) => this.spawns.late(ref, timeoutMs),
      timedOut: (to, message, timeoutMs, error) => {
        debug('thread %d: %s', this.thread, error.message);
        if (!callTimeoutTopic.wanted) return;
        callTimeoutTopic.publish({ thread: this.thread, to, call: message?.where, timeoutMs, error });
      },
    });
    this.alarms = new Alarms(() => setup.clock.now());
    this.refs = new Refs(this);
    this.shares = setup.shares;
    this.mesh = new Mesh({
      workers: setup.workers,
      ringBytes: setup.ringBytes,
      buffer: setup.buffer,
      thread: setup.thread,
      outboxBytes: setup.options.outboxBytes,
      waitsForRoom: setup.waitsForRoom,
      clock: setup.clock,
      refs: this.refs,
      shares: this.shares,
      epochs: setup.epochs,
      flushSoon: () => this.driver.flushSoon(),
      dateCalls: () => this.calls.dateAll(this.mesh.tools.memory.i32),
      storeOnly: (store) => {
        this.dispatcher.openGate = store ? NO_CALL : 0;
      },
    });
    this.#floats = this.mesh.books.floats;
    this.#queued = this.mesh.books.at('queued');
    const { layout } = this.mesh;
    this.#words = this.mesh.tools.memory.i32;
    this.#labelWord = layout.runningWord(setup.thread) + 1;
    this.#heartbeatWord = layout.heartbeatWord(setup.thread);
    this.labels = new Labels(setup.tellLabels);
    this.table = new ActorTable(setup.thread, setup.epochs);
    const nameless = (thread: number, slot: number, generation: number): AnyRef =>
      this.refs.nameless(thread, slot, generation);
    this.reports = new Reports(this.mesh, nameless, setup.witness);
    this.traces = setup.options.traceContext ? new Traces(setup.thread, this.mesh.links) : undefined;
    this.births = new Births(this, setup.births, setup.epochs);
    this.spawns = new Spawns(this, setup.place);
    this.life = new Life(this);
    this.families = new Families(this);
    this.names = new Names(this, setup.epochs[setup.thread]!);
    this.commands = new Commands(this);
    this.arrivals = new Arrivals(this);
    this.dispatcher = new Dispatcher(this);
    this.mesh.deliverTo(this.dispatcher);
  }

  get thread(): number {
    return this.mesh.thread;
  }

  get strict(): boolean {
    return this.options.strict;
  }

  get mailboxLimit(): number {
    return this.options.mailboxLimit;
  }

  // ---- driving ----------------------------------------------------------------------------------------------------

  /** Does what there is to do, for a while. Returns how much it was; 0: nothing. */
  step(): number {
    const { mesh } = this;
    mesh.inTurn = true;
    const arrived = mesh.poll();
    // One test leads out of the loop that finds nothing: after many such looks every branch that goes the other way
    // is predicted wrongly, and a message that has just arrived pays for each.
    if (arrived === 0 && this.runQueue.length === 0) {
      mesh.inTurn = false;
      return this.#stepIdle();
    }
    const ran = this.runQueue.length > 0 && !this.halted ? this.dispatcher.runActors() : 0;
    // No handler is on the stack any more.
    this.#words[this.#labelWord] = NO_LABEL;
    mesh.flush();
    mesh.inTurn = false;
    return arrived + ran + this.#checkRooms();
  }

  #stepIdle(): number {
    this.#fresh = this.dispatcher.runs;
    this.#idled = true;
    if (this.mesh.isDirty) this.mesh.flush();
    return this.#checkRooms();
  }

  #checkRooms(): number {
    if (this.rooms.count === 0) return 0;
    const count = this.rooms.check();
    if (count > 0) this.microtasks = true;
    return count;
  }

  /**
   * The last look before a sleep, with the bell armed: whether `step` would find something to do. Asks the peers to ring
   * when there is room for what waits; after arming, because the wish is spent by the first room that is made.
   */
  mustStayAwake(): boolean {
    this.mesh.wantRoom();
    if (this.rooms.count > 0) this.rooms.wantRoom();
    return this.hasWork();
  }

  /** Whether `step` would find something to do. Looks at every ring. */
  hasWork(): boolean {
    if (this.runQueue.length > 0 && !this.halted) return true;
    return this.mesh.hasNews() || this.mesh.canPump() || (this.rooms.count > 0 && this.rooms.check() > 0);
  }

  /** Whether anything waits until a peer makes room. */
  get waitsForRoom(): boolean {
    return this.rooms.count > 0 || this.mesh.isDirty;
  }

  /** Before a sleep: publishes everything, and gives back slots and room. */
  prepareSleep(): void {
    this.births.slots.flush();
    this.mesh.flush();
    this.mesh.releaseAll();
  }

  flush(): void {
    this.mesh.flush();
  }

  wake(): void {
    if (!this.mesh.inTurn) this.driver.wake();
  }

  /** Looks at the clock: timers, deadlines, the event loop's turn. Called by the driver, and between handlers. */
  tick(): number {
    const now = this.#look();
    // Not while a handler is about to run: a timer may give its actor a message, or end it.
    this.timers.expire(now);
    this.alarms.expire(now);
    return now;
  }

  #look(): number {
    const now = this.clock.now();
    this.beat();
    const { runs } = this.dispatcher;
    const handled = (runs - this.#ticked) | 0;
    // Time in which nothing arrived says nothing about handlers.
    if (handled > 0 && !this.#idled) {
      const each = (now - this.#time) / handled;
      if (each > SLOW_MS) this.#stride = 1;
      else this.#stride = each > MEDIUM_MS ? MEDIUM_STRIDE : CLOCK_STRIDE;
      // What was sent must not wait for handlers that take their time.
      if (now - this.#time > SLOW_MS) this.mesh.flush();
    }
    this.#idled = false;
    this.#time = now;
    this.#ticked = runs;
    this.#fresh = runs;
    if (now - this.#lastTurn >= TURN_MS) {
      this.turnDue = true;
      this.givesWay = true;
    }
    this.calls.expire(now);
    return now;
  }

  /** Milliseconds until there is something to do by the clock. */
  delay(now: number): number {
    return Math.min(this.calls.delay(now), this.alarms.delay(now), this.timers.delay(now));
  }

  /** Shows observers that this thread goes on. */
  beat(): void {
    this.#words[this.#heartbeatWord]!++;
  }

  /** The event loop has had its turn. Looks at the clock. */
  turned(): number {
    this.#lastTurn = this.tick();
    this.turnDue = false;
    this.givesWay = false;
    return this.#lastTurn;
  }

  /** The actor that runs has had its turn: others are to run before its next message is handled. */
  yield(): void {
    this.givesWay = true;
  }

  /** Between handlers, now and then. Returns how many may run before the next look at the clock. */
  clockLook(): number {
    this.tick();
    if (this.turnDue) this.mesh.interrupt();
    return this.#stride;
  }

  /**
   * Whether a deadline has passed, by the clock as it was last looked at, a few handlers ago; where that says that it is
   * near, the clock is asked.
   */
  isPast(deadline: number): boolean {
    if (deadline === 0 || ((deadline - Math.floor(this.#time)) | 0) > NEAR_MS) return false;
    if (this.#fresh !== this.dispatcher.runs) this.#look();
    return ((deadline - Math.floor(this.#time)) | 0) < 0;
  }

  // ---- messages from here -----------------------------------------------------------------------------------------

  /** Takes messages from handlers only, from now on: those that are under way are to end well. */
  close(): void {
    this.closed = true;
    this.mesh.guard();
  }

  checkOpen(): void {
    if (this.halted || (this.closed && !this.mesh.inTurn)) {
      throw withoutStack(() => new SystemStopped('the system has been shut down, or is about to be'));
    }
  }

  enqueue(cell: Cell, type: number, message: unknown): void {
    if (cell.gate === 0 && !this.closed) {
      cell.firstType = type;
      cell.first = message;
      cell.gate = QUEUED | SCHEDULED;
      this.runQueue.push(cell);
      this.#countQueued();
      if (!this.mesh.inTurn) this.driver.wake();
    } else if ((cell.gate & ~BUSY) === 0 && cell.waiting < cell.behavior.mailboxLimit && !this.closed) {
      cell.push(type, message);
      this.#countQueued();
      if ((cell.gate & (SCHEDULED | SUSPENDED)) === 0) this.schedule(cell);
      if (!this.mesh.inTurn) this.driver.wake();
    } else this.#enqueueSlowly(cell, cell.behavior.messages[type]!, message);
  }

  #countQueued(): void {
    this.#floats[this.#queued]!++;
  }

  #enqueueSlowly(cell: Cell, message: BoundMessage, waiting: unknown): void {
    this.checkOpen();
    if (cell.rare?.heir !== undefined) {
      this.enqueue(cell.present, message.index, waiting);
      return;
    }
    if (!isRefusing(cell.gate) && cell.behavior.mailboxPolicy === 'refuse' && this.#isFull(cell)) {
      this.mesh.books.add('refused', 1);
      throw withoutStack(
        () =>
          new MailboxFull(
            `the mailbox of ${cell.behavior.details.name} is full; await room(ref) before you send more`,
            { limit: cell.behavior.mailboxLimit },
            { refused: waiting instanceof Request ? waiting.message : waiting },
          ),
      );
    }
    this.#countQueued();
    this.admit(cell, message, waiting, this.thread);
    if (!this.mesh.inTurn) this.driver.wake();
  }

  #isFull(cell: Cell): boolean {
    return cell.waiting >= cell.behavior.mailboxLimit;
  }

  enqueueCall(cell: Cell, type: number, message: unknown, call: number): void {
    this.enqueue(cell, type, new Request(message, this.thread, call, this.calls.date(call)));
  }

  /** An accepted message: into the mailbox, or among the dead letters. */
  admit(cell: Cell, message: BoundMessage, waiting: unknown, origin: number): void {
    if (isRefusing(cell.gate)) {
      this.#reject(cell, message, waiting, 'actor-stopped');
      return;
    }
    if (this.#isFull(cell) && !this.halted && !this.#makeRoom(cell, message, waiting, origin)) return;
    const isLocal = origin === this.thread;
    cell.push(isLocal ? message.index : tagMessage(message.index, threadOf(origin)), waiting);
    if (!isLocal && cell.waiting >= fillingMark(cell)) this.#tellFilling(cell, origin, false);
    if ((cell.gate & (SCHEDULED | HELD)) === 0) this.schedule(cell);
  }

  /** Applies the policy of a full mailbox. Returns whether the new message may still go in. */
  #makeRoom(cell: Cell, message: BoundMessage, waiting: unknown, origin: number): boolean {
    switch (cell.behavior.mailboxPolicy) {
      case 'drop-oldest': {
        const oldest = cell.behavior.messages[untag(cell.oldestType)]!;
        this.#reject(cell, oldest, cell.shift(), 'dropped');
        return true;
      }
      case 'drop-newest':
        this.#reject(cell, message, waiting, 'dropped');
        return false;
      default:
        this.#reject(cell, message, waiting, 'mailbox-full');
        this.#tellFilling(cell, origin, true);
        return false;
    }
  }

  /** Senders elsewhere see the mailbox only by what they are told; they have much under way when it fills. */
  #tellFilling(cell: Cell, origin: number, full: boolean): void {
    const rare = cell.demandRare();
    const thread = threadOf(origin);
    rare.toldFilling ??= new Set();
    rare.toldFilling.add(thread);
    this.mesh.inbounds[thread]?.tellFilling(cell.slot, full);
  }

  #reject(cell: Cell, message: BoundMessage, waiting: unknown, reason: DeadReason): void {
    const request = waiting instanceof Request && message.isCall ? waiting : undefined;
    this.dead(reason, cell, message, request === undefined ? waiting : request.message);
    if (request === undefined) return;
    const { details, mailboxLimit } = cell.behavior;
    const error =
      reason === 'actor-stopped'
        ? this.life.endOf(cell)
        : withoutStack(() => new MailboxFull(`the mailbox of ${details.name} is full`, { limit: mailboxLimit }));
    this.failCall(request.origin, request.call, error);
  }

  /** The actor has something to do. */
  schedule(cell: Cell): void {
    cell.gate |= SCHEDULED;
    this.runQueue.push(cell);
  }

  /** After something about an actor has changed: goes on with its mailbox, or ends it. */
  settleGate(cell: Cell): void {
    if (this.life.settle(cell)) return;
    if (cell.rare !== undefined) this.life.mailboxDrained(cell);
    const { gate } = cell;
    if ((gate & (QUEUED | NOTICED)) !== 0 && (gate & (SCHEDULED | RUNNING | HELD)) === 0) this.schedule(cell);
  }

  transmitCast(ref: AnyRef, message: BoundMessage, value: unknown): void {
    this.checkOpen();
    this.#transmitRequest(ref, message, value, CAST_AT, () => undefined);
  }

  transmitCall(ref: AnyRef, message: BoundMessage, value: unknown, call: number): void {
    this.checkOpen();
    const deadline = this.calls.date(call);
    this.#transmitRequest(ref, message, value, CALL_AT, (words, word) => {
      words[word + CALL] = call;
      words[word + DEADLINE] = deadline;
    });
  }

  /** @param writeHead writes what stands between the address and the message, into the record that begins at `word` */
  #transmitRequest(
    ref: AnyRef,
    message: BoundMessage,
    value: unknown,
    bodyAt: number,
    writeHead: (words: Int32Array, word: number) => void,
  ): void {
    const link = (ref as unknown as { [LINK]: Link })[LINK];
    const { slot, generation } = ref[REF];
    try {
      link.transmit({
        type: message.type,
        key: slot,
        reserved: false,
        message: value,
        write: (tools, at, end) => {
          const { i32 } = tools.memory;
          const word = at >> 2;
          i32[word + SLOT] = slot;
          i32[word + GENERATION] = generation;
          writeHead(i32, word);
          return message.codecs(tools).request.encode(value, at + bodyAt, end);
        },
      });
    } catch (error) {
      if (error instanceof MailboxFull) this.mesh.books.add('refused', 1);
      throw error;
    }
    link.countSent(1);
  }

  // ---- calls ------------------------------------------------------------------------------------------------------

  get openedCall(): number {
    return this.calls.openedCall;
  }

  dateCall(call: number): number {
    return this.calls.date(call);
  }

  dateCallLater(call: number, word: number): void {
    this.calls.dateLater(call, word);
    this.mesh.undated = true;
  }

  openCall(thread: number, message: BoundMessage, options: CallOptions | undefined): Promise<unknown> {
    if (options !== undefined) checkCall(options, message.where);
    const timeoutMs = checkTimeout('timeoutMs', options?.timeoutMs, this.options.callTimeoutMs);
    const signal = options?.signal;
    if (signal?.aborted) throw signal.reason;
    const promise = this.calls.open(thread, message, timeoutMs, signal);
    this.traces?.opened(thread, this.calls.openedCall);
    return promise;
  }

  refuseCall(error: unknown, promise: Promise<unknown> | undefined, call: number | undefined): Promise<unknown> {
    if (promise === undefined || call === undefined) return Promise.reject(error);
    const pending = this.calls.take(call);
    if (pending !== undefined) {
      this.traces?.refused(pending.thread, call);
      pending.reject(error);
    }
    return promise;
  }

  /** The reply to a call: to its caller, wherever that is. @throws InvalidMessage */
  answer(origin: number, call: number, message: BoundMessage, value: unknown): void {
    if (origin !== this.thread) {
      const link = this.#linkTo(origin);
      // Whoever called died with its thread: nobody waits.
      if (link !== undefined) message.methods.reply(link, call, value);
      return;
    }
    const taken = message.takeReply(value);
    const pending = this.calls.take(call);
    this.mesh.books.add(pending === undefined ? 'repliesLate' : 'repliesReceived', 1);
    pending?.resolve(taken);
    this.microtasks = true;
  }

  /** The way to a thread in this life of it; none if it has died since. */
  #linkTo(origin: number): Link | undefined {
    const link = this.mesh.links[threadOf(origin)];
    return link?.origin === origin ? link : undefined;
  }

  transmitReply(link: Link, message: BoundMessage, call: number, value: unknown): void {
    const taken = link.transmit({
      type: REPLY,
      key: NO_KEY - 1 - call,
      reserved: true,
      message: value,
      write: (tools, at, end) => {
        const { i32 } = tools.memory;
        i32[(at >> 2) + REPLY_CALL] = call;
        i32[(at >> 2) + REPLY_CALL + 1] = 0;
        return message.codecs(tools).reply!.encode(value, at + REPLY_AT, end);
      },
    });
    if (taken) link.countReplies(1);
  }

  failCall(origin: number, call: number, error: Error): void {
    this.traces?.take(origin, call);
    if (origin === this.thread) {
      this.calls.take(call)?.reject(error);
      this.microtasks = true;
    } else this.#sendGeneral(origin, FAILURE, call, packError(error));
  }

  /** A reply of this runtime itself, to another or to its own. */
  settleRequest(origin: number, call: number, value: unknown): void {
    if (origin === this.thread) {
      const pending = this.calls.take(call);
      pending?.resolve(pending.ref ?? value);
      this.microtasks = true;
    } else this.#sendGeneral(origin, REPLY, call, value);
  }

  /** Tells somebody that an actor has ended; what that has sent to whoever is told comes first. */
  sendEnded({ origin, call, key }: Watcher, ended: Ended): void {
    this.mesh.books.add('notices', 1);
    if (origin === this.thread) {
      this.settleRequest(origin, call, ended);
      return;
    }
    const { reason, detail, error } = ended;
    const told = error === undefined ? { reason, detail } : { reason, detail, error: packError(error) };
    this.#sendGeneral(origin, REPLY, call, told, key);
  }

  #sendGeneral(origin: number, type: number, call: number, value: unknown, key = NO_KEY - 1 - call): void {
    const link = this.#linkTo(origin);
    const taken = link?.transmit({
      type,
      key,
      reserved: true,
      message: undefined,
      write: ({ memory: { i32 }, general }, at, end) => {
        if (at + REPLY_AT > end) return NO_ROOM;
        i32[(at >> 2) + REPLY_CALL] = call;
        i32[(at >> 2) + REPLY_CALL + 1] = 0;
        return general.write(value, at + REPLY_AT, end);
      },
    });
    if (taken === true) link!.countReplies(1);
  }

  // ---- dead letters -----------------------------------------------------------------------------------------------

  dead(reason: DeadReason, cell: Cell, message: BoundMessage | undefined, value: unknown): void {
    this.reports.letter(reason, cell.behavior.details.name, message?.plan.name, value);
  }

  /** A record whose address is of no actor, dead or never born. */
  refuseStranger(origin: number, type: number, words: Int32Array, at: number): void {
    const word = at >> 2;
    const slot = words[word + SLOT]!;
    const generation = words[word + GENERATION]!;
    if (type === COMMAND) {
      const asker = askerOf(origin, words, at);
      if (asker.call !== NO_CALL) this.sendEnded(asker, this.births.endOf(slot, generation));
      return;
    }
    const { reason, error } = this.births.absenceOf(slot, generation);
    this.reports.letter(reason, undefined, undefined, undefined);
    if (type >= CALL_REQUEST) this.failCall(origin, words[word + CALL]!, error);
  }

  // ---- the life of actors -----------------------------------------------------------------------------------------

  spawn(definition: AnyDefinition, args?: unknown, options?: SpawnOptions, parent?: Cell): Promise<AnyRef> {
    try {
      return this.spawns.spawn(definition, args, options, parent);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  spawnNow(definition: AnyDefinition, args?: unknown, options?: SpawnOptions, parent?: Cell): AnyRef {
    return this.spawns.spawnNow(definition, args, options, parent);
  }

  stop(ref: AnyRef, options?: StopOptions): Promise<Ended> {
    return this.commands.end(ref, STOP, 'stopped', options);
  }

  kill(ref: AnyRef, options?: StopOptions): Promise<Ended> {
    return this.commands.end(ref, KILL, 'killed', options);
  }

  drain(ref: AnyRef, options?: StopOptions): Promise<Ended> {
    return this.commands.end(ref, DRAIN, 'drained', options);
  }

  stopped(ref: AnyRef): Promise<Ended> {
    return this.commands.stopped(ref);
  }

  async flushTo(ref: AnyRef): Promise<void> {
    this.checkRef(ref);
    this.checkOpen();
    const ended = (await this.commands.ask(ref, { verb: BARRIER, inOrder: true })) as Ended | undefined;
    if (ended !== undefined) throw ended.error ?? this.births.absenceOf(ref[REF].slot, ref[REF].generation).error;
  }

  whereIs(definition: AnyDefinition | string, name?: string): AnyRef | undefined {
    if (typeof definition === 'string') return this.names.whereIs(undefined, definition);
    return this.names.whereIs(definition, name as string);
  }

  namesInUse(): string[] {
    return this.names.list();
  }

  async alias(ref: AnyRef, name: string): Promise<void> {
    await this.commands.rename(ref, ALIAS, name);
  }

  async unalias(ref: AnyRef, name: string): Promise<boolean> {
    return (await this.commands.rename(ref, UNALIAS, name)) as boolean;
  }

  typed(definition: AnyDefinition, ref: AnyRef): AnyRef {
    this.checkRef(ref);
    const { thread, slot, generation } = ref[REF];
    return this.refs.typed(this.births.behaviorOf(detailsOf(definition)), thread, slot, generation);
  }

  /** @throws InvalidMessage something that is no ref, or belongs to another system */
  checkRef(ref: AnyRef): void {
    if (!isRef(ref)) throw new InvalidMessage(`expected a ref, got ${describe(ref)}`);
    if ((ref as { [KERNEL]?: unknown })[KERNEL] !== this) {
      throw new InvalidMessage(`${describe(ref)} of another system; a system knows its own actors only`);
    }
  }

  room(ref: AnyRef): Promise<void> {
    try {
      this.checkRef(ref);
      this.checkOpen();
    } catch (error) {
      return Promise.reject(error);
    }
    const { slot } = ref[REF];
    const link = (ref as { [LINK]?: Link })[LINK];
    // Whoever asked goes on in a microtask.
    this.microtasks = true;
    if (link !== undefined) return this.rooms.onLink(link, slot);
    return this.rooms.onMailbox(this.refs.cellOf(ref)!);
  }

  callAll(
    refs: readonly AnyRef[],
    name: string,
    message: unknown,
    options?: CallOptions,
  ): Promise<PromiseSettledResult<unknown>[]> {
    if (!Array.isArray(refs)) {
      return Promise.reject(new InvalidMessage(`callAll: expected an array of refs, got ${describe(refs)}`));
    }
    return Promise.allSettled(
      refs.map(async (ref: AnyRef) => messageOf(this, 'callAll', ref, 'call', name)(message, options)),
    );
  }

  refOf(cell: Cell): AnyRef {
    return new cell.behavior.refs.Local(cell);
  }

  bind(cell: Cell, ref: AnyRef): AnyRef {
    this.checkRef(ref);
    return bindRef(ref, cell, this.dispatcher.deadlineOf(cell));
  }

  limitCall(cell: Cell, where: string, options: CallOptions | undefined, deadline: number): CallOptions {
    return limitCall(this, where, options, deadline, this.signalOf(cell));
  }

  replyOf(cell: Cell): Reply<unknown> {
    return this.dispatcher.takeReply(cell);
  }

  signalOf(cell: Cell): AbortSignal {
    const rare = cell.demandRare();
    rare.abort ??= new AbortController();
    if ((cell.gate & ENDED) !== 0) rare.abort.abort(new ActorStopped(`${cell.behavior.details.name} has ended`));
    return rare.abort.signal;
  }

  /** Resolves when this thread next learns that another has died, or is out of reach. */
  threadLost(thread: number): Promise<unknown> {
    return this.calls.open(thread, undefined, Number.POSITIVE_INFINITY, undefined);
  }

  // ---- the end ----------------------------------------------------------------------------------------------------

  /** Is told when the last phase of a shutdown begins. */
  onEnd(listener: () => void): void {
    this.#onEnd = listener;
  }

  /**
   * The phases of a shutdown. First the actors end that care for the order in which they do. Then no handler runs any more,
   * on any thread; what arrives is kept. Once that is so everywhere, nothing is sent any more either, and what was kept can
   * be counted.
   */
  receiveHalt(phase: number, deadlineMs: number): void {
    if (phase === HALT_ACTORS) void this.windDown(deadlineMs);
    else if (phase === HALT_HANDLERS) this.halt();
    else this.#onEnd();
  }

  async windDown(deadlineMs: number): Promise<void> {
    await this.life.windDown(deadlineMs);
    if (!this.halted) this.setState(CLEARED);
  }

  halt(): void {
    if (this.halted) return;
    this.halted = true;
    this.dispatcher.openGate = NO_CALL;
    // Before the state is seen: what arrives at a peer that has counted already is not counted.
    this.mesh.freeze();
    this.setState(HALTED);
  }

  /** What this thread's state word says from now on. */
  setState(state: number): void {
    // Read by the host's shutdown and by observers.
    Atomics.store(this.mesh.tools.memory.i32, this.mesh.layout.stateWord(this.thread), state);
  }

  /** The last phase: what is left becomes dead letters, and whoever waits is told. */
  bury(): void {
    this.mesh.drainIntoMailboxes();
    this.dispatcher.openGate = NO_CALL;
    this.mesh.abandon((type) => {
      if (isRequest(type)) this.reports.letter('shutdown', undefined, undefined, undefined);
    });
    const error = withoutStack(() => new SystemStopped('the system has been shut down'));
    const ended: Ended = { reason: 'stopped', detail: 'the system was shut down' };
    this.life.bury(ended);
    this.births.bury();
    this.calls.rejectAll(error);
    this.rooms.rejectAll(error);
    this.mesh.flush();
  }
}
