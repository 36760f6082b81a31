/** One of two threads that talk through rings made by hand. While it waits it does nothing else, not even its event loop. */
import { meet } from '../../rivals/meeting.js';
import { backOff } from '../../rivals/pair-ring.js';
import type { Payload, Wait } from '../adapter.js';
import { Arrivals } from '../arrivals.js';
import { nowNs } from '../clock.js';
import { Schedule } from '../schedule.js';
import type { Begin, SideTasks } from '../two-sided.js';
import { Bell } from './bell.js';
import { type Each, type Intake, type Outlet, openIntake, openOutlet } from './channel.js';

export interface Line {
  readonly ring: SharedArrayBuffer;
  readonly bell: SharedArrayBuffer;
}

export interface Connection {
  readonly payload: Payload;
  readonly wait: Wait;
  readonly out: Line;
  readonly back: Line;
}

export interface ByHandTasks extends SideTasks {
  connect(connection: Connection): Promise<void>;
}

const lookAgain = (): void => {};

class Ends {
  readonly #outlet: Outlet;
  readonly #outBell: Bell;
  readonly #intake: Intake;
  readonly #inBell: Bell;

  constructor(outlet: Outlet, outBell: Bell, intake: Intake, inBell: Bell) {
    this.#outlet = outlet;
    this.#outBell = outBell;
    this.#intake = intake;
    this.#inBell = inBell;
  }

  /** Waits for room, if need be. */
  write(index: number, at: number): void {
    while (!this.#outlet.write(index, at)) this.publish();
  }

  publish(): void {
    this.#outlet.publish();
    this.#outBell.ring();
  }

  /** Takes messages as they come until there were so many. `idle` is called between two looks. */
  takeUntil(count: number, each: Each, idle: () => void, publishes = false): void {
    const look = (): number => this.#intake.take(each);
    for (let left = count; left > 0; ) {
      left -= this.#inBell.untilSome(look, idle);
      if (publishes) this.publish();
    }
  }
}

const start = ({ meeting }: Begin): void => {
  if (meeting !== undefined) meet(new Int32Array(meeting));
};

const bed = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Messages after which a writer rings, however much there is still to write. */
const BATCH = 64;

export const makeByHandSide = (): ByHandTasks => {
  let ends: Ends;
  return {
    async connect({ payload, wait, out, back }) {
      const outlet = await openOutlet(out.ring, payload);
      const intake = await openIntake(back.ring, payload);
      ends = new Ends(outlet, new Bell(out.bell, wait), intake, new Bell(back.bell, wait));
    },

    receive(order) {
      const arrivals = new Arrivals(order.count);
      start(order);
      const each: Each = (index, at, isRight) => arrivals.arrive(index, at, isRight);
      ends.takeUntil(order.count, each, order.saturated ? backOff : lookAgain);
      return arrivals.finish();
    },

    echo(order) {
      start(order);
      ends.takeUntil(order.count, (index, at) => ends.write(index, at), lookAgain, true);
    },

    ask(order) {
      const { count, inFlight } = order;
      const arrivals = new Arrivals(count);
      let sent = 0;
      const send = (): void => {
        if (sent < count) ends.write(sent++, nowNs());
      };
      start(order);
      while (sent < Math.min(inFlight, count)) send();
      ends.publish();
      const each: Each = (index, at, isRight) => {
        arrivals.arrive(index, at, isRight);
        send();
      };
      ends.takeUntil(count, each, lookAgain, true);
      return arrivals.finish();
    },

    pace(order) {
      start(order);
      const schedule = new Schedule(order);
      const send = (index: number, dueNs: number): void => ends.write(index, dueNs);
      while (!schedule.isOver) if (schedule.sendDue(send) > 0) ends.publish();
    },

    lone(order) {
      start(order);
      for (let index = 0; index < order.count; index++) {
        Atomics.wait(bed, 0, 0, order.idleMs);
        ends.write(index, nowNs());
        ends.publish();
      }
    },

    saturate(order) {
      const { count, timedEvery } = order;
      start(order);
      const beganNs = nowNs();
      for (let index = 0; index < count; index++) {
        ends.write(index, timedEvery > 0 && index % timedEvery === 0 ? nowNs() : 0);
        if (index % BATCH === BATCH - 1) ends.publish();
      }
      ends.publish();
      return beganNs;
    },
  };
};
