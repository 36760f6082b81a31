import { describe, expect, it } from 'vitest';
import { Agent } from '../actors/agent.js';
import { Echo } from '../actors/echo.js';
import { Ledger } from '../actors/ledger.js';
import { finish, quiet, start } from '../support/systems.js';

const MIB = 1 << 20;

const pattern = (length: number): Uint8Array => {
  const content = new Uint8Array(length);
  for (let i = 0; i < length; i++) content[i] = (i * 31 + (i >> 12)) & 0xff;
  return content;
};

describe('large messages', () => {
  it('of 64 MiB arrive whole, there and back', async () => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo);
    const content = pattern(64 * MIB);
    const back = await echo.bytes({ value: content }, { timeoutMs: 60_000 });
    expect(Buffer.compare(back, content)).toBe(0);
    const text = `${'heddle – '.repeat(6_500_000)}ß`;
    expect((await echo.text({ value: text }, { timeoutMs: 60_000 })) === text).toBe(true);
  });

  it.each([0, 1, 16, 17, 32, 33, 4095, 4096, 4097, 32_740, 32_768, 262_143, 262_144, 262_145, 5 * MIB])(
    'and small ones of %i bytes are the same on the other side',
    async (length) => {
      const system = await start({ threads: 1 });
      const echo = await system.spawn(Echo);
      const content = pattern(length);
      expect(Buffer.compare(await echo.bytes({ value: content }), content)).toBe(0);
      const text = 'é'.repeat(length / 2);
      expect((await echo.text({ value: text })) === text).toBe(true);
      const nested = (await echo.echo({ value: { list: [text, content], size: length } })) as {
        readonly list: readonly [string, Uint8Array];
        readonly size: number;
      };
      expect(nested.list[0] === text).toBe(true);
      expect(Buffer.compare(nested.list[1], content)).toBe(0);
      expect(nested.size).toBe(length);
    },
  );

  it('keep their place among small ones', async () => {
    const system = await start({ threads: 2, ringBytes: 16_384 });
    const ledger = await system.spawn(Ledger, undefined, { place: 2 });
    const agents = await Promise.all([1, 0, 1].map((place) => system.spawn(Agent, undefined, { place })));
    const sizes = [100, 10_000, 1_000_000];
    await Promise.all(
      agents.map((agent, from) =>
        agent.blobs({ to: ledger, from, count: 40, size: sizes[from]! }, { timeoutMs: 60_000 }),
      ),
    );
    await quiet(system);
    expect(await ledger.summary()).toEqual({ count: 120, ordered: 1 });
  });

  it('are refused beyond the limit of the outbox, by their size', async () => {
    const system = await start({ threads: 1, outboxBytes: 1 * MIB });
    const echo = await system.spawn(Echo);
    await expect(echo.bytes({ value: new Uint8Array(2 * MIB) })).rejects.toMatchObject({
      code: 'HEDDLE_MESSAGE_TOO_LARGE',
      message: expect.stringContaining(`limitBytes=${MIB}`),
    });
    await expect(echo.text({ value: 'x'.repeat(2 * MIB) })).rejects.toMatchObject({ code: 'HEDDLE_MESSAGE_TOO_LARGE' });
    expect(await echo.text({ value: 'small' })).toBe('small');
  });

  it('whose memory is transferred away before they have left are dead letters, and block nothing', async () => {
    const system = await start({ threads: 1, strict: false });
    const echo = await system.spawn(Echo);
    const content = pattern(8 * MIB);
    const outcome = expect(echo.bytes({ value: content })).rejects.toMatchObject({ message: expect.any(String) });
    structuredClone(content.buffer, { transfer: [content.buffer as ArrayBuffer] });
    await outcome;
    expect(await echo.text({ value: 'next' })).toBe('next');
    expect(system.counters().threads[0]!.outboxBytes).toBe(0);
    expect((await finish(system)).deadByReason.corrupt).toBe(1);
  });
});
