import { describe, expect, it } from 'vitest';
import { Viewer } from '../actors/busy.js';
import { finish, start } from '../support/systems.js';
import { until } from '../support/until.js';

describe.each([
  { where: 'on another thread', place: 1 },
  { where: 'on the same thread', place: 0 },
])('a view $where', ({ place }) => {
  it('is read where it lies, large ones too', async () => {
    const system = await start({ threads: 1 });
    const viewer = await system.spawn(Viewer, undefined, { place });
    expect(await viewer.sum({ content: Uint8Array.of(1, 2, 3) })).toBe(6);
    expect(await viewer.sum({ content: new Uint8Array(1_000_000).fill(1) })).toBe(1_000_000);
    expect(await viewer.sum({ content: new Uint8Array() })).toBe(0);
  });
});

describe('a view', () => {
  it('that was kept shows rubbish in a strict system, and never the next message', async () => {
    const system = await start({ threads: 1, strict: true });
    const viewer = await system.spawn(Viewer, undefined, { place: 1 });
    viewer.keep({ content: Uint8Array.of(1, 2, 3, 4) });
    await until(() => system.counters().handled === 1);
    expect(await viewer.kept()).toEqual([255, 255, 255, 255]);
  });

  it('is refused to an async handler', async () => {
    const system = await start({ threads: 1 });
    const viewer = await system.spawn(Viewer, undefined, { place: 1 });
    const ended = system.stopped(viewer);
    viewer.later({ content: Uint8Array.of(1) });
    expect(await ended).toMatchObject({
      reason: 'failed',
      error: { cause: { message: expect.stringContaining('only a sync handler may take a message with a view') } },
    });
    expect(await finish(system)).toMatchObject({ accepted: 1, lost: 1 });
  });
});
