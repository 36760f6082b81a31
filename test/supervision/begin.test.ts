import { describe, expect, it } from 'vitest';
import { children, FAILED, NORMAL, Play } from './play.js';

describe.each(['one-for-one', 'one-for-all', 'rest-for-one', 'dynamic'] as const)(
  'a %s supervisor begins',
  (strategy) => {
    it('with each child after the one before has started', () => {
      const play = new Play({ strategy }, children('abc'));
      expect(play.begin()).toEqual(['start a']);
      expect(play.phases).toBe('a starting, b waiting, c waiting');
      expect(play.started('a')).toEqual(['start b']);
      expect(play.started('b')).toEqual(['start c']);
      expect(play.started('c')).toEqual(['ready']);
      expect(play.phases).toBe('a running, b running, c running');
    });

    it('at once without children, and once', () => {
      const play = new Play({ strategy }, []);
      expect(play.begin()).toEqual(['ready']);
      expect(play.begin()).toEqual([]);
    });

    it('and fails with the first child that cannot start; nothing follows', () => {
      const play = new Play({ strategy }, children('abc'));
      play.begin();
      play.started('a');
      expect(play.startFailed('b', 'no file')).toEqual(['fail: child "b" cannot start: no file']);
      expect(play.started('b')).toEqual([]);
      expect(play.exited('a')).toEqual([]);
      expect(play.ask('terminate', 'nobody')).toEqual([]);
    });

    it('and fails with a child that ends while it starts, even normally', () => {
      const play = new Play({ strategy }, children('a', 'transient'));
      play.begin();
      expect(play.exited('a', NORMAL)).toEqual(['fail: child "a" cannot start: done']);
    });

    it('without a child that is terminated before it starts, or while it does', () => {
      const play = new Play({ strategy }, children('abc'));
      play.begin();
      expect(play.ask('terminate', 'b')).toEqual(['release b']);
      expect(play.ask('terminate', 'a')).toEqual([]);
      expect(play.startFailed('a')).toEqual(['release a', 'start c']);
      expect(play.started('c')).toEqual(['ready']);
    });

    it('with those that are added meanwhile as the last, and is ready without them', () => {
      const play = new Play({ strategy }, children('ab'));
      play.add({ id: 'early' });
      expect(play.begin()).toEqual(['start a']);
      expect(play.add({ id: 'late' })).toEqual([]);
      expect(play.started('a')).toEqual(['start b']);
      // News of others while the last one starts.
      expect(play.due('a')).toEqual([]);
      expect(play.started('b')).toEqual(['ready', 'start early']);
      expect(play.startFailed('early')).toEqual(['release early', 'start late']);
      expect(play.started('late')).toEqual([]);
      expect(play.phases).toBe('a running, b running, late running');
    });
  },
);

describe('a child that fails while its supervisor begins', () => {
  it('is restarted as soon as nobody else starts, one for one', () => {
    const play = new Play({}, children('abc'));
    play.begin();
    play.started('a');
    expect(play.exited('a', FAILED)).toEqual([]);
    expect(play.started('b')).toEqual(['start a']);
    // It had started before: now it is only a restart that has failed.
    expect(play.startFailed('a')).toEqual(['start a']);
    expect(play.started('a')).toEqual(['start c']);
    expect(play.started('c')).toEqual(['ready']);
  });

  it('takes those along that have started, one for all; the others start when it is their turn', () => {
    const play = new Play({ strategy: 'one-for-all' }, children('abc'));
    play.begin();
    play.started('a');
    expect(play.exited('a')).toEqual([]);
    expect(play.started('b')).toEqual(['halt b']);
    expect(play.exited('b', NORMAL)).toEqual(['start a']);
    expect(play.started('a')).toEqual(['start b']);
    expect(play.started('b')).toEqual(['start c']);
    expect(play.started('c')).toEqual(['ready']);
  });

  it('waits for its back-off, while the others begin', () => {
    const play = new Play({ backOff: { minMs: 10, jitter: 0 } }, children('abc'));
    play.begin();
    play.started('a');
    expect(play.exited('a')).toEqual(['arm a 10']);
    expect(play.started('b')).toEqual(['start c']);
    expect(play.started('c')).toEqual(['ready']);
    expect(play.due('a')).toEqual(['start a']);
  });
});
