/**
 * Systems that are no more than two sides with something between them: each side is told what to do, by the same names for
 * all of them, on a thread of its own or on the host.
 */
import { makeMeeting } from '../rivals/meeting.js';
import { RivalThread } from '../rivals/thread.js';
import type { Placement, Tasks } from './adapter.js';
import { checkRecorded, type Recorded, SATURATION_TIMED_EVERY, timedOf } from './arrivals.js';
import { messagesOf, type Rate } from './schedule.js';
import { NANOSECONDS_PER_SECOND } from './units.js';

/** Both sides begin when both are there, so that no start of a thread is measured; on one thread they need not wait. */
export interface Begin {
  readonly meeting?: SharedArrayBuffer | undefined;
}

type Order<T> = Begin & T;
type Later<T> = T | Promise<T>;

export interface SideTasks {
  /** Until so many have come. `saturated`: they come as fast as they can. */
  receive(order: Order<{ readonly count: number; readonly saturated: boolean }>): Later<Recorded>;
  /** Sends all that comes back, until that were so many. */
  echo(order: Order<{ readonly count: number }>): Later<void>;
  /** Sends, so many at a time, what the other side echoes. */
  ask(order: Order<{ readonly count: number; readonly inFlight: number }>): Later<Recorded>;
  pace(order: Order<Rate>): Later<void>;
  lone(order: Order<{ readonly count: number; readonly idleMs: number }>): Later<void>;
  /** When it began. Every so many messages one is timed; 0: none. */
  saturate(order: Order<{ readonly count: number; readonly timedEvery: number }>): Later<number>;
}

/** What can be told what to do: a thread, or something on the host. */
export type Side<T extends object> = Pick<RivalThread<T>, 'ask' | 'end'>;

/** A side on the host. A task begins before `ask` returns. */
export const onHost = <T extends object>(tasks: T): Side<T> => ({
  ask: (async (task: keyof T, order: unknown) => (tasks[task] as (order: unknown) => unknown)(order)) as Side<T>['ask'],
  end: () => Promise.resolve(0),
});

export interface Sides<T extends object> {
  readonly sender: Side<T>;
  readonly receiver: Side<T>;
}

/** @param make the tasks of a side, which the module at `thread` serves */
export const openSides = async <T extends object>(
  placement: Placement,
  thread: URL,
  make: () => T,
): Promise<Sides<T>> => {
  if (placement === 'same-thread') return { sender: onHost(make()), receiver: onHost(make()) };
  const start = (): Promise<Side<T>> => RivalThread.start<T>(thread);
  const [sender, receiver] = await Promise.all([placement === 'host-worker' ? onHost(make()) : start(), start()]);
  return { sender, receiver };
};

export const endSides = async <T extends object>({ sender, receiver }: Sides<T>): Promise<void> => {
  await Promise.all([sender.end(), receiver.end()]);
};

export const twoSided = (sides: Sides<SideTasks>, placement: Placement): Tasks => {
  const { sender, receiver } = sides;
  const begin = (): Begin => (placement === 'same-thread' ? {} : { meeting: makeMeeting() });

  const timeAnswers = async (count: number, inFlight: number) => {
    const meeting = begin();
    const echoed = receiver.ask('echo', { ...meeting, count });
    const [recorded] = await Promise.all([sender.ask('ask', { ...meeting, count, inFlight }), echoed]);
    return timedOf(recorded, count);
  };

  const saturate = async (count: number, timedEvery: number) => {
    const meeting = begin();
    const received = receiver.ask('receive', { ...meeting, count, saturated: true });
    const [beganNs, recorded] = await Promise.all([
      sender.ask('saturate', { ...meeting, count, timedEvery }),
      received,
    ]);
    return { beganNs, recorded };
  };

  return {
    'round trip': ({ count }) => timeAnswers(count, 1),
    async 'at a fixed rate'(rate) {
      const meeting = begin();
      const count = messagesOf(rate);
      const received = receiver.ask('receive', { ...meeting, count, saturated: false });
      const [recorded] = await Promise.all([received, sender.ask('pace', { ...meeting, ...rate })]);
      return timedOf(recorded, count);
    },
    async 'at saturation'({ count }) {
      const { recorded } = await saturate(count, SATURATION_TIMED_EVERY);
      return timedOf(recorded, count);
    },
    async 'after idling'(order) {
      const meeting = begin();
      const received = receiver.ask('receive', { ...meeting, count: order.count, saturated: false });
      const [recorded] = await Promise.all([received, sender.ask('lone', { ...meeting, ...order })]);
      return timedOf(recorded, order.count);
    },
    calls: ({ count, inFlight }) => timeAnswers(count, inFlight),
    async stream({ count }) {
      const { beganNs, recorded } = await saturate(count, 0);
      checkRecorded(recorded, count);
      return (recorded.endedNs - beganNs) / NANOSECONDS_PER_SECOND;
    },
    /** The receiver waits meanwhile, in its own way, for a message that comes at the end. */
    async idling({ forMs }) {
      const meeting = begin();
      const received = receiver.ask('receive', { ...meeting, count: 1, saturated: false });
      const [recorded] = await Promise.all([received, sender.ask('lone', { ...meeting, count: 1, idleMs: forMs })]);
      checkRecorded(recorded, 1);
    },
  };
};
