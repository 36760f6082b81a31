/**
 * What heddle guarantees, in random scenarios: actors on several simulated threads that flood, call, watch, stop, kill and
 * restart each other, under supervisors, with small rings and mailboxes, while threads die. One seed is one scenario, and
 * always the same one.
 */
import { describe, expect, it } from 'vitest';
import { Cell } from '../../src/actor/cell.js';
import type { Core } from '../../src/runtime/core.js';
import type { Sabotage } from '../../src/testing/simulation.js';
import { effort } from '../support/effort.js';
import { seedOfTest } from '../support/random.js';
import { type Outcome, play } from './guarantees/scenario.js';

const SEEDS = effort(2_000, 500_000);
const TWICE = effort(200, 20_000);
const FOUND = [
  // Actors that were killed before they had begun again, and so ended for good in their supervisor's hands.
  20_208, 21_764,
  // Supervisors that died with their thread while they restarted a group.
  275_081_670, 306_444,
  // Two actors that are each other's child, and end when their patience does.
  308_745, 513_384,
  // Mailboxes that were full when their actors ended or failed, and that senders elsewhere took for full ever after.
  275_083_585, 797,
];
/** Enough for every canary to be found. */
const CANARY_SEEDS = 300;
/** Whatever else the machine is doing. */
const PATIENCE_MS = effort(300_000, 12 * 3_600_000);
/** Seeds are 32 bits. */
const LIMIT = 2 ** 32;

const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => (first + index) % LIMIT);

const again = (seed: number, broken: readonly string[]): string =>
  `seed ${seed} (again: HEDDLE_SEED=${seed}):\n  ${broken.join('\n  ')}`;

/** What is broken in the scenario of a seed; a system that cannot go on is broken too. */
const brokenBy = async (seed: number, sabotage: Sabotage): Promise<readonly string[]> => {
  try {
    return (await play(seed, sabotage)).broken;
  } catch (error) {
    return [String(error)];
  }
};

/** Breaks what arrives on a thread: `change` says whether a record is dropped. */
const dropping =
  (drops: (count: number) => boolean): Sabotage =>
  (core: Core) => {
    let count = 0;
    core.mesh.deliverTo({
      receive: (inbound, type, at, end) => {
        if (!drops(++count)) core.dispatcher.receive(inbound, type, at, end);
      },
    });
  };

/** Runtimes that are broken on purpose, and what must be said of them. */
const CANARIES: readonly (readonly [string, Sabotage, RegExp])[] = [
  ['drops every 50th record', dropping((count) => count % 50 === 0), /conservation|not settled|books of a thread/],
  [
    'delivers every 20th record twice',
    (core) => {
      let count = 0;
      core.mesh.deliverTo({
        receive: (inbound, type, at, end) => {
          core.dispatcher.receive(inbound, type, at, end);
          if (++count % 20 === 0) core.dispatcher.receive(inbound, type, at, end);
        },
      });
    },
    /arrived twice/,
  ],
  [
    'fires timers early',
    (core) => {
      const { timers } = core;
      const expire = timers.expire.bind(timers);
      timers.expire = (now) => expire(now + 5);
    },
    /was early/,
  ],
  [
    'tells of the dead while their names are taken',
    (core) => {
      core.names.freeAll = () => undefined;
    },
    /is still that of/,
  ],
  [
    'tells some of an end twice',
    (core) => {
      const { sendEnded } = core;
      core.sendEnded = (watcher, ended) => {
        sendEnded.call(core, watcher, ended);
        core.mesh.books.add('queued', 1);
      };
    },
    /conservation/,
  ],
  [
    'forgets watches of actors on other threads',
    (core) => {
      const { sendEnded } = core;
      core.sendEnded = (watcher, ended) => {
        if (watcher.origin === core.thread) sendEnded.call(core, watcher, ended);
      };
    },
    /no notice of the end|not settled/,
  ],
  [
    'loses the mailbox of an actor that begins again',
    (core) => {
      const replace = core.table.replace.bind(core.table);
      core.table.replace = (cell, heir) => {
        while (heir.hasMessage) {
          heir.shift();
          core.mesh.books.add('handled', 1);
        }
        replace(cell, heir);
      };
    },
    /restarts: .* were accepted and lost/,
  ],
];

describe('random scenarios', () => {
  it(
    `keep every guarantee (${SEEDS} seeds)`,
    async () => {
      const failures: string[] = [];
      for (const seed of seedsFrom(seedOfTest(), SEEDS)) {
        const { broken } = await play(seed);
        if (broken.length > 0) failures.push(again(seed, broken));
        if (failures.length >= 5) break;
      }
      expect(failures).toEqual([]);
    },
    PATIENCE_MS,
  );

  it.each(FOUND)('keep every guarantee where they once did not (seed %i)', async (seed) => {
    expect((await play(seed)).broken).toEqual([]);
  });

  it(`of one seed are the same (${TWICE} seeds)`, async () => {
    for (const seed of seedsFrom(seedOfTest(), TWICE)) {
      const logs = (outcome: Outcome): string => outcome.sim.log.join('\n');
      const [first, second] = [await play(seed), await play(seed)];
      expect(second.sim.digest(), `seed ${seed}`).toBe(first.sim.digest());
      expect(logs(second), `seed ${seed}`).toBe(logs(first));
    }
  });

  it('of different seeds are different', async () => {
    const seeds = seedsFrom(seedOfTest(), 20);
    const digests = new Set<string>();
    for (const seed of seeds) digests.add((await play(seed)).sim.digest());
    expect(digests.size).toBe(seeds.length);
  });
});

describe('a runtime that', () => {
  const findsFault = async (sabotage: Sabotage, fault: RegExp): Promise<boolean> => {
    for (const seed of seedsFrom(seedOfTest(), CANARY_SEEDS)) {
      if ((await brokenBy(seed, sabotage)).some((text) => fault.test(text))) return true;
    }
    return false;
  };

  it.each(CANARIES)('%s is found out', async (_, sabotage, fault) => {
    expect(await findsFault(sabotage, fault)).toBe(true);
  });

  it('lets a notice overtake the messages of its subject is found out', async () => {
    const countTo = Cell.prototype.countTo;
    Cell.prototype.countTo = () => 0;
    try {
      expect(await findsFault(() => undefined, /has overtaken note/)).toBe(true);
    } finally {
      Cell.prototype.countTo = countTo;
    }
  });
});
