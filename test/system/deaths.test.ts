/** Every way in which a thread can end, many times: it is replaced, others lose nothing, and the reason told is the true one. */
import type { LossReason, RefOf, System } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Agent } from '../actors/agent.js';
import { Ledger } from '../actors/ledger.js';
import { Mortal, type Way, ways } from '../actors/mortal.js';
import { effort } from '../support/effort.js';
import { finish, quiet, start } from '../support/systems.js';
import { until } from '../support/until.js';

interface Loss {
  readonly reason: LossReason;
  readonly exitCode?: number;
  readonly cause?: { readonly name?: string; readonly message: string };
}

/** What is told of each. */
const LOSSES: Readonly<Record<Way, Loss>> = {
  'an exception in a turn of the event loop': { reason: 'error', cause: { name: 'TypeError', message: 'in a turn' } },
  'an exception in a timer': { reason: 'error', cause: { name: 'RangeError', message: 'in a timer' } },
  'something thrown that is no error': {
    reason: 'error',
    cause: { message: 'something that is no Error was thrown: Symbol(no error)' },
  },
  'an error event that nobody listens to': { reason: 'error', cause: { message: 'an event' } },
  'a stack overflow': { reason: 'error', cause: { name: 'RangeError', message: 'Maximum call stack size exceeded' } },
  'process.exit in a handler': { reason: 'exit', exitCode: 7 },
  'process.exit in a promise': { reason: 'exit', exitCode: 0 },
  'a heap that overflows': { reason: 'out-of-memory' },
  'a loop': { reason: 'terminated' },
  'a loop of microtasks': { reason: 'terminated' },
  'a regular expression': { reason: 'terminated' },
  'a wait for nothing': { reason: 'terminated' },
};

const HEAP_MB = 24;
const BATCH = 2000;

/** Dies once. Returns what a caller is told. */
const die = async (system: System, way: Way): Promise<unknown> => {
  const [mortal, waiting] = await Promise.all([1, 1].map((place) => system.spawn(Mortal, undefined, { place })));
  const told = waiting!.never({}, { timeoutMs: 60_000 }).catch((error: unknown) => error);
  await until(() => system.counters().threads[1]!.underway === 1);
  const { handled, epoch } = system.counters().threads[1]!;
  mortal!.die({ way });
  if (LOSSES[way].reason === 'terminated') {
    // It has begun; only that of the microtasks returns.
    await until(() => {
      const thread = system.counters().threads[1]!;
      return thread.underway === 2 || thread.handled > handled;
    });
    await system.terminate(1);
  }
  const error = await told;
  expect(system.counters().threads[1]!.epoch).toBe(epoch + 1);
  return error;
};

describe.each(ways)('a thread that ends by %s', (way) => {
  it('is replaced each time; others lose nothing, and the reason told is the true one', async () => {
    const system = await start({ threads: 2, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
    const ledger: RefOf<typeof Ledger> = await system.spawn(Ledger, undefined, { place: 2 });
    const agents = await Promise.all([0, 2].map((place) => system.spawn(Agent, undefined, { place })));
    const deaths = effort(25, 1000);
    for (let death = 0; death < deaths; death++) {
      const notes = agents.map((agent, from) => agent.notes({ to: ledger, from, count: BATCH }));
      expect(await die(system, way)).toMatchObject({ code: 'HEDDLE_THREAD_LOST', ...LOSSES[way] });
      const next = await system.spawn(Mortal, undefined, { place: 1 });
      expect(await next.thread()).toBe(1);
      await Promise.all(notes);
      await quiet(system);
      expect(await ledger.summary()).toEqual({ count: agents.length * BATCH, ordered: 1 });
      ledger.reset();
    }
    expect(system.counters().threads[1]!.epoch).toBe(deaths);
    await finish(system);
  });
});
