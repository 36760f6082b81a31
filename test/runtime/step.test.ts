import { describe, expect, it } from 'vitest';
import { defineActor, type RefOf } from '../../src/actor/definition.js';
import { SLOT_INDEX_BITS } from '../../src/base/limits.js';
import { originOf } from '../../src/mesh/link.js';
import { i32 } from '../../src/messages/fields.js';
import { call } from '../../src/messages/protocol.js';
import { NameTable } from '../../src/registry/name-table.js';
import type { Core } from '../../src/runtime/core.js';
import type { Death } from '../../src/scheduler/death.js';
import { Funerals } from '../../src/scheduler/funerals.js';
import { LabelBook } from '../../src/scheduler/label-book.js';
import { makeCores } from '../support/cores.js';

const TERMINATED: Death = { reason: 'terminated', exitCode: 1, name: undefined, message: 'it was terminated' };

const Tally = defineActor(import.meta.url, 'Tally', {
  protocol: { add: { n: i32 }, sum: call({}, i32), never: call({}, i32) },
  init: () => ({ sum: 0 }),
  on: {
    add(state, { n }) {
      state.sum += n;
    },
    sum: (state) => state.sum,
    never: () => new Promise<number>(() => undefined),
  },
});

type TallyRef = RefOf<typeof Tally>;

/** The core on which a handler waits for room, as far as tests of that go. */
let waiting: Core | undefined;
let onStack = 0;
let nested = 0;

const Sender = defineActor(import.meta.url, 'Sender', {
  protocol: { wait: {}, note: {} },
  init: () => ({}),
  on: {
    wait() {
      onStack++;
      waiting?.mesh.drainIntoMailboxes();
      onStack--;
    },
    note: () => {
      nested += onStack;
    },
  },
});

/** What a child of an actor on another thread does when it ends, since that thread has died. */
let stopped = (): void => undefined;

const Orphan = defineActor(import.meta.url, 'Orphan', {
  protocol: {},
  init: () => ({}),
  on: {},
  stopped: () => stopped(),
});
const Mother = defineActor(import.meta.url, 'Mother', {
  protocol: {},
  init: (self) => {
    self.spawnNow(Orphan, undefined, { place: 1, link: true });
    return {};
  },
  on: {},
});

describe('a core without a thread', () => {
  it('does nothing until it is stepped', async () => {
    const { all, settle } = makeCores(1);
    const [host, worker] = all;
    const tally = host!.spawnNow(Tally, undefined, { place: 1 }) as TallyRef;
    tally.add({ n: 2 });
    host!.flush();
    expect(worker!.mesh.tools.memory.f64[worker!.mesh.inbounds[0]!.receivedFloat]).toBe(0);
    const sum = tally.sum();
    await settle();
    expect(await sum).toBe(2);
    expect(worker!.step()).toBe(0);
  });

  it('lives by the clock that it is given', async () => {
    const { all, settle, advance } = makeCores(1);
    const tally = all[0]!.spawnNow(Tally, undefined, { place: 1 }) as TallyRef;
    const outcome = tally.never({}, { timeoutMs: 100 }).catch((error: { code: string }) => error.code);
    let settled = false;
    void outcome.then(() => {
      settled = true;
    });
    await settle();
    await advance(99);
    expect(settled).toBe(false);
    await advance(2);
    expect(await outcome).toBe('HEDDLE_CALL_TIMEOUT');
  });

  it('keeps the order of each sender, whoever steps first', async () => {
    const { all, settle } = makeCores(2);
    const tallies = all.map((core, i) => core.spawnNow(Tally, undefined, { place: (i + 1) % 3 }) as TallyRef);
    for (let round = 0; round < 500; round++) {
      for (const tally of tallies) tally.add({ n: 1 });
      if (round % 7 === 0) all[round % 3]!.step();
    }
    const sums = Promise.all(tallies.map((tally) => tally.sum()));
    await settle();
    expect(await sums).toEqual([500, 500, 500]);
  });

  it('takes a bounded number of records in a step, and lets a flood wait for room', async () => {
    const { all, settle } = makeCores(1);
    const [host, worker] = all;
    const tally = host!.spawnNow(Tally, undefined, { place: 1 }) as TallyRef;
    await settle();
    // More than the ring holds: the rest waits in the outbox.
    for (let i = 0; i < 1000; i++) tally.add({ n: 1 });
    host!.flush();
    expect(host!.mesh.links[1]!.waitingBytes).toBeGreaterThan(0);
    expect(worker!.step()).toBeLessThanOrEqual(128);
    const sum = tally.sum();
    await settle();
    expect(await sum).toBe(1000);
    expect(host!.mesh.links[1]!.waitingBytes).toBe(0);
  });

  it('runs no handler while one waits for room, though it hears of a death there', async () => {
    const { all, settle } = makeCores(2);
    const [host, worker] = all;
    const [sender, other] = [1, 2].map(() => host!.spawnNow(Sender, undefined, { place: 1 }) as RefOf<typeof Sender>);
    await settle();
    const { layout, tools } = worker!.mesh;
    waiting = worker;
    nested = 0;
    sender!.wait();
    host!.flush();
    // Behind what the worker has seen when it begins.
    const { receive } = worker!.mesh.inbounds[0]!;
    let isFirst = true;
    worker!.mesh.inbounds[0]!.receive = function (...record) {
      if (isFirst) {
        isFirst = false;
        new Funerals(layout, tools.memory, new LabelBook()).hold(2, TERMINATED, true);
        other!.note();
        host!.flush();
      }
      receive.apply(this, record);
    };
    worker!.step();
    await settle();
    expect({ isFirst, nested }).toEqual({ isFirst: false, nested: 0 });
    expect(worker!.mesh.links[2]!.epoch).toBe(1);
  });

  it('does all that follows from a death before it hears of the next', async () => {
    const { all, settle } = makeCores(2);
    const { mesh } = all[1]!;
    all[2]!.spawnNow(Mother, undefined, { place: 2 });
    await settle();
    const funerals = new Funerals(mesh.layout, mesh.tools.memory, new LabelBook());
    const epochs: number[] = [];
    stopped = () => {
      funerals.hold(2, TERMINATED, true);
      mesh.drainIntoMailboxes();
      epochs.push(mesh.links[2]!.epoch);
    };
    funerals.hold(2, TERMINATED, true);
    all[1]!.step();
    expect([...epochs, mesh.links[2]!.epoch]).toEqual([1, 2]);
  });

  it('hears of a death when it finds an actor that lives on the replacement', async () => {
    const { all, settle } = makeCores(2);
    await settle();
    const { mesh, names } = all[1]!;
    const { layout, tools } = mesh;
    new Funerals(layout, tools.memory, new LabelBook()).hold(2, TERMINATED, true);
    const actor = { origin: originOf(2, 1), slot: 2 << SLOT_INDEX_BITS, generation: 2 << 20, definition: 0, parent: 0 };
    const others = new NameTable(tools.memory.i32, layout.namesAt, actor.origin, () => false);
    others.reserve('new', actor);
    expect(names.whereIs(undefined, 'new')).toBeUndefined();
    expect(mesh.links[2]!.epoch).toBe(0);
    others.publish('new', actor);
    expect(names.whereIs(undefined, 'new')).toBeDefined();
    expect(mesh.links[2]!.epoch).toBe(1);
  });

  it('tells whether a step would find something, before it sleeps', async () => {
    const { all, settle } = makeCores(1);
    const [host, worker] = all;
    const tally = host!.spawnNow(Tally, undefined, { place: 1 }) as TallyRef;
    await settle();
    expect(worker!.mustStayAwake()).toBe(false);
    tally.add({ n: 1 });
    host!.prepareSleep();
    expect(worker!.mustStayAwake()).toBe(true);
    await settle();
    for (let i = 0; i < 1000; i++) tally.add({ n: 1 });
    host!.prepareSleep();
    // What waits for room is no reason to stay awake as long as there is none, and one as soon as there is.
    expect(host!.mustStayAwake()).toBe(false);
    while (worker!.step() > 0);
    worker!.prepareSleep();
    expect(host!.mustStayAwake()).toBe(true);
    await settle();
  });
});
