/**
 * What is expected of each way to end at each place of an actor's code.
 *
 * |                 | init, the first        | handler, timer        | after await            | stopped               |
 * | --------------- | ---------------------- | --------------------- | ---------------------- | --------------------- |
 * | normal          | is born, then ends     | ends when it returns  | ends when it settles   | no more than it does  |
 * | throw, reject,  | is never born          | its message is lost   | its message is lost    | a normal end becomes  |
 * |   stack overflow|                        |                       |                        |   a failure           |
 * | kill            | is not waited for      | when it returns       | fenced, its message lost | is not waited for   |
 * | stop            | is not waited for      | when it returns       | waited for             | comes too late        |
 * | process.exit,   | names the hook         | names the handler     | names nobody           | names the hook        |
 * |   terminate,    |                        |                       |                        |                       |
 * |   infinite loop |                        |                       |                        |                       |
 * | microtask loop  | is born, then ends     | is handled before     | is handled before      | has ended before      |
 *
 * `started` and `onSupervision` are as a handler, but that no message is lost or answered with them. `init`, `started`,
 * `stopped`, `onSupervision` and the timer's handler wait in a promise for kill and stop, the handler keeps its thread.
 *
 * Pairs that there are not:
 * - A failed restart ends an actor that has ended before: at each place it is a throw there, and then an `init` that fails.
 *   An actor without a supervisor has none.
 * - Nobody can kill or stop a child of a supervisor in its first `init`: nobody knows it yet. What a supervised actor does in
 *   `init` it does in its second life.
 */
import type { Ended, LossReason } from 'heddle';
import type { Way, Where } from '../actors/subject.js';

export const ASKED = 'asked by the test';

export interface Cell {
  /** What everybody is told. */
  readonly ended: Pick<Ended, 'reason'> & { readonly detail?: string };
  /** The code of the error that comes with it, and the message of that error's cause. */
  readonly code?: string;
  readonly cause?: string;
  readonly loss?: { readonly reason: LossReason; readonly exitCode?: number };
  /** Whether the code that ended the thread can be named. */
  readonly hasCulprit: boolean;
  /** Whether the first `init` succeeds. */
  readonly isBorn: boolean;
  /** What the caller is told whose message is being handled; undefined: the answer. */
  readonly refusal: string | undefined;
  /** Messages lost in a handler. */
  readonly lost: number;
  /** Whether the code waits in a promise, so that the test can end it there. */
  readonly awaits: boolean;
  /** Whether what waits is kept for the next life: in a mailbox after a failure, in the ring always. */
  readonly keeps: boolean;
}

const isMessage = (where: Where): boolean => where === 'handler' || where === 'after await' || where === 'timer';

const QUIET = { hasCulprit: false, refusal: undefined, lost: 0 } as const;

const failing =
  (detail: string, cause: string) =>
  (where: Where): Cell => ({
    ended: { reason: 'failed', detail },
    code: 'HEDDLE_ACTOR_FAILED',
    cause,
    hasCulprit: false,
    isBorn: where !== 'init',
    refusal: 'HEDDLE_ACTOR_FAILED',
    lost: Number(isMessage(where)),
    awaits: where === 'after await',
    // It has stopped normally before its hook fails.
    keeps: true,
  });

/** How a thread ends; `where` it is still in code of the actor then. */
const losing =
  (loss: NonNullable<Cell['loss']>) =>
  (where: Where): Cell => ({
    ended: { reason: 'thread-lost' },
    code: 'HEDDLE_THREAD_LOST',
    loss,
    hasCulprit: where !== 'after await',
    isBorn: where !== 'init',
    refusal: 'HEDDLE_THREAD_LOST',
    // What a promise had in its hands is a dead letter.
    lost: Number(isMessage(where) && where !== 'after await'),
    awaits: where === 'after await',
    keeps: false,
  });

/** Whether code is held in a promise that is to be ended from outside. */
const isHeld = (where: Where): boolean => where !== 'handler';

export const CELLS: Readonly<Record<Way, (where: Where) => Cell>> = {
  normal: (where) => ({
    ...QUIET,
    ended: { reason: 'stopped', detail: where === 'stopped' ? ASKED : 'enough' },
    isBorn: true,
    awaits: where === 'after await',
    keeps: where !== 'after await',
  }),
  throw: failing('broken', 'broken'),
  reject: (where) => ({
    ...failing('broken', 'broken')(where),
    // While its promise is pending it takes no messages.
    ...(where === 'stopped' ? { awaits: true, keeps: false } : {}),
  }),
  'throw non-Error': failing(
    'something that is no Error was thrown: undefined',
    'something that is no Error was thrown: undefined',
  ),
  'stack overflow': failing('Maximum call stack size exceeded', 'Maximum call stack size exceeded'),
  kill: (where) => ({
    ...QUIET,
    ended: { reason: 'killed', detail: ASKED },
    isBorn: where !== 'init',
    refusal: where === 'after await' ? 'HEDDLE_ACTOR_STOPPED' : undefined,
    lost: Number(where === 'after await' || where === 'timer'),
    awaits: isHeld(where),
    keeps: !isHeld(where),
  }),
  stop: (where) => ({
    ...QUIET,
    ended: { reason: 'stopped', detail: ASKED },
    isBorn: where !== 'init',
    awaits: isHeld(where),
    keeps: !isHeld(where),
  }),
  'process.exit': losing({ reason: 'exit', exitCode: 7 }),
  terminate: losing({ reason: 'terminated' }),
  'infinite loop': losing({ reason: 'unresponsive' }),
  'microtask loop': (where) => {
    const { code, ended, ...lost } = losing({ reason: 'unresponsive' })(where);
    const told =
      where === 'stopped' ? { ended: { reason: 'stopped', detail: ASKED } as const } : { ended, code: code! };
    return { ...lost, ...QUIET, ...told, isBorn: true };
  },
};
