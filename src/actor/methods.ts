/**
 * The functions that a message consists of at run time: what sends it from here, what receives it here, what answers
 * it. They are generated, one set per message, actor and thread, so that an engine sees one shape and constant
 * addresses in each.
 *
 * A message is checked first, then room is claimed, then it is written: between claim and commit no code of the user
 * runs, or a getter that sends something would write over it. Where that cannot be had (lists, general values), the
 * message is written to private memory first and copied.
 */
import { packHeader } from '../../native-free-queues/layout.js';
import type { Link } from '../mesh/link.js';
import type { Mesh } from '../mesh/mesh.js';
import { CALL_AT, CAST_AT, REPLY, REPLY_AT } from '../mesh/records.js';
import { generationAllowed } from '../messages/compile.js';
import { generateMessage, type MessageSource } from '../messages/generate.js';
import { NO_ROOM } from '../messages/memory.js';
import type { Shape } from '../messages/shape.js';
import { Source } from '../messages/source.js';
import type { BoundMessage } from './behavior.js';
import { type Cell, RUNNING } from './cell.js';
import type { Kernel } from './kernel.js';
import type { AnyRef, CallOptions } from './ref.js';
import { CELL, GENERATION, LINK, SLOT } from './ref-classes.js';

type CastMethod = (this: AnyRef, message: unknown) => void;
type CallMethod = (this: AnyRef, message: unknown, options?: CallOptions) => Promise<unknown>;

export interface MessageMethods {
  /** The method of refs to actors of other threads. */
  readonly remote: CastMethod | CallMethod;
  /** The method of refs to actors of this thread. */
  readonly local: CastMethod | CallMethod;
  /**
   * For an actor that is free: counts the request, says what runs, reads the record at `at`, runs the handler, and
   * returns what it returned. A cast that returned nothing is counted as handled.
   */
  readonly receive: (cell: Cell, at: number, end: number) => unknown;
  /** Of a call: sends the reply. */
  readonly reply: (link: Link, call: number, value: unknown) => void;
}

/** What may stand in for a message that nobody gave: `ref.tick()` is `ref.tick({})`. */
export const EMPTY = Object.freeze({});
const defaulted = (shape: Shape): string => (shape.kind === 'record' ? 'if (m === undefined) m = EMPTY;' : '');

/** Words that are copied by a loop; more by a call. */
const LOOP_WORDS = 64;

const copyWords = (words: Int32Array, from: number, to: number, count: number): void => {
  if (count > LOOP_WORDS) {
    words.copyWithin(to, from, from + count);
    return;
  }
  for (let i = 0; i < count; i++) words[to + i] = words[from + i]!;
};

/** Says what runs, for observers of other threads, who remember when they first saw a run number. */
const beginRun = (mesh: Mesh, cell: Cell, message: BoundMessage): void => {
  const words = mesh.tools.memory.i32;
  const running = mesh.layout.runningWord(mesh.thread);
  words[running] = cell.slot;
  words[running + 1] = message.label;
  words[running + 2] = (words[running + 2]! + 1) | 0;
  cell.gate |= RUNNING;
};

class MethodGenerator {
  readonly #source = new Source();
  readonly #message: BoundMessage;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel, message: BoundMessage) {
    this.#kernel = kernel;
    this.#message = message;
  }

  #name(prefix: string, value: unknown): string {
    return this.#source.constant(prefix, value);
  }

  /** Source for a shape; writing that finds no room does `noRoom`. */
  #shape(shape: Shape, where: string): MessageSource {
    return generateMessage(shape, this.#source, this.#kernel.mesh.tools, { where, strict: this.#kernel.strict });
  }

  /**
   * Statements that put a checked message into the ring of `link`. They do `full` and return when that cannot be done
   * the fast way; `head` writes what stands between the ring's header and the message.
   */
  #put(parts: MessageSource, bodyAt: number, type: number, full: string, head: string): string {
    const i32 = this.#name('i32', this.#kernel.mesh.tools.memory.i32);
    if (parts.bound === undefined) return this.#putNested(parts, bodyAt, type, full, head);
    const fixed = /^\d+$/.test(parts.bound);
    const bytes = fixed ? String((bodyAt + Number(parts.bound) + 7) & -8) : `(${bodyAt} + ${parts.bound} + 7) & -8`;
    const write = parts.write.replaceAll(`return ${NO_ROOM};`, `{ ${full} }`);
    const header = fixed
      ? String(packHeader(Number(bytes), type))
      : `${this.#name('packHeader', packHeader)}(size, ${type})`;
    return `const claimed = ${bytes};
      let at = link.cursor;
      if (at + claimed > link.limit) { at = link.claim(claimed); if (at < 0) { ${full} } }
      const b = at + ${bodyAt}, end = at + claimed;
      ${write}
      ${head}
      ${fixed ? '' : 'const size = (o - at + 7) & -8;'}
      ${i32}[at >> 2] = ${header};
      ${i32}[(at >> 2) + 1] = link.number;
      link.number = (link.number + 1) | 0;
      link.cursor = at + ${fixed ? 'claimed' : 'size'};
      if (at === link.batchAt) link.begin();`;
  }

  #putNested(parts: MessageSource, bodyAt: number, type: number, full: string, head: string): string {
    const { mesh } = this.#kernel;
    const name = this.#name('mesh', mesh);
    const i32 = this.#name('i32', mesh.tools.memory.i32);
    const body = mesh.scratchAt + bodyAt;
    const encode = this.#source.define('encode', 'm, b, end', `${parts.check}\n${parts.write}\nreturn o;`);
    return `if (${name}.scratchBusy) { ${full} }
      ${name}.scratchBusy = true;
      let o;
      try { o = ${encode}(m, ${body}, ${mesh.scratchEnd}); } finally { ${name}.scratchBusy = false; }
      if (o < 0) { ${full} }
      const size = (o - ${mesh.scratchAt} + 7) & -8;
      const at = link.claim(size);
      if (at < 0) { ${full} }
      ${this.#name('copyWords', copyWords)}(${i32}, ${body >> 2}, (at + ${bodyAt}) >> 2, (size - ${bodyAt}) >> 2);
      ${head}
      link.commit(at, size, ${type});
      if (at === link.batchAt) link.begin();`;
  }

  #words(): { i32: string; f64: string } {
    const { memory } = this.#kernel.mesh.tools;
    return { i32: this.#name('i32', memory.i32), f64: this.#name('f64', memory.f64) };
  }

  #count(): string {
    const { f64 } = this.#words();
    return `${f64}[link.sentFloat]++;`;
  }

  /** Statements that check `m`; a nested message checks itself while it is written. */
  #check(parts: MessageSource): string {
    return `${defaulted(this.#message.plan.request)} ${parts.bound === undefined ? '' : parts.check}`;
  }

  #symbols(): { cell: string; link: string; slot: string; generation: string; kernel: string; message: string } {
    return {
      cell: this.#name('CELL', CELL),
      link: this.#name('LINK', LINK),
      slot: this.#name('SLOT', SLOT),
      generation: this.#name('GENERATION', GENERATION),
      kernel: this.#name('kernel', this.#kernel),
      message: this.#name('message', this.#message),
    };
  }

  cast(parts: MessageSource): string {
    const { link, slot, generation, kernel, message } = this.#symbols();
    const { i32 } = this.#words();
    const head = `${i32}[(at >> 2) + 2] = this[${slot}]; ${i32}[(at >> 2) + 3] = this[${generation}];`;
    const full = `return ${kernel}.transmitCast(this, ${message}, m);`;
    return `function (m) {
      ${this.#check(parts)}
      const link = this[${link}];
      ${this.#put(parts, CAST_AT, this.#message.type, full, head)}
      ${this.#count()}
    }`;
  }

  call(parts: MessageSource): string {
    const { link, slot, generation, kernel, message } = this.#symbols();
    const { i32 } = this.#words();
    const head = `${i32}[(at >> 2) + 2] = this[${slot}]; ${i32}[(at >> 2) + 3] = this[${generation}];
      ${i32}[(at >> 2) + 4] = call; 
      if (options === undefined) ${kernel}.dateCallLater(call, (at >> 2) + 5);
      else ${i32}[(at >> 2) + 5] = ${kernel}.dateCall(call);`;
    const full = `${kernel}.transmitCall(this, ${message}, m, call); return promise;`;
    const put = this.#put(parts, CALL_AT, this.#message.type, full, head);
    return `function (m, options) {
      let promise, call;
      try {
        ${this.#check(parts)}
        const link = this[${link}];
        promise = ${kernel}.openCall(link.peer, ${message}, options);
        call = ${kernel}.openedCall;
        ${put}
        ${this.#count()}
        return promise;
      } catch (error) {
        return ${kernel}.refuseCall(error, promise, call);
      }
    }`;
  }

  localCast(parts: MessageSource): string {
    const { cell, kernel } = this.#symbols();
    return `function (m) {
      ${defaulted(this.#message.plan.request)} ${parts.check}
      ${kernel}.enqueue(this[${cell}], ${this.#message.index}, ${parts.taken});
    }`;
  }

  localCall(parts: MessageSource): string {
    const { cell, kernel, message } = this.#symbols();
    return `function (m, options) {
      let promise, call;
      try {
        ${defaulted(this.#message.plan.request)} ${parts.check}
        const taken = ${parts.taken};
        promise = ${kernel}.openCall(${this.#kernel.thread}, ${message}, options);
        call = ${kernel}.openedCall;
        ${kernel}.enqueueCall(this[${cell}], ${this.#message.index}, taken, call);
        return promise;
      } catch (error) {
        return ${kernel}.refuseCall(error, promise, call);
      }
    }`;
  }

  receive(parts: MessageSource): string {
    const handler = this.#name('handler', this.#message.handler);
    const { layout, books, thread } = this.#kernel.mesh;
    const { i32, f64 } = this.#words();
    const running = layout.runningWord(thread);
    return `(cell, at, end) => {
      ${f64}[${this.#name('mesh', this.#kernel.mesh)}.receivedFloat]++;
      ${i32}[${running}] = cell.slot;
      ${i32}[${running + 1}] = ${this.#message.label};
      ${i32}[${running + 2}]++;
      cell.gate = ${RUNNING};
      const b = at + ${this.#message.isCall ? CALL_AT : CAST_AT};
      ${parts.prepare}
      const result = ${handler}(cell.state, ${parts.value}, cell);
      ${this.#message.isCall ? '' : `if (result === undefined) ${f64}[${books.at('handled')}]++;`}
      return result;
    }`;
  }

  reply(shape: Shape): string {
    const { kernel, message } = this.#symbols();
    const { i32, f64 } = this.#words();
    const parts = this.#shape(shape, `${this.#message.where} reply`);
    const head = `${i32}[(at >> 2) + 2] = call; ${i32}[(at >> 2) + 3] = 0;`;
    const full = `return ${kernel}.transmitReply(link, ${message}, call, m);`;
    return `(link, call, m) => {
      ${defaulted(shape)} ${parts.bound === undefined ? '' : parts.check}
      ${this.#put(parts, REPLY_AT, REPLY, full, head)}
      ${f64}[link.repliesSentFloat]++;
    }`;
  }

  compile(): MessageMethods {
    const { isCall, plan, where } = this.#message;
    const parts = this.#shape(plan.request, where);
    this.#source.constants['EMPTY'] = EMPTY;
    const body = `return {
      remote: ${isCall ? this.call(parts) : this.cast(parts)},
      local: ${isCall ? this.localCall(parts) : this.localCast(parts)},
      receive: ${this.receive(parts)},
      reply: ${plan.reply === undefined ? '() => undefined' : this.reply(plan.reply)},
    };`;
    return this.#source.compile<MessageMethods>(where, body);
  }
}

/** The same without generated code, and in `strict` systems for what stays on the thread: the slow way always. */
const plainMethods = (kernel: Kernel, message: BoundMessage): MessageMethods => {
  const { isCall, plan, handler, index } = message;
  const { mesh } = kernel;
  const remoteCast: CastMethod = function (this: AnyRef, value) {
    kernel.transmitCast(this, message, message.given(value));
  };
  const remoteCall: CallMethod = function (this: AnyRef, value, options) {
    let promise: Promise<unknown> | undefined;
    let call: number | undefined;
    try {
      promise = kernel.openCall(LINK in this ? (this[LINK] as Link).peer : kernel.thread, message, options);
      // Kept, because an accessor of the message may make a call of its own.
      call = kernel.openedCall;
      kernel.transmitCall(this, message, message.given(value), call);
      return promise;
    } catch (error) {
      return kernel.refuseCall(error, promise, call);
    }
  };
  const localCast: CastMethod = function (this: AnyRef, value) {
    kernel.enqueue((this as unknown as { [CELL]: Cell })[CELL], index, message.take(message.given(value)));
  };
  const localCall: CallMethod = function (this: AnyRef, value, options) {
    let promise: Promise<unknown> | undefined;
    let call: number | undefined;
    try {
      const taken = message.take(message.given(value));
      promise = kernel.openCall(kernel.thread, message, options);
      call = kernel.openedCall;
      const cell = (this as unknown as { [CELL]: Cell })[CELL];
      kernel.enqueueCall(cell, index, taken, call);
      return promise;
    } catch (error) {
      return kernel.refuseCall(error, promise, call);
    }
  };
  return {
    remote: isCall ? remoteCall : remoteCast,
    local: isCall ? localCall : localCast,
    receive: (cell, at, end) => {
      mesh.tools.memory.f64[mesh.receivedFloat]! += 1;
      beginRun(mesh, cell, message);
      const result = handler(cell.state, message.codec.decode(at + (isCall ? CALL_AT : CAST_AT), end), cell);
      if (!isCall && result === undefined) mesh.books.add('handled', 1);
      return result;
    },
    reply: (link, call, value) => {
      kernel.transmitReply(link, message, call, plan.reply?.kind === 'record' ? (value ?? EMPTY) : value);
    },
  };
};

export const bindMethods = (kernel: Kernel, message: BoundMessage): MessageMethods => {
  const plain = plainMethods(kernel, message);
  if (!generationAllowed) return plain;
  const generated = new MethodGenerator(kernel, message).compile();
  // A strict system sends what stays on the thread through the codec too; `message.take` does.
  return kernel.strict ? { ...generated, local: plain.local } : generated;
};
