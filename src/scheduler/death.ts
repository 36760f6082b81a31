/** How a worker has ended, by what its pool says of it. */
import type { LossReason } from '../base/errors.js';

export interface Death {
  readonly reason: LossReason;
  readonly exitCode: number | undefined;
  /** The error that ended it, where there is one. */
  readonly name: string | undefined;
  readonly message: string;
}

/** What Node gives a worker whose end was not of its own choosing. */
const FORCED_EXIT_CODE = 1;

const EXITED = /^worker exited with code: (-?\d+)$/;

/** What a promise was rejected with, that a worker threw: it need not be an error. */
export const deathOf = (thrown: unknown): Death => {
  if (!(thrown instanceof Error)) {
    const message = `something that is no Error was thrown: ${String(thrown)}`;
    return { reason: 'error', exitCode: FORCED_EXIT_CODE, name: undefined, message };
  }
  const { name, message } = thrown;
  const exited = EXITED.exec(message);
  if (exited !== null) return { reason: 'exit', exitCode: Number(exited[1]), name: undefined, message };
  if (name === 'AbortError') {
    return { reason: 'terminated', exitCode: FORCED_EXIT_CODE, name: undefined, message: 'it was terminated' };
  }
  const isMemory = (thrown as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
  return { reason: isMemory ? 'out-of-memory' : 'error', exitCode: FORCED_EXIT_CODE, name, message };
};
