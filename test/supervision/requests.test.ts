/** Children that are added, terminated, restarted and removed on request. */
import { describe, expect, it } from 'vitest';
import { children, FAILED, NORMAL, Play } from './play.js';

describe('a child that is added', () => {
  it.each(['one-for-one', 'one-for-all', 'rest-for-one', 'dynamic'] as const)(
    'starts at once, as the last: %s',
    (strategy) => {
      const play = Play.begun({ strategy }, children('a'));
      expect(play.add({ id: 'b' })).toEqual(['start b']);
      expect(play.phases).toBe('a running, b starting');
      expect(play.started('b')).toEqual([]);
      expect(play.exited('b')).toEqual([strategy === 'one-for-all' ? 'halt a' : 'start b']);
    },
  );

  it.each(['one-for-one', 'one-for-all', 'rest-for-one', 'dynamic'] as const)(
    'and cannot start is forgotten: %s',
    (strategy) => {
      const play = Play.begun({ strategy, intensity: { restarts: 0 } }, children('a'));
      play.add({ id: 'b' });
      expect(play.startFailed('b')).toEqual(['release b']);
      expect(play.phases).toBe('a running');
      expect(play.started('b')).toEqual([]);
      expect(play.add({ id: 'b' })).toEqual(['start b']);
    },
  );

  it('needs an id of its own', () => {
    const play = Play.begun({}, children('a'));
    expect(() => play.add({ id: 'a' })).toThrow(expect.objectContaining({ code: 'HEDDLE_ALREADY_REGISTERED' }));
    expect(() => new Play({}, children('aba'))).toThrow(expect.objectContaining({ code: 'HEDDLE_ALREADY_REGISTERED' }));
    expect(play.phases).toBe('a running');
  });

  it('needs room, which those that are forgotten give back', () => {
    const play = Play.begun({ strategy: 'dynamic', maxChildren: 2 }, children('a', 'transient'));
    play.add({ id: 'b' });
    const full = expect.objectContaining({ code: 'HEDDLE_LIMIT_REACHED' });
    expect(() => play.add({ id: 'c' })).toThrow(full);
    play.exited('a', NORMAL);
    expect(play.add({ id: 'c' })).toEqual(['start c']);
    expect(() => new Play({ maxChildren: 2 }, children('abc'))).toThrow(full);
  });
});

describe('a child that is terminated', () => {
  it.each(['one-for-one', 'one-for-all', 'rest-for-one'] as const)('ends, and can be started again: %s', (strategy) => {
    const play = Play.begun({ strategy }, children('abc'));
    expect(play.ask('terminate', 'b')).toEqual(['end b']);
    expect(play.phases).toBe('a running, b ending, c running');
    expect(play.ask('terminate', 'b')).toEqual([]);
    expect(play.exited('b', FAILED)).toEqual([]);
    expect(play.phases).toBe('a running, b terminated, c running');
    expect(play.ask('terminate', 'b')).toEqual([]);
    expect(play.ask('restart', 'b')).toEqual(['start b']);
    expect(play.started('b')).toEqual([]);
    expect(play.exited('b')[0]).toBe(strategy === 'one-for-one' ? 'start b' : 'halt c');
  });

  it('and temporary, or of a dynamic supervisor, is forgotten', () => {
    const play = Play.begun({}, children('a', 'temporary'));
    expect(play.settle({ kind: 'terminate', id: 'a' })).toEqual(['end a']);
    expect(play.phases).toBe('');
    const dynamic = Play.begun({ strategy: 'dynamic' }, children('a'));
    expect(dynamic.settle({ kind: 'terminate', id: 'a' })).toEqual(['end a']);
    expect(dynamic.phases).toBe('');
  });

  it('while it starts is ended when it has', () => {
    const play = Play.begun({}, children('a'));
    play.exited('a');
    expect(play.ask('terminate', 'a')).toEqual([]);
    expect(play.phases).toBe('a starting');
    expect(play.started('a')).toEqual(['end a']);
    expect(play.exited('a')).toEqual([]);
    expect(play.phases).toBe('a terminated');
    expect(play.settle({ kind: 'restart', id: 'a' })).toEqual(['start a']);
    expect(play.phases).toBe('a running');
  });

  it('while it starts may fail to', () => {
    const play = Play.begun({ intensity: { restarts: 1 } }, children('a'));
    play.exited('a');
    play.ask('terminate', 'a');
    expect(play.startFailed('a')).toEqual(['release a']);
    expect(play.phases).toBe('a terminated');
  });

  it('while it is added is forgotten', () => {
    const play = Play.begun({ strategy: 'dynamic' }, []);
    play.add({ id: 'a' });
    play.ask('terminate', 'a');
    expect(play.started('a')).toEqual(['end a']);
    expect(play.exited('a', NORMAL)).toEqual([]);
    expect(play.phases).toBe('');
  });
});

describe('a child that is asked for', () => {
  it('may have ended normally', () => {
    const play = Play.begun({}, children('a', 'transient'));
    expect(play.exited('a', NORMAL)).toEqual(['release a']);
    expect(play.ask('restart', 'a')).toEqual(['start a']);
  });

  it('and cannot start is as terminated as before, which is no restart', () => {
    const play = Play.begun({ intensity: { restarts: 0 } }, children('a'));
    play.settle({ kind: 'terminate', id: 'a' });
    play.ask('restart', 'a');
    expect(play.startFailed('a')).toEqual(['release a']);
    expect(play.phases).toBe('a terminated');
  });

  it('or removed must have ended', () => {
    const play = Play.begun({}, children('a'));
    const busy = expect.objectContaining({
      code: 'HEDDLE_INVALID_OPTIONS',
      message: expect.stringContaining('running'),
    });
    expect(() => play.ask('restart', 'a')).toThrow(busy);
    expect(() => play.ask('remove', 'a')).toThrow(busy);
    play.ask('terminate', 'a');
    expect(() => play.ask('restart', 'a')).toThrow(expect.objectContaining({ code: 'HEDDLE_INVALID_OPTIONS' }));
    play.exited('a', NORMAL);
    expect(play.ask('remove', 'a')).toEqual([]);
    expect(play.phases).toBe('');
  });

  it.each(['terminate', 'restart', 'remove'] as const)('must be known: %s', (request) => {
    const play = Play.begun({}, children('a'));
    expect(() => play.ask(request, 'b')).toThrow(
      expect.objectContaining({ code: 'HEDDLE_NO_SUCH_ACTOR', message: expect.stringContaining('id=b') }),
    );
  });
});

it('a transient child that ends normally before it has started again has not started', () => {
  const play = Play.begun({ intensity: { restarts: 2 } }, children('a', 'transient'));
  play.exited('a');
  expect(play.exited('a', NORMAL)).toEqual(['start a']);
  expect(play.exited('a', NORMAL)[0]).toMatch(/^fail: 3 restarts/);
});

it('an end that is told twice is heard once', () => {
  const play = Play.begun({ backOff: { minMs: 10, jitter: 0 } }, children('ab', 'transient'));
  expect(play.exited('a')).toEqual(['arm a 10']);
  expect(play.exited('a')).toEqual([]);
  expect(play.exited('b', NORMAL)).toEqual(['release b']);
  expect(play.exited('b', FAILED)).toEqual([]);
  expect(play.phases).toBe('a waiting, b terminated');
});

it('an answer is heard only from a child that was told to start', () => {
  const play = Play.begun({ backOff: { minMs: 10, jitter: 0 } }, children('ab'));
  play.exited('a');
  expect(play.started('a')).toEqual([]);
  expect(play.startFailed('a')).toEqual([]);
  expect(play.startFailed('b')).toEqual([]);
  expect(play.phases).toBe('a waiting, b running');
});

it('a state is not changed by what follows it', () => {
  const play = Play.begun({ strategy: 'one-for-all', backOff: {} }, children('abc'));
  const { state } = play;
  const before = structuredClone(state);
  play.settle({ kind: 'exited', id: 'b', exit: FAILED });
  play.settle({ kind: 'terminate', id: 'c' });
  play.add({ id: 'd' });
  expect(state).toEqual(before);
});
