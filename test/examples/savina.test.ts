/** The programs of the suite: their results, the messages that they send, and that none of them overlooks a mistake. */
import type { AnyDefinition, AnyRef, RefOf, System } from 'heddle';
import { describe, expect, it } from 'vitest';
import type { tasks } from '../../bench/rivals/nact-savina.js';
import { RivalThread } from '../../bench/rivals/thread.js';
import { balancesOf, banking, transfersAmong } from '../../examples/savina/banking.js';
import { big, Peer, routesOf } from '../../examples/savina/big.js';
import { boundedBuffer, Manager, Producer } from '../../examples/savina/bounded-buffer.js';
import { Creature, chameneos, Mall } from '../../examples/savina/chameneos.js';
import { Counter, counting } from '../../examples/savina/counting.js';
import { fibonacci, fibonacciOf } from '../../examples/savina/fibonacci.js';
import { forkJoin, Worker } from '../../examples/savina/fork-join.js';
import { PROGRAMS } from '../../examples/savina/index.js';
import { Ping, Pong, pingPong } from '../../examples/savina/ping-pong.js';
import type { Parameters, Program } from '../../examples/savina/program.js';
import { PseudoRandom } from '../../examples/savina/pseudo-random.js';
import { boardsOf, queens } from '../../examples/savina/queens.js';
import { radixSort, Validator, valuesToSort } from '../../examples/savina/radix-sort.js';
import { distancesOf } from '../../examples/savina/shortest-paths.js';
import { quiet, start } from '../support/systems.js';
import { runProgram } from './program.js';

const NACT = new URL('../../.build/bench/rivals/nact-savina.js', import.meta.url);
const MAIN = '.build/examples/savina/main.js';

/** Requests that a definition does not count, less the replies that it does. */
const BESIDE: Readonly<Record<string, (parameters: Parameters) => number>> = {
  'ping-pong': () => 0,
  'thread-ring': ({ stations }) => stations!,
  counting: () => -1,
  'fork-join': ({ actors }) => actors!,
  big: ({ peers }) => peers!,
  chameneos: ({ creatures }) => 1 + creatures!,
  fibonacci: () => 0,
  banking: ({ transfers }) => -2 * transfers!,
  'bounded-buffer': () => 1,
  'radix-sort': ({ bits }) => bits! + 1,
  queens: ({ workers }) => 1 - workers!,
  'shortest-paths': ({ nodes, block }) => (nodes! / block!) ** 2,
};

const liveActors = (system: System): number => system.counters().threads.reduce((sum, { actors }) => sum + actors, 0);

/** What went wrong, and why, and why that. */
const reasons = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}\n${reasons(error.cause)}` : '';

type Spawn = (definition: AnyDefinition, ...args: never[]) => Promise<AnyRef>;

/** The same system, where whatever the host spawns goes through the hands of `meddle`. */
const meddled = (system: System, meddle: (ref: AnyRef, definition: AnyDefinition) => AnyRef): System =>
  new Proxy(system, {
    get(target, name) {
      if (name !== 'spawn') return Reflect.get(target, name);
      const spawn: Spawn = async (definition, ...args) =>
        meddle(await (target.spawn as unknown as Spawn)(definition, ...args), definition);
      return spawn;
    },
  });

/** The same actor, but its answers are changed. */
const answering = (ref: AnyRef, change: (answer: unknown) => unknown): AnyRef =>
  new Proxy(ref, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const answer: unknown = value.apply(target, args);
        return answer instanceof Promise ? answer.then(change) : answer;
      };
    },
  });

/** A report in which one of the numbers and truth values is another: the one that `at` says, if there are so many. */
class Liar {
  hasLied = false;
  #left: number;
  #isSpent = false;

  constructor(at: number) {
    this.#left = at;
  }

  /** The same actor, but what it answers first may be a lie. */
  ref(honest: AnyRef): AnyRef {
    return answering(honest, (report) => this.#changed(report));
  }

  #changed(report: unknown): unknown {
    if (this.#isSpent) return report;
    const left = this.#left;
    const spoilt = this.#spoil(report);
    // An answer that carries nothing cannot lie.
    this.#isSpent = this.#left < left;
    return spoilt;
  }

  #spoil(value: unknown): unknown {
    if (typeof value === 'number') return this.#isNext() ? value + 1_000 : value;
    if (typeof value === 'boolean') return this.#isNext() ? !value : value;
    if (value === undefined) return value;
    if (value instanceof Float64Array) return Float64Array.from(value, (number) => this.#spoil(number) as number);
    return Object.fromEntries(Object.entries(value as object).map(([name, part]) => [name, this.#spoil(part)]));
  }

  #isNext(): boolean {
    const isNext = this.#left-- === 0;
    this.hasLied ||= isNext;
    return isNext;
  }
}

/** In a matrix of distances, or among balances, the others are like the first ones. */
const LIES_MOST = 5;

describe('all programs', () => {
  it.each([0, 2])('on %i threads: right results, as many messages as defined, and no actors left', async (threads) => {
    const system = await start({ threads });
    for (const program of PROGRAMS) {
      const { name } = program;
      const parameters = program.sizes.quick;
      const [before, actors] = [system.counters().accepted, liveActors(system)];
      const { ms, messages, figure } = await program.run(system, parameters);
      expect(ms, name).toBeGreaterThan(0);
      expect(figure.value, name).toBeGreaterThan(0);
      await quiet(system);
      expect(system.counters().accepted - before, name).toBe(messages + BESIDE[name]!(parameters));
      expect(liveActors(system), name).toBe(actors);
    }
  });
});

describe('a program', () => {
  it.each(PROGRAMS.map((program) => [program.name, program] as const))(
    '%s believes no report that is wrong in one number',
    async (_, program) => {
      const system = await start({ threads: 0 });
      let lies = 0;
      for (; lies < LIES_MOST; lies++) {
        const liar = new Liar(lies);
        const run = program.run(
          meddled(system, (ref) => liar.ref(ref)),
          program.sizes.quick,
        );
        const failed = await run.then(() => '', reasons);
        expect(failed !== '', `lie ${lies}`).toBe(liar.hasLied);
        if (!liar.hasLied) break;
        expect(failed).toMatch(/^WrongResult: /);
      }
      expect(lies).toBeGreaterThan(0);
    },
  );

  it.each<[name: string, program: Program, by: Readonly<Record<string, number>>, says: string]>([
    [fibonacci.name, fibonacci, { value: 1, actors: 2 }, 'Fibonacci number 16: '],
    [queens.name, queens, { solutions: 1, messages: 1 }, 'solutions of 8 queens: '],
  ])('%s believes no report whose wrong numbers agree with each other', async (_, program, by, says) => {
    const system = await start({ threads: 0 });
    const added = (report: unknown): unknown =>
      Object.fromEntries(Object.entries(report as object).map(([name, count]) => [name, count + (by[name] ?? 0)]));
    const run = program.run(
      meddled(system, (ref) => answering(ref, added)),
      program.sizes.quick,
    );
    await expect(run).rejects.toThrow(says);
  });

  it.each(PROGRAMS.map((program) => [program.name, program] as const))(
    '%s fails if one of its actors is killed',
    async (_, program) => {
      const system = await start({ threads: 0 });
      let isFirst = true;
      const killFirst = (ref: AnyRef): AnyRef => {
        if (isFirst) void system.kill(ref);
        isFirst = false;
        return ref;
      };
      await expect(program.run(meddled(system, killFirst), program.sizes.quick)).rejects.toThrow();
    },
  );

  it.each<[actor: string, name: string, program: Program]>([
    ['Creature', chameneos.name, chameneos],
    ['Fibonacci', fibonacci.name, fibonacci],
    ['Account', banking.name, banking],
    ['Producer', boundedBuffer.name, boundedBuffer],
    ['Worker', queens.name, queens],
  ])('that dies as a child fails the program: %s of %s', async (actor, _, program) => {
    const system = await start({ threads: 0 });
    const killed = (async () => {
      let seen = 0;
      for await (const { kind, ref, actor: name } of system.lives) {
        // The first Fibonacci is the root.
        if (kind === 'spawned' && name === actor && ++seen === 2) return await system.kill(ref);
      }
      return undefined;
    })();
    const failed = program.run(system, program.sizes.quick).then(() => '', reasons);
    expect(await killed).toMatchObject({ reason: 'killed' });
    expect(await failed).not.toBe('');
  });
});

describe('messages that are lost, doubled or out of order', () => {
  /** The same actor, but after this message from the host it is sent more. */
  const followed = (ref: AnyRef, name: string, disturb: () => void): AnyRef =>
    new Proxy(ref, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (key !== name || typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          const answer: unknown = value.apply(target, args);
          disturb();
          return answer;
        };
      },
    });

  /** What fails first in a program whose actor is sent something by somebody else, right after it was spawned or told `after`. */
  const disturbed = async <D extends AnyDefinition>(
    program: Program,
    actor: D,
    disturb: (ref: RefOf<D>, last: AnyRef, system: System) => void,
    after?: string,
  ): Promise<string> => {
    const system = await start({ threads: 0 });
    const problems = system.problems[Symbol.asyncIterator]();
    const first = problems.next();
    let last: AnyRef;
    const run = program.run(
      meddled(system, (ref, definition) => {
        const act = (): void => disturb(ref as RefOf<D>, last, system);
        const isMeant = definition === actor;
        if (isMeant && after !== undefined) return followed(ref, after, act);
        if (isMeant) act();
        last = ref;
        return ref;
      }),
      program.sizes.quick,
    );
    await expect(run).rejects.toThrow();
    return reasons((await first).value?.error);
  };

  it('are noticed by the number of a ping', async () => {
    const failed = await disturbed(pingPong, Pong, (pong, ping) =>
      pong.ping({ sequence: 3, from: ping as RefOf<typeof Ping> }),
    );
    expect(failed).toContain('sequence of a ping: 3, and should be 1');
  });

  it('are noticed by the number of a pong', async () => {
    const failed = await disturbed(pingPong, Ping, (ping) => ping.pong({ sequence: 7 }), 'start');
    expect(failed).toContain('sequence of a pong: 7, and should be 1');
  });

  it('are noticed by the value of an item', async () => {
    const failed = await disturbed(boundedBuffer, Manager, (manager, _, system) =>
      manager.item({ sequence: 2, value: 1, from: system.spawnNow(Producer, { items: 1, cost: 1 }) }),
    );
    expect(failed).toContain('item 2 of a producer: 1, and should be about');
  });

  it('are noticed by a creature that is left in the mall', async () => {
    const leaveOne = (mall: RefOf<typeof Mall>, _: AnyRef, system: System): void => {
      mall.meet({ colour: 'red', who: system.spawnNow(Creature) });
      for (let left = chameneos.sizes.quick.creatures; left > 0; left--) mall.faded({ meetings: 0 });
    };
    expect(await disturbed(chameneos, Mall, leaveOne, 'open')).toContain('creature that waits for another: ');
  });

  it('are noticed by the number of an increment', async () => {
    const failed = await disturbed(counting, Counter, (counter) => counter.increment({ index: 0 }));
    expect(failed).toContain('number of an increment: 0, and should be 1');
  });

  it('are noticed by the round of an item', async () => {
    const failed = await disturbed(forkJoin, Worker, (worker) => worker.item({ round: 1 }));
    expect(failed).toContain('round of an item: 1, and should be 0');
  });

  it('are noticed by the sender of a pong', async () => {
    const failed = await disturbed(big, Peer, (peer) => peer.pong({ from: 3 }));
    expect(failed).toContain('who has sent a pong: 3, and should be -1');
  });

  it('are noticed by values that are not in order', async () => {
    const failed = await disturbed(radixSort, Validator, (validator) => {
      validator.value({ value: 2 });
      validator.value({ value: 1 });
    });
    expect(failed).toContain('smaller than the one before it: 1, and');
  });
});

/** By an implementation of the definitions that has nothing in common with this one. */
describe('what the programs compute by themselves, to compare with,', () => {
  const sum = (values: Iterable<number>): number => {
    let total = 0;
    for (const value of values) total += value;
    return total;
  };

  it('begins with the numbers of the suite', () => {
    const random = new PseudoRandom(74_755);
    expect(Array.from({ length: 5 }, () => random.next())).toEqual([22_896, 34_761, 34_014, 39_231, 52_540]);
  });

  it('is what others have found', () => {
    expect(routesOf(120, 20_000)).toBe(17_278_817_704);
    expect([25, 27, 29].map(fibonacciOf)).toEqual([75_025, 196_418, 514_229]);
    expect(sum([...transfersAmong(1_000, 50_000)].map(({ cents }) => cents))).toBe(912_017);
    expect(sum(balancesOf(1_000, 50_000))).toBe(0);
    expect([20_000, 100_000, 300_000].map((count) => sum(valuesToSort(count, 60)))).toEqual([
      654_600_400, 3_275_789_328, 9_830_152_240,
    ]);
    expect([boardsOf(12, 4), boardsOf(13, 4)]).toEqual([4_959, 7_580]);
    expect([120, 198, 300].map((nodes) => sum(distancesOf(nodes)))).toEqual([91_624, 206_332, 401_700]);
  });
});

describe('nact', () => {
  it('comes to the same results', async () => {
    const thread = await RivalThread.start<typeof tasks>(NACT);
    try {
      const played = [
        await thread.ask('ping-pong', pingPong.sizes.quick),
        await thread.ask('fork-join', forkJoin.sizes.quick),
        await thread.ask('big', big.sizes.quick),
      ];
      expect(played.map(({ messages }) => messages)).toEqual([3_001, 40_000, 16_120]);
    } finally {
      await thread.end();
    }
  });
});

describe('the command', () => {
  it('shows a line for each program that it is asked for', async () => {
    const { code, stdout, stderr } = await runProgram(
      MAIN,
      'counting',
      'big',
      '--quick',
      '--threads',
      '1',
      '--rounds',
      '1',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[2]).toMatch(/^counting +count 100,000 +100,003 +[\d.]+ +[\d,.]+ messages\/s +right$/);
    expect(lines[3]).toMatch(/^big +peers 40, pings 200 +16,161 +[\d.]+ +[\d,.]+ pings\/s +right$/);
  });

  it.each([
    [['nothing'], 'there is no program nothing; there are: ping-pong, '],
    [['--threads', '-1'], '--threads'],
    [['--rounds', '0'], '--rounds takes a number from 1 to 1000, got 0'],
    [['--faithful', '--quick'], 'one size at a time'],
  ])('refuses %j', async (args, says) => {
    const { code, stderr } = await runProgram(MAIN, ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
    expect(stderr).toContain('usage: ');
  });
});
