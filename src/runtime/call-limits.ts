/** The options of calls: what they may be, and how those are bounded that are made for another call. */
import type { CallOptions } from '../actor/ref.js';
import { describe } from '../base/describe.js';
import { CallTimeout, InvalidOptions, withoutStack } from '../base/errors.js';
import { checkMembers } from '../base/members.js';
import { remainingMs } from './calls.js';
import type { Core } from './core.js';
import { checkTimeout } from './options.js';

const CALL_OPTIONS: ReadonlySet<string> = new Set<keyof CallOptions>(['timeoutMs', 'signal']);

/** @throws InvalidOptions */
export const checkCall = (options: CallOptions, where: string): void => {
  checkMembers('call of ', options, CALL_OPTIONS, where);
  const { signal, timeoutMs } = options;
  checkTimeout('timeoutMs', timeoutMs, 0);
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new InvalidOptions('signal is not an AbortSignal', { got: describe(signal) });
};

/**
 * Options for a call that does not outlast `deadline`, nor the actor of `ending`.
 *
 * @throws InvalidOptions
 * @throws CallTimeout the deadline has passed
 */
export const limitCall = (
  core: Core,
  where: string,
  options: CallOptions | undefined,
  deadline: number,
  ending?: AbortSignal,
): CallOptions => {
  if (options !== undefined) checkCall(options, where);
  const left = remainingMs(deadline, core.clock.now());
  if (left < 0) {
    throw withoutStack(() => new CallTimeout(`${where} was not called: the deadline of the running call has passed`));
  }
  const timeoutMs = Math.min(left, checkTimeout('timeoutMs', options?.timeoutMs, core.options.callTimeoutMs));
  const signals = [options?.signal, ending].filter((signal) => signal !== undefined);
  if (signals.length === 0) return { timeoutMs };
  return { timeoutMs, signal: signals.length === 1 ? signals[0]! : AbortSignal.any(signals) };
};
