/** Makes adapters for `--rival`: calls that are answered at once, by somebody who is mistaken, missing, or neither. */
import { createHistogram } from 'node:perf_hooks';
import type { Adapter } from '../../bench/laboratory/adapter.js';

const histogram = createHistogram();
histogram.record(1);

export const makeRival = (name: string, facts: Partial<Adapter> & { readonly isWrong?: boolean } = {}): Adapter => {
  const { isWrong = false, ...others } = facts;
  return {
    name,
    probe: () => Promise.resolve({ version: '7' }),
    open: ({ wait }) =>
      Promise.resolve(
        wait === 'parked'
          ? {
              tasks: {
                'round trip': ({ count }) => {
                  if (isWrong) throw new Error('wrong result: the sum is 1 and should be 2');
                  return Promise.resolve({
                    distribution: [
                      [0, 5],
                      [100, 50],
                    ],
                    count,
                  });
                },
              },
              close: () => Promise.resolve(),
            }
          : undefined,
      ),
    ...others,
  };
};
