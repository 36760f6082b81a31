import { describe, expect, it } from 'vitest';
import { delayOf } from '../../src/supervision/back-off.js';
import { children, NORMAL, Play } from './play.js';

const backOff = { minMs: 100, maxMs: 1000, factor: 3, jitter: 0, resetAfterMs: 500 };
const intensity = { restarts: 1000 };

const failing = (play: Play, id: string): readonly string[] => {
  const said = play.exited(id);
  play.due(id);
  play.started(id);
  return said;
};

describe('a back-off', () => {
  it('grows by its factor, up to its most', () => {
    const play = Play.begun({ backOff, intensity }, children('a'));
    expect([1, 2, 3, 4, 5].map(() => failing(play, 'a')[0])).toEqual([
      'arm a 100',
      'arm a 300',
      'arm a 900',
      'arm a 1000',
      'arm a 1000',
    ]);
  });

  it('stays a number after ever so many restarts', () => {
    expect(delayOf(backOff, 100_000, () => 0)).toBe(1000);
    expect(delayOf({ ...backOff, minMs: 0 }, 100_000, () => 0)).toBe(0);
  });

  it.each([
    [0, 0, 100],
    [0, 0.9, 100],
    [0.2, 0, 100],
    [0.2, 0.5, 90],
    [1, 0.75, 25],
  ])('with jitter %d of which %d is drawn waits %d', (jitter, random, delayMs) => {
    const play = Play.begun({ backOff: { ...backOff, jitter }, intensity }, children('a'));
    play.random = random;
    expect(play.exited('a')).toEqual([`arm a ${delayMs}`]);
  });

  it('is over when it is due, and then only once', () => {
    const play = Play.begun({ backOff, intensity }, children('a'));
    play.exited('a');
    expect(play.phases).toBe('a waiting');
    expect(play.due('a')).toEqual(['start a']);
    expect(play.due('a')).toEqual([]);
    play.started('a');
    expect(play.due('a')).toEqual([]);
  });

  it('begins again for a child that ran long enough, and not for one that ran a millisecond less', () => {
    const play = Play.begun({ backOff, intensity }, children('ab'));
    for (const id of 'ab') failing(play, id);
    play.now = 499;
    expect(failing(play, 'a')).toEqual(['arm a 300']);
    play.now = 500;
    expect(failing(play, 'b')).toEqual(['arm b 100']);
    play.now = 999;
    expect(failing(play, 'b')).toEqual(['arm b 300']);
  });

  it('grows with restarts that fail, however long they take', () => {
    const play = Play.begun({ backOff, intensity }, children('a'));
    play.exited('a');
    play.due('a');
    play.now = 10_000;
    expect(play.startFailed('a')).toEqual(['arm a 300']);
    play.due('a');
    expect(play.startFailed('a')).toEqual(['arm a 900']);
  });

  it('is of each child by itself', () => {
    const play = Play.begun({ backOff, intensity }, children('ab'));
    failing(play, 'a');
    expect(play.exited('a')).toEqual(['arm a 300']);
    expect(play.exited('b')).toEqual(['arm b 100']);
  });

  it('begins again for a child that was halted with its group after it ran long enough', () => {
    const play = Play.begun({ strategy: 'one-for-all', backOff, intensity }, children('ab'));
    const once = (): readonly string[] => play.settle({ kind: 'exited', id: 'b', exit: { normal: false, detail: '' } });
    expect(once()[0]).toBe('arm b 100');
    play.now = 500;
    play.settle({ kind: 'exited', id: 'a', exit: { normal: false, detail: '' } });
    expect(once()[0]).toBe('arm b 100');
    expect(once()[0]).toBe('arm b 300');
  });

  it('ends with a child that is terminated, whose next one begins anew', () => {
    const play = Play.begun({ backOff, intensity }, children('a'));
    failing(play, 'a');
    play.exited('a');
    expect(play.ask('terminate', 'a')).toEqual(['disarm a', 'release a']);
    expect(play.due('a')).toEqual([]);
    expect(play.ask('restart', 'a')).toEqual(['start a']);
    play.started('a');
    expect(play.exited('a', NORMAL)).toEqual(['arm a 100']);
  });
});
