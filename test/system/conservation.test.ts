/** Many actors on all threads send to one another while threads are killed at random: every message is accounted for. */
import type { RefOf, System } from 'heddle';
import { expect, it } from 'vitest';
import { Walker } from '../actors/walker.js';
import { effort } from '../support/effort.js';
import { randomOfTest } from '../support/random.js';
import { finish, quiet, start } from '../support/systems.js';
import { until } from '../support/until.js';

const WORKERS = 2;
const WALKERS_PER_THREAD = 3;
const MESSAGES = effort(5_000_000, 1_000_000_000);
const KILLS = effort(100, 10_000);
/** In some of the kills both workers die at once. */
const BOTH_SHARE = 0.2;

/** The walkers that are alive, by their numbers, and how they come and go. */
class Crowd {
  readonly #system: System;
  readonly #walkers = new Map<number, { readonly ref: RefOf<typeof Walker>; readonly thread: number }>();
  #lastId = 0;

  constructor(system: System) {
    this.#system = system;
  }

  async join(thread: number): Promise<void> {
    const ids = Array.from({ length: WALKERS_PER_THREAD }, () => ++this.#lastId);
    const refs = await Promise.all(ids.map((id) => this.#system.spawn(Walker, id, { place: thread })));
    for (const [index, id] of ids.entries()) this.#walkers.set(id, { ref: refs[index]!, thread });
  }

  leave(thread: number): void {
    for (const [id, walker] of this.#walkers) if (walker.thread === thread) this.#walkers.delete(id);
  }

  /** Makes all of them known to each other. */
  meet(): void {
    const ids = [...this.#walkers.keys()];
    const walkers = this.refs();
    for (const walker of walkers) walker.meet({ ids, walkers });
  }

  walk(thread: number): void {
    for (const walker of this.#walkers.values()) if (walker.thread === thread) walker.ref.walk();
  }

  refs(): RefOf<typeof Walker>[] {
    return [...this.#walkers.values()].map(({ ref }) => ref);
  }
}

/** Each death takes a start of a thread on a machine that is busy; so this takes its time. */
const TIMEOUT_MS = effort(5, 24 * 60) * 60_000;

it(`${MESSAGES} messages among three threads and ${KILLS} kills: the books balance, and no pair loses its order`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const random = randomOfTest();
  const system = await start({ threads: WORKERS, strict: false });
  const crowd = new Crowd(system);
  const threads = Array.from({ length: WORKERS + 1 }, (_, thread) => thread);
  for (const thread of threads) await crowd.join(thread);
  crowd.meet();
  for (const thread of threads) crowd.walk(thread);
  const accepted = (): number => system.counters().accepted;
  for (let kill = 0; kill < KILLS; kill++) {
    const due = accepted() + random.below((2 * MESSAGES) / KILLS);
    await until(() => accepted() >= due);
    const victims = random.next() < BOTH_SHARE ? [1, 2] : [1 + random.below(WORKERS)];
    await Promise.all(victims.map((thread) => system.terminate(thread)));
    for (const thread of victims) crowd.leave(thread);
    await Promise.all(victims.map((thread) => crowd.join(thread)));
    crowd.meet();
    for (const thread of victims) crowd.walk(thread);
  }
  await until(() => accepted() >= MESSAGES);
  await Promise.all(crowd.refs().map((walker) => walker.rest()));
  await quiet(system);
  const ends = await Promise.all(crowd.refs().map((walker) => walker.rest()));
  expect(ends.map(({ disorders }) => disorders)).toEqual(ends.map(() => 0));
  expect(ends.every(({ received }) => received > 0)).toBe(true);
  const { deadByReason, threads: counted } = system.counters();
  expect(counted.reduce((sum, { epoch }) => sum + epoch, 0)).toBeGreaterThanOrEqual(KILLS);
  // Something was in the hands of those that died, and on the way to them.
  expect(deadByReason['thread-lost']).toBeGreaterThan(0);
  const report = await finish(system);
  expect(report.accepted).toBeGreaterThanOrEqual(MESSAGES);
});
