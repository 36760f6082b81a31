/**
 * Trace contexts of calls, in systems that ask for them. A trace is sent ahead of its call on the same link, in records
 * of its own, and kept by the number of the call until that is handled or has failed. So calls look the same with and
 * without one, and a system without traces pays one look at a field for each call.
 *
 * ```
 *   trace:  +8 call   +12 how much of the text came before   +16 characters in this part   +20 UTF-16 units
 * ```
 */
import { HeddleError } from '../base/errors.js';
import { TRACES_MAX } from '../base/limits.js';
import { traceparent } from '../base/trace-context.js';
import type { Link } from '../mesh/link.js';
import { TRACE } from '../mesh/records.js';
import { alignWord, corrupt, type Memory, NO_ROOM } from '../messages/memory.js';

const CALL = 2;
const FROM = 3;
const LENGTH = 4;
const UNITS_AT = 20;
/** Characters in one record, which fits the smallest ring. A longer one would travel in pieces, and come too late. */
const PART_LENGTH = 200;
/** Nothing else waits in the order of this key, so a trace never comes behind its call. */
const TRACE_KEY = Number.NEGATIVE_INFINITY;

export class Traces {
  readonly #thread: number;
  readonly #links: readonly (Link | undefined)[];
  /** By whose call it is, this thread's or that of one life of another, then by its number. */
  readonly #kept = new Map<number, Map<number, string>>();
  #count = 0;
  /** The last call whose trace was sent ahead. */
  #last = -1;

  constructor(thread: number, links: readonly (Link | undefined)[]) {
    this.#thread = thread;
    this.#links = links;
  }

  /** A call was opened, and is about to be sent. */
  opened(thread: number, call: number): void {
    const text = traceparent();
    if (text === undefined) return;
    this.#last = call;
    if (thread === this.#thread) this.#keep(thread, call, text);
    else this.#send(this.#links[thread]!, call, text);
  }

  /** A call was opened, but not sent. */
  refused(thread: number, call: number): void {
    if (call !== this.#last) return;
    this.#last = -1;
    if (thread === this.#thread) this.take(thread, call);
    else sendPart(this.#links[thread]!, call, '', 0, true);
  }

  /** Where there is no room for a trace there is hardly room for its call; if there is, it goes without. */
  #send(link: Link, call: number, text: string): void {
    let from = 0;
    try {
      for (; from < text.length; from += PART_LENGTH) sendPart(link, call, text, from, false);
    } catch (error) {
      if (!(error instanceof HeddleError)) throw error;
      this.#last = -1;
      if (from > 0) sendPart(link, call, '', 0, true);
    }
  }

  /** A part of a trace has arrived; an empty one takes it back. */
  receive(origin: number, { i32, u16 }: Memory, at: number, end: number): void {
    const word = at >> 2;
    const call = i32[word + CALL]!;
    const from = i32[word + FROM]!;
    const length = i32[word + LENGTH]!;
    const units = (at + UNITS_AT) >> 1;
    if (length < 0 || length > PART_LENGTH || at + UNITS_AT + length * 2 > end) corrupt('a trace that ends nowhere');
    const part = String.fromCharCode(...u16.subarray(units, units + length));
    const before = this.take(origin, call);
    if (from === 0) {
      if (length > 0) this.#keep(origin, call, part);
    } else if (before?.length === from) this.#keep(origin, call, before + part);
  }

  #keep(origin: number, call: number, text: string): void {
    if (this.#count >= TRACES_MAX) return;
    const calls = this.#kept.get(origin);
    if (calls === undefined) this.#kept.set(origin, new Map([[call, text]]));
    else calls.set(call, text);
    this.#count++;
  }

  /** The trace of a call that is about to be handled, or has failed; it is forgotten. */
  take(origin: number, call: number): string | undefined {
    const calls = this.#kept.get(origin);
    const text = calls?.get(call);
    if (text === undefined) return undefined;
    calls!.delete(call);
    this.#count--;
    return text;
  }

  /** A thread has died: the numbers of its calls mean nothing any more. */
  forget(origin: number): void {
    this.#count -= this.#kept.get(origin)?.size ?? 0;
    this.#kept.delete(origin);
  }
}

const sendPart = (link: Link, call: number, text: string, from: number, reserved: boolean): void => {
  const length = Math.min(PART_LENGTH, text.length - from);
  link.transmit({
    type: TRACE,
    key: TRACE_KEY,
    reserved,
    message: undefined,
    write: ({ memory: { i32, u16 } }, at, end) => {
      const next = at + UNITS_AT + alignWord(length * 2);
      if (next > end) return NO_ROOM;
      const word = at >> 2;
      i32[word + CALL] = call;
      i32[word + FROM] = from;
      i32[word + LENGTH] = length;
      const units = (at + UNITS_AT) >> 1;
      for (let i = 0; i < length; i++) u16[units + i] = text.charCodeAt(from + i);
      return next;
    },
  });
};
