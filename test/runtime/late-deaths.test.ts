/** The replacement of a dead thread is at work before another thread has heard of the death. */
import { type AnyRef, anyRef, call, child, defineActor, defineSupervisor, ref, text, type Verbs } from 'heddle';
import { createSimulation } from 'heddle/testing';
import { beforeEach, expect, it } from 'vitest';

const ONE_RESTART = { restarts: 1, withinMs: 1000 };

/** Simulated threads share their modules. */
let noted: string[] = [];

const Chick = defineActor(import.meta.url, 'Chick', {
  protocol: { note: { by: text } },
  init: () => ({}),
  on: { note: (_state, { by }) => void noted.push(by) },
});
const Keeper = defineActor(import.meta.url, 'Keeper', {
  protocol: { keep: { chick: ref(Chick) } },
  init: () => ({}),
  on: { keep: (_state, { chick }) => chick.note({ by: 'keeper' }) },
});
const Messenger = defineActor(import.meta.url, 'Messenger', {
  protocol: { tell: { chick: ref(Chick), keeper: ref(Keeper) } },
  init: () => ({}),
  on: {
    tell(_state, { chick, keeper }) {
      keeper.keep({ chick });
      chick.note({ by: 'messenger' });
    },
  },
});
/** Tells others of an actor that may not be born yet. */
const Nest = defineActor(import.meta.url, 'Nest', {
  protocol: {},
  init: () => ({}),
  on: {},
  started(_state, self) {
    const chick = self.spawnNow(Chick, undefined, { place: 1 });
    const keeper = self.whereIs(Keeper, 'keeper')!;
    self.whereIs(Messenger, 'messenger')!.tell({ chick, keeper });
  },
});
const Nests = defineSupervisor(import.meta.url, 'Nests', {
  children: () => [child('nest', Nest, undefined, { place: 2 })],
});

const Branch = defineSupervisor(import.meta.url, 'Branch', {
  children: () => [child('chick', Chick, undefined, { place: 1, name: 'chick' })],
});
const Tree = defineSupervisor(import.meta.url, 'Tree', {
  intensity: ONE_RESTART,
  children: () => [child('branch', Branch, undefined, { place: 2 })],
});

/** Has a child by that name, from its first moment or a little later, or no longer. */
const Guardian = defineActor(import.meta.url, 'Guardian', {
  protocol: {},
  init: (_self, how: 'linked' | 'unlinked') => ({ how }),
  on: {},
  async started({ how }, self) {
    const options = { place: 1, name: 'chick', link: how === 'unlinked' };
    const chick = self.spawnNow(Chick, undefined, options);
    if (how === 'linked') await self.link(chick);
    else self.unlink(chick);
  },
});
const Guardians = defineSupervisor(import.meta.url, 'Guardians', {
  intensity: ONE_RESTART,
  children: () => [child('guardian', Guardian, 'linked', { place: 2 })],
});
const Home = defineSupervisor(import.meta.url, 'Home', {
  children: () => [child('chick', Chick, undefined, { place: 1, name: 'chick' })],
});
const Street = defineSupervisor(import.meta.url, 'Street', {
  children: () => [child('home', Home, undefined, { place: 1 })],
});

/** By two others: a thread that both reach may hear of it before it hears of the death. */
const announce = (self: Verbs, guest: AnyRef): void => self.whereIs(Butler, 'butler')!.announce({ guest });

const Guest = defineActor(import.meta.url, 'Guest', {
  protocol: { greet: call({}, text) },
  init: () => ({}),
  on: { greet: () => 'hello' },
  started: (_state, self) => announce(self, self.ref),
});
const Host = defineActor(import.meta.url, 'Host', {
  protocol: { meet: { guest: anyRef } },
  init: () => ({}),
  on: {
    async meet(_state, { guest }, self) {
      const greeting = self.typed(Guest, guest).greet();
      noted.push(await greeting.catch((error: { code: string }) => error.code));
    },
  },
});
const Butler = defineActor(import.meta.url, 'Butler', {
  protocol: { announce: { guest: anyRef } },
  init: () => ({}),
  on: { announce: (_state, { guest }, self) => self.whereIs(Host, 'host')!.meet({ guest }) },
});
const Guests = defineSupervisor(import.meta.url, 'Guests', {
  children: () => [child('guest', Guest, undefined, { place: 2 })],
});

const SEEDS = 60;

beforeEach(() => {
  noted = [];
});

it('names that it has given to actors there are theirs', async () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const sim = createSimulation({ seed });
    const { system } = sim;
    await sim.until(system.spawn(Tree, undefined, { place: 'host' }));
    // First one that begins again there, under the same parent.
    if (seed % 2 === 0) sim.kill(1);
    await sim.settle();
    sim.kill(2);
    await sim.settle();
    expect(system.names(), `seed ${seed}`).toEqual(['chick']);
  }
});

it('names of its children elsewhere are free for its own, though they became that late', async () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const sim = createSimulation({ seed });
    const { system } = sim;
    const guardians = await sim.until(system.spawn(Guardians, undefined, { place: 'host' }));
    await sim.settle();
    sim.kill(2);
    await sim.settle();
    const children = await sim.until(guardians.children());
    expect([children[0]!.phase, ...system.names()], `seed ${seed}`).toEqual(['running', 'chick']);
  }
});

it('names of those that it has given up stay theirs, and so do those of the children of others', async () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const sim = createSimulation({ seed });
    const { system } = sim;
    await sim.until(system.spawn(Guardian, 'unlinked', { place: 2 }));
    // Their publication may be what the next death overtakes.
    await sim.steps(seed);
    sim.kill(2);
    await sim.settle();
    if (system.counters().threads[1]!.actors === 1) expect(system.names(), `seed ${seed}`).toEqual(['chick']);
    await sim.until(system.shutdown());
  }
  const sim = createSimulation({ seed: 1 });
  const { system } = sim;
  await sim.until(system.spawn(Street, undefined, { place: 'host' }));
  sim.kill(1);
  await sim.settle();
  await sim.until(system.alias(system.whereIs('chick')!, 'alias'));
  sim.kill(2);
  await sim.settle();
  expect(system.names().sort()).toEqual(['alias', 'chick']);
});

it('messages and refs to actors that it spawns there wait for them', async () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    noted = [];
    const sim = createSimulation({ seed, threads: 3 });
    const { system } = sim;
    await sim.until(system.spawn(Keeper, undefined, { place: 1, name: 'keeper' }));
    await sim.until(system.spawn(Messenger, undefined, { place: 3, name: 'messenger' }));
    await sim.until(system.spawn(Nests, undefined, { place: 'host' }));
    await sim.settle();
    sim.kill(2);
    await sim.settle();
    expect(noted.sort(), `seed ${seed}`).toEqual(['keeper', 'keeper', 'messenger', 'messenger']);
    const { dead, lost, threads } = system.counters();
    expect({ dead, lost, chicks: threads[1]!.actors - 1 }, `seed ${seed}`).toEqual({ dead: 0, lost: 0, chicks: 2 });
  }
});

it('whoever is told of its actors reaches them: what it has caused does not overtake the news', async () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    noted = [];
    const sim = createSimulation({ seed, threads: 3 });
    const { system } = sim;
    await sim.until(system.spawn(Host, undefined, { place: 1, name: 'host' }));
    await sim.until(system.spawn(Butler, undefined, { place: 3, name: 'butler' }));
    await sim.until(system.spawn(Guests, undefined, { place: 'host' }));
    await sim.settle();
    sim.kill(2);
    await sim.settle();
    expect(noted, `seed ${seed}`).toEqual(['hello', 'hello']);
  }
});
