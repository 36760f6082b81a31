/**
 * What arrives from other threads and is no request: replies, failures, pieces of large messages, spawns, commands, and what
 * the runtimes tell each other.
 */
import { type Culprit, type LossReason, nameOf, ThreadLost, withoutStack } from '../base/errors.js';
import type { Assembly } from '../mesh/assembly.js';
import type { Inbound } from '../mesh/inbound.js';
import { isRequest, originOf } from '../mesh/link.js';
import {
  ANNOUNCE,
  APART,
  BODY_AT,
  CALL_REQUEST,
  CAST_REQUEST,
  COMMAND,
  FAILURE,
  FREED,
  GENERATION,
  HALT,
  PIECE,
  REPLY,
  REPLY_AT,
  REPLY_CALL,
  REPORT,
  SLOT,
  SPAWN,
  THREAD_ENDED,
  TRACE,
} from '../mesh/records.js';
import { unpackError } from '../messages/envelope.js';
import { CorruptRecord } from '../messages/memory.js';
import type { Tools } from '../messages/tools.js';
import { endedWith } from './commands.js';
import type { Core } from './core.js';
import { threadLostTopic } from './diagnostics.js';
import type { HeldRecord } from './held.js';

/** A general value in the memory of `tools`, whose large parts are in `assembly`. */
export const readGeneral = (assembly: Assembly, { memory, general }: Tools, at: number, end: number): unknown => {
  memory.source = assembly;
  memory.at = at;
  memory.end = end;
  return general.read();
};

/** What a runtime answered about the end of an actor. */
const endedOf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || !('error' in value)) return value;
  const { reason, detail, error } = value as { reason: string; detail: string; error: unknown };
  return { reason, detail, error: unpackError(error, 'on its thread') };
};

/** What the control thread tells of a thread that has died, or that does not answer any more. */
export interface EndNotice {
  readonly thread: number;
  /** The number of the life that has ended. */
  readonly ended: number;
  /** The number of the life that begins now; undefined: none does. */
  readonly epoch: number | undefined;
  readonly reason: LossReason;
  readonly exitCode: number | undefined;
  /** The error that ended it. */
  readonly name: string | undefined;
  readonly message: string | undefined;
  /** The handler that was on the stack then. */
  readonly culprit: Culprit | undefined;
}

export class Arrivals {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** A record that is no request. */
  receive(inbound: Inbound, type: number, tools: Tools, at: number, end: number): void {
    try {
      this.#receiveRecord(inbound, type, tools, at, end);
    } catch (error) {
      if (!(error instanceof CorruptRecord)) throw error;
      this.#core.reports.letter('corrupt', undefined, undefined, undefined);
    }
  }

  #receiveRecord(inbound: Inbound, type: number, tools: Tools, at: number, end: number): void {
    const words = tools.memory.i32;
    switch (type) {
      case PIECE:
        inbound.assembly.add(words, at, end);
        return;
      case REPLY:
        this.#receiveReply(inbound, tools, at, end);
        return;
      case FAILURE:
        this.#receiveFailure(inbound, tools, at, end);
        return;
      case APART:
        this.#receiveApart(inbound, words[(at >> 2) + 2]!, words[(at >> 2) + 3]!);
        return;
      case ANNOUNCE:
        this.#core.births.modules.receive(inbound, at, end);
        return;
      case SPAWN:
        this.#core.births.receiveSpawn(inbound, tools, at, end);
        return;
      case COMMAND:
        this.#receiveCommand(inbound, tools, at, end);
        return;
      case FREED:
        this.#core.births.slots.receive(readGeneral(inbound.assembly, tools, at + BODY_AT, end), inbound.peer);
        return;
      case REPORT:
        this.#core.reports.receive(readGeneral(inbound.assembly, tools, at + BODY_AT, end));
        return;
      case TRACE:
        this.#core.traces?.receive(inbound.origin, tools.memory, at, end);
        return;
      case HALT:
        this.#core.receiveHalt(words[(at >> 2) + 2]!, words[(at >> 2) + 3]!);
        return;
      case THREAD_ENDED:
        this.#mourn(readGeneral(inbound.assembly, tools, at + BODY_AT, end) as EndNotice);
        return;
      default:
        throw new CorruptRecord(`a record of type ${type}`);
    }
  }

  #receiveCommand(inbound: Inbound, tools: Tools, at: number, end: number): void {
    tools.memory.source = inbound.assembly;
    if (this.#core.commands.obey(inbound.origin, tools, at, end)) return;
    this.#core.births.receiveForStranger(inbound, COMMAND, tools.memory.i32, at, end);
  }

  #receiveReply(inbound: Inbound, tools: Tools, at: number, end: number): void {
    this.#core.mesh.tools.memory.f64[inbound.repliesArrivedFloat]! += 1;
    const call = tools.memory.i32[(at >> 2) + REPLY_CALL]!;
    const pending = this.#core.calls.take(call);
    if (pending === undefined) {
      this.#core.mesh.books.add('repliesLate', 1);
      return;
    }
    this.#core.mesh.books.add('repliesReceived', 1);
    this.#core.microtasks = true;
    const { message, ref } = pending;
    try {
      tools.memory.source = inbound.assembly;
      const value =
        message === undefined
          ? readGeneral(inbound.assembly, tools, at + REPLY_AT, end)
          : message.codecs(tools).reply!.decode(at + REPLY_AT, end);
      pending.resolve(ref ?? (message === undefined ? endedOf(value) : value));
    } catch (error) {
      pending.reject(error);
    }
  }

  #receiveFailure(inbound: Inbound, tools: Tools, at: number, end: number): void {
    this.#core.mesh.tools.memory.f64[inbound.repliesArrivedFloat]! += 1;
    const pending = this.#core.calls.take(tools.memory.i32[(at >> 2) + REPLY_CALL]!);
    if (pending === undefined) {
      this.#core.mesh.books.add('repliesLate', 1);
      return;
    }
    this.#core.mesh.books.add('repliesReceived', 1);
    this.#core.microtasks = true;
    const envelope = readGeneral(inbound.assembly, tools, at + REPLY_AT, end);
    pending.reject(unpackError(envelope, `on thread ${inbound.peer}`));
  }

  /** A record that came in pieces. */
  #receiveApart(inbound: Inbound, type: number, id: number): void {
    const whole = inbound.assembly.take(id);
    if (whole === undefined) throw new CorruptRecord(`attachment ${id} has not arrived`);
    const tools = this.#core.mesh.borrowApart(whole.byteLength);
    tools.memory.u8.set(whole);
    tools.memory.source = inbound.assembly;
    try {
      if (type < CAST_REQUEST) this.receive(inbound, type, tools, 0, whole.byteLength);
      else this.#receiveRequestApart(inbound, type, tools, whole.byteLength);
    } finally {
      this.#core.mesh.returnApart(tools);
    }
  }

  #receiveRequestApart(inbound: Inbound, type: number, tools: Tools, end: number): void {
    this.#core.mesh.tools.memory.f64[inbound.receivedFloat]! += 1;
    if (!this.#take(inbound.origin, type, tools, end)) {
      this.#core.births.receiveForStranger(inbound, type, tools.memory.i32, 0, end);
    }
  }

  /** Takes a request, in memory of its own, into the mailbox of its actor. False: that is not here. */
  #take(origin: number, type: number, tools: Tools, end: number): boolean {
    const { i32 } = tools.memory;
    const cell = this.#core.table.find(i32[SLOT]!, i32[GENERATION]!);
    const message = cell?.behavior.messages[type - (type >= CALL_REQUEST ? CALL_REQUEST : CAST_REQUEST)];
    if (cell === undefined || message === undefined) return false;
    this.#core.dispatcher.take(origin, cell, message, tools, 0, end);
    return true;
  }

  /** A record that was kept until its actor was born, or is known not to come. */
  receiveHeld({ origin, assembly, type, words }: HeldRecord): void {
    const { mesh, commands } = this.#core;
    const tools = mesh.borrowApart(words.byteLength);
    tools.memory.i32.set(words);
    tools.memory.source = assembly;
    const end = words.byteLength;
    const taken = type >= CAST_REQUEST ? this.#take(origin, type, tools, end) : commands.obey(origin, tools, 0, end);
    if (!taken) this.#core.refuseStranger(origin, type, words, 0);
    mesh.returnApart(tools);
  }

  #mourn(notice: EndNotice): void {
    const { mesh } = this.#core;
    mesh.mourning = true;
    try {
      this.#receiveEnd(notice);
    } finally {
      mesh.mourning = false;
    }
  }

  /** A thread has died, or does not answer any more. */
  #receiveEnd(notice: EndNotice): void {
    const core = this.#core;
    const { thread, epoch } = notice;
    const error = lossOf(notice);
    const ended = endedWith(error);
    const letter = (type: number): void => {
      if (isRequest(type)) core.reports.letter('thread-lost', undefined, undefined, undefined);
    };
    // What it still had to say comes first, so that no notice of its death overtakes it.
    if (epoch === undefined) core.mesh.links[thread]!.lose(error, letter);
    else {
      core.mesh.settle(thread, epoch, letter);
      core.births.loseThread(thread, epoch);
      core.names.loseTarget(originOf(thread, epoch - 1));
      core.families.loseThread(thread, epoch);
      core.traces?.forget(originOf(thread, epoch - 1));
    }
    core.calls.loseThread(thread, error, ended);
    core.rooms.loseThread(thread);
    core.microtasks = true;
    if (threadLostTopic.wanted) threadLostTopic.publish({ on: core.thread, thread, epoch, error });
    if (core.thread === 0) core.reports.problem('thread-ended', error);
  }
}

/** What is told of a thread that has died. */
const lossOf = ({ thread, ended, reason, exitCode, name, message, culprit }: EndNotice): ThreadLost => {
  const cause = message === undefined ? {} : { cause: unpackError({ name, message }, `on thread ${thread}`) };
  const handler = culprit === undefined ? {} : { handler: nameOf(culprit) };
  const facts = { thread, epoch: ended, reason, ...(exitCode === undefined ? {} : { exitCode }), ...handler };
  return withoutStack(
    () => new ThreadLost(`thread ${thread} has ended: ${message ?? reason}`, facts, { ...cause, culprit }),
  );
};
