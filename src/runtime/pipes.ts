/** Promises whose outcome becomes a message: `self.pipe`. */
import { type Cell, ENDED } from '../actor/cell.js';
import type { KernelPipes } from '../actor/kernel.js';
import type { AnyRef } from '../actor/ref.js';
import type { PipeOptions } from '../actor/self.js';
import { describe } from '../base/describe.js';
import { InvalidOptions } from '../base/errors.js';
import { checkMembers } from '../base/members.js';
import type { Core } from './core.js';
import { messageOf } from './sends.js';

type Make = (value: unknown) => unknown;

const PIPE_OPTIONS: ReadonlySet<string> = new Set<keyof PipeOptions<unknown>>(['onError']);

const checkMake = (name: string, make: Make | undefined): void => {
  if (make === undefined || typeof make === 'function') return;
  throw new InvalidOptions(`pipe: ${name} is not a function`, { got: describe(make) });
};

const checkPromise = (promise: PromiseLike<unknown>): void => {
  const then: unknown = (promise as PromiseLike<unknown> | null | undefined)?.then;
  if (typeof then !== 'function') throw new InvalidOptions('pipe: expected a promise', { got: describe(promise) });
};

const rethrow: Make = (error) => {
  throw error;
};

export class Pipes implements KernelPipes {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  pipe(
    cell: Cell,
    promise: PromiseLike<unknown>,
    ref: AnyRef,
    name: string,
    map: Make = (value) => value,
    options: PipeOptions<unknown> = {},
  ): void {
    const send = messageOf(this.#core, 'pipe', ref, 'cast', name);
    checkMake('map', map);
    checkMembers('pipe', options, PIPE_OPTIONS);
    const { onError = rethrow } = options;
    checkMake('onError', onError);
    checkPromise(promise);
    const settle = (make: Make, outcome: unknown): void => {
      if ((cell.gate & ENDED) !== 0) return;
      try {
        send(make(outcome));
      } catch (error) {
        this.#core.reports.problem('pipe-failed', error);
      }
    };
    // A thenable that is no promise may settle twice; the promise of it does not.
    Promise.resolve(promise).then(
      (value) => settle(map, value),
      (error: unknown) => settle(onError, error),
    );
  }
}
