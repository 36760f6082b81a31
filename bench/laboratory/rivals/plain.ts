/**
 * Two sides on one thread, by hand: what the sender has put into an array the receiver handles when the sender has done its
 * turn, as with `PlainActor` of the benchmark.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BURST } from '../../harness/payloads.js';
import { drain, PlainActor } from '../../rivals/plain-actor.js';
import type { Payload } from '../adapter.js';
import { Arrivals } from '../arrivals.js';
import { nowNs } from '../clock.js';
import { shapeOf } from '../messages.js';
import { Schedule } from '../schedule.js';
import type { SideTasks } from '../two-sided.js';

export const makePlainSides = (payload: Payload): { sender: SideTasks; receiver: SideTasks } => {
  const shape = shapeOf(payload);

  const makeSide = (): { tasks: SideTasks; actor: PlainActor<unknown>; meet: (other: PlainActor<unknown>) => void } => {
    let take: (message: unknown) => void = () => {};
    let send: (message: unknown) => void = () => {};
    const actor = new PlainActor<unknown>((message) => take(message));
    const meet = (other: PlainActor<unknown>): void => {
      send = (message) => other.send(message);
    };
    const record = (count: number, each: (arrivals: Arrivals) => void): Arrivals => {
      const arrivals = new Arrivals(count);
      take = (message) => {
        arrivals.arrive(shape.index(message), shape.at(message), shape.isRight(message));
        each(arrivals);
      };
      return arrivals;
    };
    const tasks: SideTasks = {
      receive: ({ count }) =>
        new Promise((resolve) => {
          record(count, (arrivals) => {
            if (arrivals.count === count) resolve(arrivals.finish());
          });
        }),
      echo() {
        take = send;
      },
      ask({ count, inFlight }) {
        let sent = 0;
        const sendNext = (): void => {
          if (sent < count) send(shape.make(sent++, nowNs()));
        };
        const arrivals = record(count, sendNext);
        while (sent < Math.min(inFlight, count)) sendNext();
        drain();
        return arrivals.finish();
      },
      pace(rate) {
        const schedule = new Schedule(rate);
        while (!schedule.isOver) {
          schedule.sendDue((index, dueNs) => send(shape.make(index, dueNs)));
          drain();
        }
      },
      async lone({ count, idleMs }) {
        for (let index = 0; index < count; index++) {
          await sleep(idleMs);
          send(shape.make(index, nowNs()));
          drain();
        }
      },
      saturate({ count, timedEvery }) {
        const beganNs = nowNs();
        for (let index = 0; index < count; index++) {
          send(shape.make(index, timedEvery > 0 && index % timedEvery === 0 ? nowNs() : 0));
          if (index % BURST === BURST - 1) drain();
        }
        drain();
        return beganNs;
      },
    };
    return { tasks, actor, meet };
  };

  const sender = makeSide();
  const receiver = makeSide();
  sender.meet(receiver.actor);
  receiver.meet(sender.actor);
  return { sender: sender.tasks, receiver: receiver.tasks };
};
