import { describe, expect, it } from 'vitest';
import { ActorTable, SlotLease, spawnerOf } from '../../src/runtime/actor-table.js';
import { RunQueue } from '../../src/runtime/run-queue.js';

describe('slots', () => {
  it('name their spawner, and are never given to two living actors', () => {
    const lease = new SlotLease(250, 0);
    const slots = Array.from({ length: 1000 }, () => lease.take());
    expect(new Set(slots).size).toBe(1000);
    expect(slots.every((slot) => spawnerOf(slot) === 250)).toBe(true);
  });

  it('have another generation each time, and in each life of the spawner', () => {
    const [first, second] = [new SlotLease(1, 0), new SlotLease(1, 1)];
    const slot = first.take();
    const { generation } = first;
    first.giveBack(slot);
    expect(first.take()).toBe(slot);
    expect(first.generation).toBe(generation + 1);
    expect(second.take()).toBe(slot);
    expect(second.generation).not.toBe(generation);
  });
});

describe('the table of actors', () => {
  const SPAWNER = 2;
  const THREAD = 1;
  const cellOf = (deaths: number) => {
    const lease = new SlotLease(SPAWNER, deaths);
    const slot = lease.take();
    return { slot, generation: lease.generation } as never;
  };
  const tableOf = (...cells: never[]) => {
    const table = new ActorTable(THREAD, [0, 0, 0]);
    for (const cell of cells) table.add(cell);
    const found = (cell: { readonly slot: number; readonly generation: number }): boolean =>
      table.find(cell.slot, cell.generation) === cell;
    return { table, found: () => cells.map(found) };
  };

  it('keeps apart those that one slot was given to in several lives of their spawner, known or not', () => {
    const cells = [cellOf(0), cellOf(1), cellOf(2)];
    const { table, found } = tableOf(...cells);
    for (const deaths of [0, 1, 2, 3]) {
      if (deaths > 0) table.loseSpawner(SPAWNER, deaths);
      expect(found()).toEqual([true, true, true]);
      expect([...table]).toHaveLength(3);
      expect(table.count).toBe(3);
      expect(cells.map((cell) => table.isOrphan(cell))).toEqual([deaths > 0, deaths > 1, deaths > 2]);
    }
  });

  it.each([0, 1])('forgets one that has ended, whatever it was known as (%i)', (death) => {
    const cell = cellOf(1);
    const { table, found } = tableOf(cell);
    if (death === 1) {
      table.loseSpawner(SPAWNER, 1);
      table.add(cell);
    }
    table.remove(cell);
    expect(found()).toEqual([false]);
    expect([...table]).toEqual([]);
    expect(table.count).toBe(0);
    // A life later it does not come back.
    table.loseSpawner(SPAWNER, 2);
    expect(found()).toEqual([false]);
  });
});

describe('the run queue', () => {
  it('keeps its order while it grows', () => {
    const queue = new RunQueue();
    const cells = Array.from({ length: 5000 }, (_, i) => ({ i }) as never);
    let next = 0;
    for (const [i, cell] of cells.entries()) {
      queue.push(cell);
      if (i % 3 === 0) expect(queue.shift()).toBe(cells[next++]);
    }
    while (queue.length > 0) expect(queue.shift()).toBe(cells[next++]);
    expect(next).toBe(cells.length);
  });
});
