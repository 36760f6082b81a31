/** Times requests, for all systems that know such a thing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from '../harness/check.js';
import { Arrivals, type Recorded } from './arrivals.js';
import { nowNs } from './clock.js';

export interface RequestLoad {
  readonly count: number;
  readonly inFlight: number;
}

/** Makes `count` requests, `inFlight` at a time, each of which is answered with its number and one more. */
export const timeRequests = async (
  request: (index: number) => Promise<number>,
  { count, inFlight }: RequestLoad,
): Promise<Recorded> => {
  const arrivals = new Arrivals(count);
  let next = 0;
  let done = 0;
  const requestSome = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const beganNs = nowNs();
      const answer = await request(index);
      arrivals.took(done++, nowNs() - beganNs, answer === index + 1);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, requestSome));
  return arrivals.finish();
};

export interface LoneLoad {
  readonly count: number;
  readonly idleMs: number;
}

/** Makes a request after each pause; it is answered with the nanoseconds that it was under way. */
export const timeLoneRequests = async (
  request: (index: number, atNs: number) => Promise<number>,
  { count, idleMs }: LoneLoad,
): Promise<Recorded> => {
  const arrivals = new Arrivals(count);
  for (let index = 0; index < count; index++) {
    await sleep(idleMs);
    const ns = await request(index, nowNs());
    check('the time of a request is a number', Number.isFinite(ns), true);
    arrivals.took(index, ns, true);
  }
  return arrivals.finish();
};
