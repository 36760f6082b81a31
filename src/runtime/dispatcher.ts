/**
 * Runs handlers: of records where they lie in the ring, if their actor is free, or of what waits in mailboxes.
 *
 * Per message it does as little as can be: find the actor, run the handler, count. Clocks, promises and everything
 * that is rare is looked at afterwards, on the evidence of one word (`gate`, the stride).
 */
import type { BoundMessage } from '../actor/behavior.js';
import {
  Cell,
  ENDED,
  HELD,
  NOTICED,
  type PendingHandler,
  QUEUED,
  RUNNING,
  SCHEDULED,
  STARTING,
  SUSPENDED,
} from '../actor/cell.js';
import { NO_LABEL } from '../actor/labels.js';
import { Request, untag } from '../actor/mailbox.js';
import type { Reply } from '../actor/self.js';
import { ActorFailed, InvalidMessage, withoutStack } from '../base/errors.js';
import { ACTOR_BUDGET } from '../base/limits.js';
import { runTraced } from '../base/trace-context.js';
import type { Inbound } from '../mesh/inbound.js';
import { CALL, CALL_AT, CALL_REQUEST, CAST_AT, CAST_REQUEST, DEADLINE, GENERATION, SLOT } from '../mesh/records.js';
import { isError } from '../messages/envelope.js';
import { CorruptRecord } from '../messages/memory.js';
import type { Tools } from '../messages/tools.js';
import { UNDATED } from './calls.js';
import type { Core } from './core.js';
import type { Traces } from './traces.js';

const NO_CALL = -1;
/** Actors that are remembered. */
const RECENT_MASK = 63;
/** Cells that run before the rings are looked at again. */
const CELLS_PER_STEP = 64;

type Thenable = PromiseLike<unknown>;

const isThenable = (value: unknown): value is Thenable =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

/** A call whose answer has been taken over from the handler that it runs in. */
export interface RunningCall {
  readonly message: BoundMessage;
  readonly origin: number;
  readonly call: number;
  readonly deadline: number;
}

export class Dispatcher {
  /** What an actor's gate must be for its handler to run at once; no gate is -1, which keeps every message waiting. */
  openGate = 0;

  readonly #core: Core;
  /** Actors that had messages lately, by the low bits of their slots. */
  readonly #recent: Cell[];
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #runNumberWord: number;
  readonly #handled: number;
  readonly #lost: number;
  readonly #traces: Traces | undefined;
  /** Handlers that may run before somebody looks at the clock. */
  #untilClock = 1;

  /** The call that is being handled, for `self.reply()`. */
  #cell: Cell | undefined;
  #message: BoundMessage | undefined;
  #origin = 0;
  #call = NO_CALL;
  #deadline = UNDATED;

  constructor(core: Core) {
    const { mesh } = core;
    this.#core = core;
    this.#recent = new Array(RECENT_MASK + 1).fill(new Cell(core.births.anonymous, -1, 0, undefined));
    this.#words = mesh.tools.memory.i32;
    this.#floats = mesh.tools.memory.f64;
    this.#runNumberWord = mesh.layout.runningWord(mesh.thread) + 2;
    this.#handled = mesh.books.at('handled');
    this.#lost = mesh.books.at('lost');
    this.#traces = core.traces;
  }

  // ---- from the ring ----------------------------------------------------------------------------------------------

  /** A record that has just arrived. */
  receive(inbound: Inbound, type: number, at: number, end: number): void {
    if (type < CAST_REQUEST) {
      this.#core.arrivals.receive(inbound, type, this.#core.mesh.tools, at, end);
      return;
    }
    const words = this.#words;
    const index = at >> 2;
    const slot = words[index + SLOT]!;
    let cell = this.#recent[slot & RECENT_MASK]!;
    if (cell.slot !== slot || cell.generation !== words[index + GENERATION]) {
      const found = this.#find(slot, words[index + GENERATION]!);
      if (found === undefined) {
        this.#receiveForStranger(inbound, type, at, end);
        return;
      }
      cell = found;
    }
    // Only casts whose actor is free go on here; `casts` has no entry for what needs care.
    const receive = type < CALL_REQUEST ? cell.behavior.casts[type - CAST_REQUEST] : undefined;
    if (receive === undefined || cell.gate !== this.openGate) {
      this.#receiveSlowly(inbound, cell, type, at, end);
      return;
    }
    try {
      const result = receive(cell, at, end);
      if (result !== undefined) this.#castReturned(cell, cell.behavior.messages[type - CAST_REQUEST]!, result);
    } catch (error) {
      this.#threw(cell, cell.behavior.messages[type - CAST_REQUEST]!, error, NO_CALL, 0);
    }
    this.#finish(cell);
  }

  /** The actor of an address, remembered for the next message to it. */
  #find(slot: number, generation: number): Cell | undefined {
    const cell = this.#core.table.find(slot, generation);
    if (cell === undefined) return undefined;
    this.#recent[slot & RECENT_MASK] = cell;
    return cell;
  }

  #receiveForStranger(inbound: Inbound, type: number, at: number, end: number): void {
    this.#floats[this.#core.mesh.receivedFloat]!++;
    this.#core.births.receiveForStranger(inbound, type, this.#words, at, end);
  }

  #receiveCall(inbound: Inbound, cell: Cell, message: BoundMessage, at: number, end: number): void {
    // Read before the handler runs: it may make room in the ring, and somebody may write here.
    const call = this.#words[(at >> 2) + CALL]!;
    const deadline = this.#words[(at >> 2) + DEADLINE]!;
    const { origin } = inbound;
    const trace = this.#traces?.take(origin, call);
    if (this.#core.isPast(deadline)) {
      this.#floats[this.#core.mesh.receivedFloat]!++;
      this.#core.dead('deadline', cell, message, undefined);
      return;
    }
    this.#enterCall(cell, message, origin, call, deadline);
    try {
      const { receive } = message.methods;
      const result = trace === undefined ? receive(cell, at, end) : runTraced(trace, receive, cell, at, end);
      this.#callReturned(cell, message, result, origin, call);
    } catch (error) {
      this.#threw(cell, message, error, call, origin);
    }
    this.#leaveCall();
    this.#finish(cell);
  }

  /** A call, or a cast whose actor is not free, or which needs care. */
  #receiveSlowly(inbound: Inbound, cell: Cell, type: number, at: number, end: number): void {
    const isCall = type >= CALL_REQUEST;
    const message = cell.behavior.messages[type - (isCall ? CALL_REQUEST : CAST_REQUEST)];
    if ((cell.gate & ENDED) !== 0) {
      const heir = this.#find(cell.slot, cell.generation);
      if (heir === undefined) this.#receiveForStranger(inbound, type, at, end);
      // The heir is remembered now; its gate may be open.
      else this.receive(inbound, type, at, end);
    } else if (message === undefined) {
      this.#floats[this.#core.mesh.receivedFloat]!++;
      this.#core.dead('corrupt', cell, undefined, undefined);
      const call = this.#words[(at >> 2) + CALL]!;
      if (isCall)
        this.#core.failCall(inbound.origin, call, new CorruptRecord('a message that its actor does not have'));
    } else if (cell.gate !== this.openGate) {
      this.#floats[this.#core.mesh.receivedFloat]!++;
      this.take(inbound.origin, cell, message, this.#core.mesh.tools, at, end);
    } else if (message.holdsView) this.#receiveView(inbound, cell, message, at, end);
    else this.#receiveCall(inbound, cell, message, at, end);
  }

  /** Hands memory of the ring to a handler: it is not given back before the handler returns. */
  #receiveView(inbound: Inbound, cell: Cell, message: BoundMessage, at: number, end: number): void {
    const call = message.isCall ? this.#words[(at >> 2) + CALL]! : NO_CALL;
    const trace = message.isCall ? this.#traces?.take(inbound.origin, call) : undefined;
    inbound.held = true;
    if (message.isCall) this.#enterCall(cell, message, inbound.origin, call, this.#words[(at >> 2) + DEADLINE]!);
    try {
      const { receive } = message.methods;
      const result = trace === undefined ? receive(cell, at, end) : runTraced(trace, receive, cell, at, end);
      if (isThenable(result)) {
        Promise.resolve(result).catch(() => undefined);
        throw new InvalidMessage(`${message.where}: only a sync handler may take a message with a view`);
      }
      if (message.isCall) this.#callReturned(cell, message, result, inbound.origin, call);
      else if (result !== undefined) this.#castReturned(cell, message, result);
    } catch (error) {
      this.#threw(cell, message, error, call, inbound.origin);
    }
    if (message.isCall) this.#leaveCall();
    inbound.held = false;
    // A view that was kept shows this, instead of the next message.
    if (this.#core.strict) this.#core.mesh.tools.memory.u8.fill(0xff, at + CAST_AT, end);
    this.#finish(cell);
  }

  /** Takes a request out of the memory that it is in, and into the mailbox. */
  take(origin: number, cell: Cell, message: BoundMessage, tools: Tools, at: number, end: number): void {
    const words = tools.memory.i32;
    const codec = message.codecs(tools).request;
    let value: unknown;
    try {
      value = codec.decode(at + (message.isCall ? CALL_AT : CAST_AT), end);
    } catch (error) {
      if (!(error instanceof CorruptRecord)) throw error;
      this.#core.dead('corrupt', cell, message, undefined);
      if (message.isCall) this.#core.failCall(origin, words[(at >> 2) + CALL]!, error);
      return;
    }
    const waiting = message.isCall
      ? new Request(value, origin, words[(at >> 2) + CALL]!, words[(at >> 2) + DEADLINE]!)
      : value;
    this.#core.admit(cell, message, waiting, origin);
  }

  // ---- from the mailbox -------------------------------------------------------------------------------------------

  /** Lets the actors run that have something to do, each for a while. Returns how many messages they handled. */
  runActors(): number {
    const { runQueue } = this.#core;
    let count = 0;
    for (let cells = CELLS_PER_STEP; cells > 0 && runQueue.length > 0; cells--) {
      if (this.#core.givesWay) {
        if (this.#core.turnDue) break;
        this.#core.givesWay = false;
      }
      count += this.#runActor(runQueue.shift());
    }
    return count;
  }

  #runActor(cell: Cell): number {
    cell.gate &= ~SCHEDULED;
    if ((cell.gate & ENDED) !== 0) return 0;
    if ((cell.gate & STARTING) !== 0) {
      this.#core.life.start(cell);
      return 1;
    }
    let left = this.#runMessages(cell, ACTOR_BUDGET, HELD | NOTICED);
    while ((cell.gate & (NOTICED | HELD)) === NOTICED && left > 0 && !this.#core.givesWay) {
      left = this.#runNoticed(cell, left - 1);
    }
    if (cell.gate !== 0 || cell.rare?.toldFilling !== undefined) this.#core.settleGate(cell);
    return ACTOR_BUDGET - left;
  }

  /** Handles what waits in the mailbox, until the gate says otherwise. Returns how many more may be handled. */
  #runMessages(cell: Cell, budget: number, held: number): number {
    let left = budget;
    while ((cell.gate & (held | QUEUED)) === QUEUED && left > 0 && !this.#core.givesWay) {
      left--;
      const message = cell.behavior.messages[untag(cell.oldestType)]!;
      this.#handle(cell, message, cell.shift());
      cell.gate &= ~RUNNING;
      if (--this.#untilClock <= 0) this.#untilClock = this.#core.clockLook();
    }
    return left;
  }

  /** The same for an actor whose lane is not empty: a step in its lane, or one message. */
  #runNoticed(cell: Cell, left: number): number {
    if (!this.#core.families.step(cell) && cell.hasMessage) {
      cell.rare!.lane!.countMessage();
      this.#runMessages(cell, 1, HELD);
    }
    return this.#runMessages(cell, left, HELD | NOTICED);
  }

  #handle(cell: Cell, message: BoundMessage, waiting: unknown): void {
    if (message.isCall) {
      this.#handleCall(cell, message, waiting as Request);
      return;
    }
    this.begin(cell, message.label);
    try {
      const result = message.handler(cell.state, waiting, cell);
      if (result === undefined) this.#floats[this.#handled]!++;
      else this.#castReturned(cell, message, result);
    } catch (error) {
      this.#threw(cell, message, error, NO_CALL, 0);
    }
  }

  #handleCall(cell: Cell, message: BoundMessage, request: Request): void {
    const { origin, call, deadline } = request;
    const trace = this.#traces?.take(origin, call);
    if (this.#core.isPast(deadline)) {
      this.#core.dead('deadline', cell, message, request.message);
      return;
    }
    this.begin(cell, message.label);
    this.#enterCall(cell, message, origin, call, deadline);
    try {
      const { handler } = message;
      const { state } = cell;
      const result =
        trace === undefined
          ? handler(state, request.message, cell)
          : runTraced(trace, handler, state, request.message, cell);
      this.#callReturned(cell, message, result, origin, call);
    } catch (error) {
      this.#threw(cell, message, error, call, origin);
    }
    this.#leaveCall();
  }

  // ---- around a handler -------------------------------------------------------------------------------------------

  /** Says what runs, a handler or a hook, as generated code does for messages that come from a ring. */
  begin(cell: Cell, label: number): void {
    const words = this.#words;
    const run = this.#runNumberWord;
    words[run - 2] = cell.slot;
    words[run - 1] = label;
    words[run] = (words[run]! + 1) | 0;
    cell.gate |= RUNNING;
  }

  /** A hook has returned. It may have run outside of a step, at whose end that would be said. */
  end(cell: Cell): void {
    this.#words[this.#runNumberWord - 1] = NO_LABEL;
    cell.gate &= ~RUNNING;
  }

  /** After a handler that was given its message where it lay in a ring. */
  #finish(cell: Cell): void {
    if (cell.gate === RUNNING) cell.gate = 0;
    else {
      cell.gate &= ~RUNNING;
      this.#core.settleGate(cell);
    }
    if (--this.#untilClock <= 0) this.#untilClock = this.#core.clockLook();
  }

  /** Handlers that have run, as a number that wraps. */
  get runs(): number {
    return this.#words[this.#runNumberWord]!;
  }

  #enterCall(cell: Cell, message: BoundMessage, origin: number, call: number, deadline: number): void {
    this.#cell = cell;
    this.#message = message;
    this.#origin = origin;
    this.#call = call;
    this.#deadline = deadline;
  }

  #leaveCall(): void {
    this.#cell = undefined;
    this.#call = NO_CALL;
  }

  #castReturned(cell: Cell, message: BoundMessage, result: unknown): void {
    if (isThenable(result)) this.#await(cell, message, result, undefined, NO_CALL);
    else this.#floats[this.#handled]!++;
  }

  #callReturned(cell: Cell, message: BoundMessage, result: unknown, origin: number, call: number): void {
    // The answer was taken over by `self.reply()`.
    if (this.#call === NO_CALL) {
      if (isThenable(result)) this.#await(cell, message, result, undefined, NO_CALL);
      else this.#floats[this.#handled]!++;
      return;
    }
    if (isThenable(result)) {
      this.#await(cell, message, result, new Request(undefined, origin, call, this.#deadline), call);
      return;
    }
    this.#core.answer(origin, call, message, result);
    this.#floats[this.#handled]!++;
  }

  #threw(cell: Cell, message: BoundMessage, error: unknown, call: number, origin: number): void {
    if (isError(error) && error instanceof CorruptRecord) {
      this.#core.dead('corrupt', cell, message, undefined);
      if (call !== NO_CALL) this.#core.failCall(origin, call, error);
      return;
    }
    this.#fail(cell, message, error, this.#call === NO_CALL ? NO_CALL : call, origin);
  }

  #fail(cell: Cell, message: BoundMessage, cause: unknown, call: number, origin: number): void {
    this.#floats[this.#lost]!++;
    const failure = withoutStack(
      () => new ActorFailed(`the handler of ${message.where} failed`, { thread: this.#core.thread }, { cause }),
    );
    if (call !== NO_CALL) this.#core.failCall(origin, call, failure);
    this.#core.life.fail(cell, failure);
  }

  // ---- async handlers ---------------------------------------------------------------------------------------------

  #await(cell: Cell, message: BoundMessage, promise: Thenable, request: Request | undefined, call: number): void {
    const pending: PendingHandler = { request, isHandler: true, fenced: false };
    const rare = cell.demandRare();
    rare.pending ??= new Set();
    rare.pending.add(pending);
    if (++cell.pendingCount >= cell.behavior.concurrency) cell.gate |= SUSPENDED;
    this.#core.microtasks = true;
    const origin = request?.origin ?? 0;
    // A thenable that is no promise may settle twice; the promise of it does not.
    Promise.resolve(promise).then(
      (value) => {
        if (!this.#resume(cell, pending)) return;
        try {
          if (call !== NO_CALL) this.#core.answer(origin, call, message, value);
          this.#floats[this.#handled]!++;
        } catch (error) {
          this.#fail(cell, message, error, call, origin);
        }
        this.#core.settleGate(cell);
        this.#core.wake();
      },
      (error: unknown) => {
        if (!this.#resume(cell, pending)) return;
        this.#fail(cell, message, error, call, origin);
        this.#core.wake();
      },
    );
  }

  /** Whether the actor of a handler that has just settled still lives. */
  #resume(cell: Cell, pending: PendingHandler): boolean {
    if (pending.fenced) return false;
    cell.rare!.pending!.delete(pending);
    cell.pendingCount--;
    cell.gate &= ~SUSPENDED;
    if (cell.rare!.lane?.isEmpty === false) cell.gate |= NOTICED;
    return true;
  }

  // ---- replies that come later ------------------------------------------------------------------------------------

  /** Takes the running call away from its handler: whoever does is to answer it. */
  takeCall(cell: Cell, verb: string): RunningCall {
    if (this.#cell !== cell || this.#call === NO_CALL || this.#message === undefined) {
      throw new InvalidMessage(
        `self.${verb}() takes the answer to the running call: use it in the handler of a call, before any await`,
      );
    }
    const taken = { message: this.#message, origin: this.#origin, call: this.#call, deadline: this.#deadline };
    this.#call = NO_CALL;
    return taken;
  }

  /**
   * The deadline of the call that an actor is handling. After an `await` it is known where one handler is pending, and
   * nothing else runs; where it is not, there is none.
   */
  deadlineOf(cell: Cell): number {
    if (this.#cell === cell) return this.#deadline;
    const pending = cell.rare?.pending;
    if ((cell.gate & RUNNING) !== 0 || cell.pendingCount !== 1 || pending?.size !== 1) return UNDATED;
    const [only] = pending;
    return only?.request?.deadline ?? UNDATED;
  }

  takeReply(cell: Cell): Reply<unknown> {
    const { message, origin, call, deadline } = this.takeCall(cell, 'reply');
    const request = new Request(undefined, origin, call, deadline);
    const pending: PendingHandler = { request, isHandler: false, fenced: false };
    const rare = cell.demandRare();
    rare.pending ??= new Set();
    rare.pending.add(pending);
    const settle = (): boolean => {
      if (pending.fenced) return false;
      rare.pending!.delete(pending);
      pending.fenced = true;
      return true;
    };
    return {
      send: (value) => {
        if (pending.fenced) return;
        this.#core.answer(origin, call, message, value);
        settle();
      },
      fail: (error) => {
        if (settle()) this.#core.failCall(origin, call, error);
      },
    };
  }

  /** An actor that has ended: its pending handlers are void, and their callers are told. */
  fence(cell: Cell, error: () => Error): void {
    const pendings = cell.rare?.pending;
    if (pendings === undefined) return;
    for (const pending of pendings) {
      pending.fenced = true;
      const { request } = pending;
      if (request !== undefined) this.#core.failCall(request.origin, request.call, error());
    }
    this.#floats[this.#lost]! += cell.pendingCount;
    pendings.clear();
    cell.pendingCount = 0;
  }
}
