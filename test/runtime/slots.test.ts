import { describe, expect, it } from 'vitest';
import { SlotLease, spawnerOf } from '../../src/runtime/actor-table.js';
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
