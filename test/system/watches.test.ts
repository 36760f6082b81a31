/** Watches on actors that are about to die, from all threads: each gives one notice, with the true reason, at the right time. */
import type { Ended, RefOf, System } from 'heddle';
import { expect, it } from 'vitest';
import { FATES, Subject } from '../actors/watched.js';
import { KEEP, type Tally, Watcher } from '../actors/watcher.js';
import { effort } from '../support/effort.js';
import { type Random, randomOfTest } from '../support/random.js';
import { finish, quiet, start } from '../support/systems.js';

const WATCHES = effort(20_000, 2_000_000);
const SUBJECTS_PER_ROUND = 20;
/** No watcher lives on the last thread, which dies in some of the rounds. */
const WORKERS = 3;
const MORTAL = 3;
const ROUNDS_PER_DEATH = 4;
const WATCHES_MAX = 4;
const TURNS_MAX = 8;

type Fate = (typeof FATES)[number];

const REASONS: Readonly<Record<Fate, Ended['reason']>> = {
  stop: 'stopped',
  'stop itself': 'stopped',
  kill: 'killed',
  'kill itself': 'killed',
  drain: 'drained',
  fail: 'failed',
  exit: 'thread-lost',
};

/** One that is watched, and how it may end. */
interface Doomed {
  readonly ref: RefOf<typeof Subject>;
  readonly id: number;
  readonly name: string;
  readonly fates: readonly Fate[];
  readonly reasons: readonly string[];
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await turn();
};

/** The host's watches, which it keeps books on as watchers do. */
class HostWatcher {
  readonly #system: System;
  readonly #open = new Set<Promise<void>>();
  readonly wrong: string[] = [];
  watches = 0;
  notices = 0;
  unwatched = 0;
  unwatchedLate = 0;

  constructor(system: System) {
    this.#system = system;
  }

  observe({ ref, name, reasons }: Doomed, plans: readonly number[], early: boolean): void {
    for (const plan of plans) {
      this.watches++;
      const watched = this.#watch(ref, name, reasons, plan, early);
      this.#open.add(watched);
      void watched.then(() => this.#open.delete(watched));
    }
  }

  async #watch(ref: Doomed['ref'], name: string, reasons: readonly string[], plan: number, early: boolean) {
    let notices = 0;
    let unwatched = false;
    let settle: () => void = () => undefined;
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const watch = this.#system.watch(ref, ({ reason }) => {
      notices++;
      this.notices++;
      if (notices > 1) this.wrong.push(`${name}: ${notices} notices of one watch`);
      if (unwatched) this.wrong.push(`${name}: a notice of a watch that was given up`);
      const isTrue = reason === 'no-such-actor' ? !early : reasons.includes(reason);
      if (!isTrue) this.wrong.push(`${name}: ended by ${reason}, not by ${reasons.join(' or ')}`);
      if (this.#system.whereIs(name) !== undefined) this.wrong.push(`${name}: the name is found at the notice`);
      settle();
    });
    if (plan !== KEEP) {
      await turns(plan);
      this.#system.unwatch(watch);
      if (notices > 0) return;
      unwatched = true;
      this.unwatched++;
      if (this.#system.whereIs(name) === undefined) this.unwatchedLate++;
    } else await settled;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#open);
  }
}

const plansOf = (random: Random): number[] =>
  Array.from({ length: random.below(WATCHES_MAX) }, () => (random.next() < 0.5 ? KEEP : random.below(TURNS_MAX)));

it(`${WATCHES} watches from four threads on actors that end in every way give one notice each`, {
  timeout: effort(2, 12 * 60) * 60_000,
}, async () => {
  const random = randomOfTest();
  const system = await start({ threads: WORKERS });
  const host = new HostWatcher(system);
  const watchers = await Promise.all([0, 1, 2].map((place) => system.spawn(Watcher, undefined, { place })));
  let made = 0;
  let lastId = 0;

  const doom = async (dies: boolean): Promise<Doomed> => {
    const id = ++lastId;
    const name = `subject ${id}`;
    const place = random.below(WORKERS + 1);
    const ref = await system.spawn(Subject, id, { name, place });
    await ref.born({ to: watchers });
    const isMortal = dies && place === MORTAL;
    const possible = isMortal ? FATES : FATES.filter((fate) => fate !== 'exit');
    const fates = Array.from({ length: random.next() < 0.25 ? 2 : 1 }, () => random.pick(possible));
    const reasons = [...fates.map((fate) => REASONS[fate]), ...(isMortal ? ['thread-lost'] : [])];
    return { ref, id, name, fates, reasons };
  };

  const observe = async (doomed: Doomed, early: boolean): Promise<void> => {
    const { ref: who, id, name, reasons } = doomed;
    const answers = watchers.map((watcher) => {
      const plans = plansOf(random);
      made += plans.length;
      return watcher.observe({ who, id, name, plans, early: Number(early), reasons: [...reasons] });
    });
    const plans = plansOf(random);
    made += plans.length;
    host.observe(doomed, plans, early);
    await Promise.all(answers);
  };

  const meet = (fate: Fate, { ref }: Doomed): void => {
    if (fate === 'stop' || fate === 'kill' || fate === 'drain') void system[fate](ref);
    else {
      try {
        ref.end({ fate });
      } catch {
        // Its thread is gone already.
      }
    }
  };

  /** Watches and ends, in any order. */
  const end = async (doomed: Doomed): Promise<void> => {
    const acts = [
      ...doomed.fates.map((fate) => () => meet(fate, doomed)),
      () => observe(doomed, false),
      () => observe(doomed, false),
      () => turns(random.below(TURNS_MAX)),
    ];
    const order = acts.map((act) => ({ act, at: random.next() })).sort((a, b) => a.at - b.at);
    await Promise.all(order.map(({ act }) => act()));
    // Of those that are dead already, too.
    if (random.next() < 0.2) {
      await system.stopped(doomed.ref);
      await observe(doomed, false);
    }
  };

  for (let round = 1; made < WATCHES; round++) {
    const dies = round % ROUNDS_PER_DEATH === 0;
    const doomed = await Promise.all(Array.from({ length: SUBJECTS_PER_ROUND }, () => doom(dies)));
    await Promise.all(doomed.map((one) => observe(one, true)));
    for (const { ref } of doomed) ref.speak();
    const ends = doomed.map(end);
    if (dies) {
      await turns(random.below(TURNS_MAX));
      await system.terminate(MORTAL);
    }
    await Promise.all(ends);
    await Promise.all(doomed.map(({ ref }) => system.stopped(ref)));
    await Promise.all([...watchers.map((watcher) => watcher.settled()), host.settled()]);
  }
  await quiet(system);
  const tallies: Tally[] = await Promise.all(watchers.map((watcher) => watcher.tally()));
  expect([...tallies.flatMap(({ wrong }) => wrong), ...host.wrong]).toEqual([]);
  const sum = (read: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + read(tally), 0);
  expect(sum(({ watches }) => watches) + host.watches).toBe(made);
  expect(sum(({ notices, unwatched }) => notices + unwatched) + host.notices + host.unwatched).toBe(made);
  expect(system.names()).toEqual([]);
  // The races were hit.
  for (const { unwatchedLate, overtaken, afterWords } of tallies) {
    expect(unwatchedLate).toBeGreaterThan(0);
    expect(overtaken).toBeGreaterThan(0);
    expect(afterWords).toBeGreaterThan(0);
  }
  expect(host.unwatchedLate).toBeGreaterThan(0);
  await finish(system);
});
