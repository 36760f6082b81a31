import { describe, expect, it } from 'vitest';
import { defineActor, type RefOf } from '../../src/actor/definition.js';
import { i32 } from '../../src/messages/fields.js';
import { call } from '../../src/messages/protocol.js';
import { makeCores } from '../support/cores.js';

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
