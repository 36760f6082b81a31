/** Actors of nact, which all live on one thread. The sides of `two-sided.ts`, both of them here. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { dispatch, query, type Ref, spawnStateless, start } from 'nact';
import { PATIENCE } from '../../harness/patience.js';
import { serve } from '../../rivals/serve.js';
import type { Payload } from '../adapter.js';
import { Arrivals, type Recorded } from '../arrivals.js';
import { nowNs } from '../clock.js';
import { type Shape, shapeOf } from '../messages.js';
import { type LoneLoad, type RequestLoad, timeRequests } from '../requests.js';
import { type Rate, Schedule } from '../schedule.js';

interface Asked {
  readonly sender: Ref<number>;
  readonly message: unknown;
}

interface Saturation {
  readonly count: number;
  readonly timedEvery: number;
}

const system = start();
let shape: Shape<unknown>;
let take: (message: unknown) => void = () => {};

const receiver = spawnStateless(system, (message: unknown) => take(message));
const echo: Ref<unknown> = spawnStateless(system, (message: unknown) => dispatch(receiver, message));
const answerer = spawnStateless(system, ({ sender, message }: Asked) => dispatch(sender, shape.index(message) + 1));

/** Resolves when so many have come; `each` is called after each of them. */
const record = (count: number, each = (): void => {}): Promise<Recorded> => {
  const arrivals = new Arrivals(count);
  return new Promise((resolve) => {
    take = (message) => {
      arrivals.arrive(shape.index(message), shape.at(message), shape.isRight(message));
      if (arrivals.count === count) resolve(arrivals.finish());
      else each();
    };
  });
};

const send = (index: number, at: number): void => dispatch(receiver, shape.make(index, at));

export const tasks = {
  use({ payload }: { readonly payload: Payload }): void {
    shape = shapeOf(payload);
  },

  rally({ count }: { readonly count: number }): Promise<Recorded> {
    let sent = 0;
    const sendNext = (): void => dispatch(echo, shape.make(sent++, nowNs()));
    const recorded = record(count, sendNext);
    sendNext();
    return recorded;
  },

  ask(load: RequestLoad): Promise<Recorded> {
    const request = (index: number): Promise<number> => {
      const message = shape.make(index, 0);
      return query(answerer, (sender: Ref<number>): Asked => ({ sender, message }), PATIENCE.timeoutMs);
    };
    return timeRequests(request, load);
  },

  async pace(rate: Rate): Promise<Recorded> {
    const schedule = new Schedule(rate);
    const recorded = record(schedule.count);
    while (!schedule.isOver) {
      schedule.sendDue(send);
      await nextTurn();
    }
    return recorded;
  },

  async lone({ count, idleMs }: LoneLoad): Promise<Recorded> {
    const recorded = record(count);
    for (let index = 0; index < count; index++) {
      await sleep(idleMs);
      send(index, nowNs());
    }
    return recorded;
  },

  async saturate({ count, timedEvery }: Saturation): Promise<{ beganNs: number; recorded: Recorded }> {
    const recorded = record(count);
    const beganNs = nowNs();
    for (let index = 0; index < count; index++) {
      send(index, timedEvery > 0 && index % timedEvery === 0 ? nowNs() : 0);
    }
    return { beganNs, recorded: await recorded };
  },
};

serve(tasks);
