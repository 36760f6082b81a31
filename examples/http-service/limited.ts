/** A way that refuses what it has no room for, so that those who wait are answered in time. */
import { Refusal, type Way } from './way.js';

/** @param underWayMax requests that may be under way at a time */
export const limited = (way: Way, underWayMax: number): Way => {
  let underWay = 0;
  return {
    async answer(body, signal) {
      if (underWay === underWayMax) throw new Refusal(503, `${underWay} requests are under way`);
      underWay++;
      try {
        return await way.answer(body, signal);
      } finally {
        underWay--;
      }
    },
    close: () => way.close(),
  };
};
