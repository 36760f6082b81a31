/**
 * Calls that are handed over: another actor answers in one's place. The handler's call becomes a call to that actor, made
 * by this thread, whose outcome goes to the first caller. It is no concern of the actor that handed it over, which may
 * end meanwhile; what the two calls go by are their deadlines, and the ends of the actor and of the threads.
 */
import type { Cell } from '../actor/cell.js';
import type { KernelForwards } from '../actor/kernel.js';
import type { AnyRef, CallOptions } from '../actor/ref.js';
import type { Reply } from '../actor/self.js';
import { isError } from '../messages/envelope.js';
import { checkCall, limitCall } from './call-limits.js';
import type { Core } from './core.js';
import type { RunningCall } from './dispatcher.js';
import { messageOf } from './sends.js';

/** The answer to a call that no actor owes any more. */
class Handover implements Reply<unknown> {
  readonly #core: Core;
  #running: RunningCall | undefined;

  constructor(core: Core, running: RunningCall) {
    this.#core = core;
    this.#running = running;
  }

  send(value: unknown): void {
    if (this.#running === undefined) return;
    const { origin, call, message } = this.#running;
    this.#core.answer(origin, call, message, value);
    this.#running = undefined;
  }

  fail(error: Error): void {
    if (this.#running === undefined) return;
    const { origin, call } = this.#running;
    this.#running = undefined;
    this.#core.failCall(origin, call, error);
  }
}

export class Forwards implements KernelForwards {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  forward(cell: Cell, ref: AnyRef, name: string, message: unknown, options: CallOptions | undefined): Reply<unknown> {
    const send = messageOf(this.#core, 'forward', ref, 'call', name);
    if (options !== undefined) checkCall(options, name);
    const running = this.#core.dispatcher.takeCall(cell, 'forward');
    const handover = new Handover(this.#core, running);
    void this.#handOver(handover, () => send(message, limitCall(this.#core, name, options, running.deadline)));
    return handover;
  }

  async #handOver(handover: Handover, call: () => unknown): Promise<void> {
    try {
      const value = await call();
      if (!this.#core.halted) handover.send(value);
    } catch (error) {
      // A thread that has halted says nothing more; every thread tells its own callers that the system ends.
      if (!this.#core.halted) handover.fail(isError(error) ? error : new Error(String(error)));
    }
    this.#core.wake();
  }
}
