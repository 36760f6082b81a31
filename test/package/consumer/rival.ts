import type { Adapter, Session, Situation, Timed } from 'heddle/laboratory';

const timed = (count: number): Timed => ({
  distribution: [
    [50, 1],
    [100, 2],
  ],
  count,
});

const rival: Adapter = {
  name: 'mine',
  probe: () => Promise.resolve({ version: '1.0.0' }),
  async open({ wait, placement, payload }: Situation): Promise<Session | undefined> {
    if (wait !== 'parked' || placement !== 'host-worker' || payload.kind !== 'pair') return undefined;
    return {
      tasks: {
        'round trip': async ({ count }) => timed(count),
        calls: async ({ count, inFlight }) => timed(count * inFlight),
        // @ts-expect-error it resolves with the seconds
        stream: async ({ count }) => String(count),
      },
      close: async () => {},
    };
  },
};

export default rival;

// @ts-expect-error a rival says whether it is there
export const silent: Adapter = { name: 'silent', open: rival.open };
