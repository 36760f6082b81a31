/**
 * What arrives from other threads and is no request: replies, failures, pieces of large messages, spawns, commands, and what
 * the runtimes tell each other.
 */
import { ThreadLost, withoutStack } from '../base/errors.js';
import type { Inbound } from '../mesh/inbound.js';
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
} from '../mesh/records.js';
import { unpackError } from '../messages/envelope.js';
import { CorruptRecord } from '../messages/memory.js';
import type { Tools } from '../messages/tools.js';
import type { Core } from './core.js';

/** No gate: every message is kept. */
const CLOSED_GATE = -1;

/** A general value in the memory of `tools`, whose large parts came by `inbound`. */
export const readGeneral = (inbound: Inbound, { memory, general }: Tools, at: number, end: number): unknown => {
  memory.source = inbound.assembly;
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
        this.#core.births.receiveAnnouncement(inbound, at, end);
        return;
      case SPAWN:
        this.#core.births.receiveSpawn(inbound, words, at, end);
        return;
      case COMMAND:
        this.#core.commands.receive(inbound, type, words, at, end);
        return;
      case FREED:
        this.#core.births.receiveFreed(readGeneral(inbound, tools, at + BODY_AT, end), inbound.peer);
        return;
      case REPORT:
        this.#core.reports.receive(readGeneral(inbound, tools, at + BODY_AT, end));
        return;
      case HALT:
        this.#core.receiveHalt(words[(at >> 2) + 2]!);
        return;
      case THREAD_ENDED:
        this.#loseThread(readGeneral(inbound, tools, at + BODY_AT, end));
        return;
      default:
        throw new CorruptRecord(`a record of type ${type}`);
    }
  }

  #receiveReply(inbound: Inbound, tools: Tools, at: number, end: number): void {
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
          ? readGeneral(inbound, tools, at + REPLY_AT, end)
          : message.codecs(tools).reply!.decode(at + REPLY_AT, end);
      pending.resolve(ref ?? (message === undefined ? endedOf(value) : value));
    } catch (error) {
      pending.reject(error);
    }
  }

  #receiveFailure(inbound: Inbound, tools: Tools, at: number, end: number): void {
    const pending = this.#core.calls.take(tools.memory.i32[(at >> 2) + REPLY_CALL]!);
    if (pending === undefined) {
      this.#core.mesh.books.add('repliesLate', 1);
      return;
    }
    this.#core.mesh.books.add('repliesReceived', 1);
    this.#core.microtasks = true;
    const envelope = readGeneral(inbound, tools, at + REPLY_AT, end);
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
    const { i32 } = tools.memory;
    const cell = this.#core.table.find(i32[SLOT]!);
    this.#core.mesh.books.add('received', 1);
    const message = cell?.behavior.messages[type - (type >= CALL_REQUEST ? CALL_REQUEST : CAST_REQUEST)];
    if (cell === undefined || message === undefined || cell.generation !== i32[GENERATION]) {
      this.#core.refuseStranger(inbound.peer, type, i32, 0);
    } else this.#core.dispatcher.take(inbound.peer, cell, message, tools, 0, end);
  }

  /** A record that was kept until its actor was born. */
  receiveCopy(inbound: Inbound, type: number, words: Int32Array): void {
    const { mesh } = this.#core;
    const at = mesh.scratchAt;
    mesh.tools.memory.i32.set(words, at >> 2);
    if (type >= CAST_REQUEST) mesh.books.add('received', -1);
    mesh.tools.memory.source = inbound.assembly;
    const { openGate } = this.#core.dispatcher;
    this.#core.dispatcher.openGate = CLOSED_GATE;
    this.#core.dispatcher.receive(inbound, type, at, at + words.byteLength);
    this.#core.dispatcher.openGate = openGate;
  }

  #loseThread(notice: unknown): void {
    const { thread, reason } = notice as { thread: number; reason: string };
    const error = withoutStack(() => new ThreadLost(`thread ${thread} has ended: ${reason}`, { thread }));
    this.#core.mesh.inbounds[thread]?.drain();
    this.#core.mesh.inbounds[thread]?.assembly.clear();
    this.#core.mesh.links[thread]?.lose(error, (type) => {
      if (type >= CAST_REQUEST) this.#core.reports.letter('thread-lost', undefined, undefined, undefined);
    });
    this.#core.calls.rejectAll(error, thread);
    this.#core.reports.problem('thread-ended', error);
  }
}
