/** The codec of one kind of message over one memory. */
import { generationAllowed } from './compile.js';
import { type GenerateOptions, generateMessage } from './generate.js';
import { interpretMessage } from './interpret.js';
import type { Shape } from './shape.js';
import { Source } from './source.js';
import type { Tools } from './tools.js';

export interface MessageCodec {
  /**
   * Checks `message` and writes it from `at`, a multiple of 8. Returns where it ends, or `NO_ROOM` if that would be
   * behind `end`.
   *
   * @throws InvalidMessage
   */
  encode(message: unknown, at: number, end: number): number;
  /** Reads the message that begins at `at` and ends not behind `end`. @throws CorruptRecord */
  decode(at: number, end: number): unknown;
  /** Checks `message` and returns what would arrive at another thread. @throws InvalidMessage */
  take(message: unknown): unknown;
}

export const bindCodec = (shape: Shape, tools: Tools, options: GenerateOptions): MessageCodec => {
  if (!generationAllowed) return interpretMessage(shape, tools, options);
  const source = new Source();
  const { check, write, prepare, value, taken } = generateMessage(shape, source, tools, options);
  return source.compile<MessageCodec>(
    options.where,
    `return {
      encode: (m, b, end) => { ${check}\n${write}\nreturn o; },
      decode: (b, end) => { ${prepare}\nreturn ${value}; },
      take: (m) => { ${check}\nreturn ${taken}; },
    };`,
  );
};
