/** One of two sides that talk by `postMessage` over a channel of their own: structured clone, no shared memory. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import { meet } from '../../rivals/meeting.js';
import type { Payload } from '../adapter.js';
import { Arrivals, type Recorded } from '../arrivals.js';
import { nowNs } from '../clock.js';
import { type Shape, shapeOf } from '../messages.js';
import { Schedule } from '../schedule.js';
import type { Begin, SideTasks } from '../two-sided.js';

export interface Connection {
  readonly payload: Payload;
  readonly port: MessagePort;
}

export interface PostedTasks extends SideTasks {
  connect(connection: Connection): void;
  disconnect(order: Record<string, never>): void;
}

const start = ({ meeting }: Begin): void => {
  if (meeting !== undefined) meet(new Int32Array(meeting));
};

export const makePostedSide = (): PostedTasks => {
  let port: MessagePort;
  let shape: Shape<unknown>;
  let take: (message: unknown) => void = () => {};

  const post = (index: number, at: number): void => port.postMessage(shape.make(index, at));

  /** Resolves when so many have come; `each` is called after each of them. */
  const record = (count: number, each: () => void): Promise<Recorded> => {
    const arrivals = new Arrivals(count);
    return new Promise((resolve) => {
      take = (message) => {
        arrivals.arrive(shape.index(message), shape.at(message), shape.isRight(message));
        if (arrivals.count === count) resolve(arrivals.finish());
        else each();
      };
    });
  };

  return {
    connect(connection) {
      port = connection.port;
      shape = shapeOf(connection.payload);
      port.on('message', (message: unknown) => take(message));
    },

    disconnect() {
      port.close();
    },

    receive(order) {
      const recorded = record(order.count, () => {});
      start(order);
      return recorded;
    },

    echo(order) {
      let left = order.count;
      return new Promise((resolve) => {
        take = (message) => {
          port.postMessage(message);
          if (--left === 0) resolve();
        };
        start(order);
      });
    },

    ask(order) {
      const { count, inFlight } = order;
      let sent = 0;
      const sendNext = (): void => {
        if (sent < count) post(sent++, nowNs());
      };
      const recorded = record(count, sendNext);
      start(order);
      while (sent < Math.min(inFlight, count)) sendNext();
      return recorded;
    },

    /** Hot. The receiver on the same thread needs its turns. */
    async pace(order) {
      start(order);
      const schedule = new Schedule(order);
      while (!schedule.isOver) {
        schedule.sendDue(post);
        if (order.meeting === undefined) await nextTurn();
      }
    },

    async lone(order) {
      start(order);
      for (let index = 0; index < order.count; index++) {
        await sleep(order.idleMs);
        post(index, nowNs());
      }
    },

    saturate(order) {
      const { count, timedEvery } = order;
      start(order);
      const beganNs = nowNs();
      for (let index = 0; index < count; index++) {
        post(index, timedEvery > 0 && index % timedEvery === 0 ? nowNs() : 0);
      }
      return beganNs;
    },
  };
};
