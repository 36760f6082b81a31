import { describe, expect, it } from 'vitest';
import { children, lost, Play } from './play.js';

const intensity = { restarts: 2, withinMs: 100 };

/** What the last one of several exits leads to. */
const exitsAt = (play: Play, ...times: readonly number[]): readonly string[] => {
  let said: readonly string[] = [];
  for (const at of times) {
    play.now = at;
    said = play.exited('a');
    play.started('a');
  }
  return said;
};

describe('the intensity of restarts', () => {
  it('may be reached', () => {
    expect(exitsAt(Play.begun({ intensity }, children('a')), 0, 50)).toEqual(['start a']);
  });

  it('may not be passed: the supervisor fails, and says how often and why', () => {
    const play = Play.begun({ intensity }, children('a'));
    expect(exitsAt(play, 0, 50, 99)).toEqual([
      'fail: 3 restarts within 100 ms, of 2 allowed; the last one after child "a": it threw',
    ]);
    expect(play.started('a')).toEqual([]);
  });

  it('counts a restart that was made exactly so long ago', () => {
    expect(exitsAt(Play.begun({ intensity }, children('a')), 0, 50, 100)[0]).toMatch(/^fail: 3 restarts/);
  });

  it('does not count one a millisecond older', () => {
    expect(exitsAt(Play.begun({ intensity }, children('a')), 0, 50, 101, 151)).toEqual(['start a']);
  });

  it('is 3 restarts within 5 s, if nobody says', () => {
    expect(exitsAt(Play.begun({}, children('a')), 0, 0, 0)).toEqual(['start a']);
    expect(exitsAt(Play.begun({}, children('a')), 0, 0, 0, 5000)[0]).toMatch(/^fail: 4 restarts within 5000 ms, of 3/);
    expect(exitsAt(Play.begun({}, children('a')), 0, 0, 0, 5001)).toEqual(['start a']);
  });

  it('of 0 is none', () => {
    const none = { restarts: 0, withinMs: 1 };
    expect(exitsAt(Play.begun({ intensity: none }, children('a')), 0)[0]).toMatch(
      /^fail: 1 restarts within 1 ms, of 0/,
    );
  });

  it('is of all children together, and counts no ends without a restart', () => {
    const play = Play.begun({ intensity }, [...children('ab'), ...children('tu', 'temporary')]);
    for (const id of 'abtu') expect(play.exited(id)[0]).not.toMatch(/^fail/);
    play.started('b');
    expect(play.exited('b')[0]).toMatch(/^fail: 3 restarts .* after child "b"/);
  });

  it('counts each attempt of a restart that fails', () => {
    const play = Play.begun({ intensity }, children('a'));
    expect(play.exited('a')).toEqual(['start a']);
    expect(play.startFailed('a')).toEqual(['start a']);
    expect(play.startFailed('a', 'again')).toEqual([
      'fail: 3 restarts within 100 ms, of 2 allowed; the last one after child "a": again',
    ]);
  });

  it('counts the death of a thread once, however many children it took', () => {
    const play = Play.begun({ intensity }, children('abcd'));
    for (const id of 'abc') expect(play.exited(id, lost('x'))).toEqual([`start ${id}`]);
    expect(play.exited('d', lost('y'))).toEqual(['start d']);
    play.started('a');
    expect(play.exited('a', lost('z'))[0]).toMatch(/^fail: 3 restarts/);
  });

  it('counts no restart that somebody asked for', () => {
    const play = Play.begun({ intensity: { restarts: 0 } }, children('a'));
    expect(play.settle({ kind: 'terminate', id: 'a' })).toEqual(['end a']);
    expect(play.settle({ kind: 'restart', id: 'a' })).toEqual(['start a']);
    expect(play.phases).toBe('a running');
  });
});
