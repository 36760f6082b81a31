/** A random scenario: a few threads with actors and supervisors, and a host that lets them do things and has some of them die. */
import { type AnyRef, refKey } from '../../../src/index.js';
import { type Random, randomOf } from '../../../src/testing/random.js';
import { createSabotaged, type Sabotage, type Simulation } from '../../../src/testing/simulation.js';
import { Member, type MemberRef, Pool, Supervisors } from './actors.js';
import { checkBooks, checkCalls, checkEnds, checkIsolation, checkMailboxes, checkWatches, livingOf } from './checks.js';
import { closeWorld, type OpenWatch, openWorld, type World } from './world.js';

/** What came of one. */
export interface Outcome {
  readonly sim: Simulation;
  /** What should have held and did not. */
  readonly broken: readonly string[];
}

const STEPS = 14;
const ENDINGS = ['stop', 'kill', 'drain'] as const;
const NAMES = ['ann', 'bob'];
const WHATS = [
  'flood',
  'flood',
  'flood',
  'ask',
  'watch',
  'watch',
  'unwatch',
  'time',
  'spawn',
  'link',
  'stop',
  'kill',
  'drain',
] as const;
const DEADLY = new Set<string>(ENDINGS);

class Scenario {
  readonly sim: Simulation;
  readonly world: World;
  readonly doomed = new Set<string>();
  readonly #random: Random;
  readonly #threads: number;
  readonly #members: MemberRef[] = [];
  readonly #watches: OpenWatch[] = [];
  readonly #underWay: Promise<unknown>[] = [];

  constructor(seed: number, sabotage: Sabotage) {
    // Not the numbers by which the schedule chooses.
    const random = randomOf(seed ^ 0x5eed);
    this.#random = random;
    this.#threads = 1 + random.below(3);
    this.sim = createSabotaged(
      {
        seed,
        threads: this.#threads,
        ringBytes: random.pick([4096, 16_384]),
        mailboxLimit: random.pick([4, 64, 100_000]),
        driftMs: random.pick([0, 0, 3]),
      },
      sabotage,
    );
    this.world = openWorld(this.sim);
  }

  #place(): number {
    return this.#random.below(this.#threads + 1);
  }

  #later(promise: Promise<unknown> | undefined): void {
    if (promise === undefined) return;
    this.#underWay.push(promise.catch(() => undefined));
  }

  // ---- what there is ----------------------------------------------------------------------------------------------

  #spawn(): void {
    const random = this.#random;
    const name = random.below(3) === 0 ? random.pick(NAMES) : undefined;
    const options = { place: this.#place(), ...(name === undefined ? {} : { name }) };
    try {
      const ref = this.sim.system.spawnNow(Member, { world: this.world.number, isKept: false }, options);
      this.#members.push(ref);
      if (random.below(2) === 0) this.#watch(ref, name);
    } catch (error) {
      if ((error as { code?: string }).code !== 'HEDDLE_ALREADY_REGISTERED') throw error;
    }
  }

  #watch(ref: AnyRef, name: string | undefined): void {
    const { world } = this;
    const host = world.lives[0]!;
    const facts = world.watch(host, ref, name);
    const watch = this.sim.system.watch(ref, (ended) =>
      world.told(host, facts, ended, name === undefined ? undefined : this.sim.system.whereIs(name)),
    );
    this.#watches.push({ watch, facts });
  }

  async #supervise(): Promise<void> {
    const random = this.#random;
    const { system } = this.sim;
    const strategy = random.pick(['one-for-one', 'one-for-all', 'rest-for-one', 'dynamic'] as const);
    const places = Array.from({ length: 1 + random.below(3) }, () => this.#place());
    const place = this.#place();
    if (strategy === 'dynamic') {
      const pool = await this.sim.until(system.spawn(Pool, undefined, { place }));
      for (const _ of places)
        this.#members.push(await this.sim.until(pool.add({ args: { world: this.world.number, isKept: true } })));
    } else {
      const crew = { world: this.world.number, places };
      const supervisor = await this.sim.until(system.spawn(Supervisors[strategy], crew, { place }));
      for (const { ref } of await this.sim.until(supervisor.children())) {
        if (ref !== undefined) this.#members.push(system.typed(Member, ref));
      }
    }
  }

  // ---- what happens -----------------------------------------------------------------------------------------------

  #act(): void {
    const random = this.#random;
    const [member, other] = [random.pick(this.#members), random.pick(this.#members)];
    switch (random.below(14)) {
      case 0:
        this.#kill();
        return;
      case 1:
        this.doomed.add(refKey(member));
        this.#attempt(() => member.fail());
        return;
      case 2:
        for (let n = 1 + random.below(60); n > 0; n--) this.world.send(0, member, 'y'.repeat(random.below(60)));
        return;
      case 3:
        this.#later(this.world.call(0, member, random.pick(['now', 'later', 'never']), 1 + random.below(40)));
        return;
      case 4:
        this.#watch(member, undefined);
        return;
      case 5: {
        const open = this.#watches.find(({ facts }) => !facts.given && !facts.unwatched);
        if (open === undefined) return;
        this.sim.system.unwatch(open.watch);
        open.facts.unwatched = true;
        return;
      }
      case 6:
        this.#doom(member);
        this.#later(
          this.world.outcome(member, this.sim.system[random.pick(ENDINGS)](member, { deadlineMs: random.below(30) })),
        );
        return;
      case 7:
        this.#spawn();
        return;
      case 8:
        this.#fail(member);
        return;
      case 9:
        this.#leave(member, other);
        return;
      default:
        this.#tell(member, other);
    }
  }

  /** Fails with messages in its mailbox, and more to come. */
  #fail(member: MemberRef): void {
    const count = 1 + this.#random.below(20);
    this.doomed.add(refKey(member));
    for (let n = 0; n < count; n++) this.world.send(0, member, '');
    this.#attempt(() => member.fail());
    for (let n = 0; n < count; n++) this.world.send(0, member, '');
  }

  /** Sends its last messages to one that watches it. */
  #leave(member: MemberRef, watcher: MemberRef): void {
    this.#doom(member);
    this.#attempt(() => watcher.act({ what: 'watch', to: member, count: 0, ms: 0 }));
    this.#attempt(() => member.act({ what: 'leave', to: watcher, count: 1 + this.#random.below(60), ms: 0 }));
  }

  #tell(member: MemberRef, other: MemberRef): void {
    const random = this.#random;
    const what = random.pick(WHATS);
    if (DEADLY.has(what)) this.#doom(other);
    const count = what === 'spawn' ? this.#place() : 1 + random.below(what === 'flood' ? 80 : 6);
    this.#attempt(() => member.act({ what, to: other, count, ms: 1 + random.next() * 40 }));
  }

  #doom(member: MemberRef): void {
    this.doomed.add(refKey(member));
    this.world.ended.add(refKey(member));
  }

  /** Between two steps, or in the middle of a handler. */
  #kill(): void {
    if (this.#random.below(3) === 0) this.sim.killIn(Member, 'note');
    else this.sim.kill(1 + this.#random.below(this.#threads));
  }

  /** A send that may be refused. */
  #attempt(send: () => void): void {
    try {
      send();
    } catch (error) {
      if ((error as { code?: string }).code !== 'HEDDLE_MAILBOX_FULL') throw error;
    }
  }

  async play(): Promise<Outcome> {
    const random = this.#random;
    const { sim, world } = this;
    for (let count = 2 + random.below(4); count > 0; count--) this.#spawn();
    if (random.below(3) > 0) await this.#supervise();
    for (let left = STEPS; left > 0; left--) {
      this.#act();
      if (random.below(4) === 0) await sim.advance(random.below(20));
      else await sim.steps(random.below(60));
    }
    await sim.run();
    const rest = sim.system.counters();
    checkBooks(world, rest);
    checkWatches(world);
    checkMailboxes(world, rest);
    await this.#askAll();
    await sim.until(Promise.all(this.#underWay));
    const report = await sim.until(sim.system.shutdown());
    if (!report.quiet || report.unaccounted !== 0 || report.undelivered !== 0) {
      world.violate(`conservation: the report of the shutdown is ${JSON.stringify(report)}`);
    }
    checkCalls(world);
    checkIsolation(world, this.doomed);
    checkEnds(world);
    closeWorld(world);
    return { sim, broken: world.broken };
  }

  /** Whoever lives answers. */
  async #askAll(): Promise<void> {
    const living = livingOf(this.world);
    const members = this.#members.filter((member) => living.has(refKey(member)));
    const asked = members.map(async (member) => {
      const number = await this.world.call(0, member, 'now', 1000);
      if (number !== 1) this.world.violate(`isolation: ${refKey(member)} should live, and does not answer`);
    });
    await this.sim.until(Promise.all(asked));
  }
}

export const play = (seed: number, sabotage: Sabotage = () => undefined): Promise<Outcome> =>
  new Scenario(seed, sabotage).play();
