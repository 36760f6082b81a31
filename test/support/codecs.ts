/** The doors that a message passes: each of both codecs, into a ring and to an actor of the same thread. */

import { bindCodec, type MessageCodec } from '../../src/messages/codec.js';
import { interpretMessage } from '../../src/messages/interpret.js';
import { Memory } from '../../src/messages/memory.js';
import { type Entry, planProtocol } from '../../src/messages/protocol.js';
import type { Shape } from '../../src/messages/shape.js';
import { bindTools, type RefCodec, type Tools } from '../../src/messages/tools.js';

export const BYTES = 1 << 20;
/** Where messages are written: not at the beginning, so that writing before it would show. */
export const AT = 64;
/** What nobody has written. */
export const UNTOUCHED = 0xa5;

const noRefs: RefCodec = {
  refuses: () => 'a ref to nobody',
  take: (value: unknown) => value,
  write: () => undefined,
  read: () => undefined,
};

export const makeTools = (bytes = BYTES): Tools => bindTools(new Memory(new SharedArrayBuffer(bytes)), noRefs);

/** The shape of a declared message. */
export const shapeOf = (entry: Entry): Shape => planProtocol('Actor', { message: entry }, () => undefined)[0]!.request;

/** One way through the door: returns what arrives. */
export interface Door {
  readonly name: string;
  readonly codec: MessageCodec;
  pass(message: unknown): unknown;
}

/** All doors for one declaration: what one of them does, all must do. */
export const doorsOf = (entry: Entry, { strict = false, tools = makeTools() } = {}): Door[] => {
  const shape = shapeOf(entry);
  const options = { where: 'Actor.message', strict };
  const codecs = { generated: bindCodec(shape, tools, options), interpreted: interpretMessage(shape, tools, options) };
  return Object.entries(codecs).flatMap(([kind, codec]) => [
    {
      name: `${kind}, to another thread`,
      codec,
      pass: (message: unknown): unknown => {
        tools.memory.u8.fill(UNTOUCHED, 0, AT + 4096);
        return codec.decode(AT, codec.encode(message, AT, BYTES));
      },
    },
    { name: `${kind}, on the same thread`, codec, pass: (message: unknown): unknown => codec.take(message) },
  ]);
};
