/** What happens to a group while it is restarted. */
import { describe, expect, it } from 'vitest';
import { children, FAILED, lost, NORMAL, Play } from './play.js';

describe('while a group goes down', () => {
  it('each is halted after the one behind it has ended, and all start when all have', () => {
    const play = Play.begun({ strategy: 'one-for-all' }, children('abcd'));
    expect(play.exited('b')).toEqual(['halt d']);
    expect(play.phases).toBe('a running, b waiting, c running, d halting');
    expect(play.exited('d', NORMAL)).toEqual(['halt c']);
    expect(play.exited('c', FAILED)).toEqual(['halt a']);
    expect(play.exited('a', NORMAL)).toEqual(['start a']);
    expect(play.started('a')).toEqual(['start b']);
  });

  it('those that are temporary are ended for good', () => {
    const play = Play.begun({ strategy: 'one-for-all' }, [{ id: 'a', restart: 'temporary' }, { id: 'b' }]);
    expect(play.exited('b')).toEqual(['end a']);
    expect(play.exited('a', NORMAL)).toEqual(['start b']);
    expect(play.phases).toBe('b starting');
  });

  it.each([NORMAL, FAILED])(
    'one that has not been halted yet may end by itself, which counts no further: %o',
    (exit) => {
      const intensity = { restarts: 1 };
      const play = Play.begun({ strategy: 'one-for-all', intensity }, children('abc', 'transient'));
      expect(play.exited('a')).toEqual(['halt c']);
      expect(play.exited('b', exit)).toEqual([]);
      expect(play.exited('c', NORMAL)).toEqual(['start a']);
      expect(play.started('a')).toEqual(['start b']);
      expect(play.started('b')).toEqual(['start c']);
    },
  );

  it('one that is temporary may end by itself, and is forgotten', () => {
    const play = Play.begun({ strategy: 'one-for-all' }, [{ id: 'a', restart: 'temporary' }, ...children('bc')]);
    play.exited('b');
    expect(play.exited('a')).toEqual(['release a']);
    expect(play.exited('c')).toEqual(['start b']);
  });

  it('one that is terminated stays away; the others go on', () => {
    const play = Play.begun({ strategy: 'one-for-all' }, children('abc'));
    play.exited('a');
    expect(play.ask('terminate', 'c')).toEqual([]);
    expect(play.ask('terminate', 'a')).toEqual(['release a']);
    expect(play.exited('c', NORMAL)).toEqual(['release c', 'halt b']);
    expect(play.exited('b', NORMAL)).toEqual(['start b']);
    expect(play.phases).toBe('a terminated, b starting, c terminated');
  });

  it('one that is added or asked for starts when it is its turn', () => {
    const play = Play.begun({ strategy: 'one-for-all' }, children('abc'));
    play.settle({ kind: 'terminate', id: 'b' });
    play.exited('a');
    expect(play.add({ id: 'd' })).toEqual([]);
    expect(play.ask('restart', 'b')).toEqual([]);
    expect(play.exited('c', NORMAL)).toEqual(['start a']);
    expect(play.started('a')).toEqual(['start b']);
    expect(play.startFailed('b')).toEqual(['release b', 'start c']);
    expect(play.started('c')).toEqual(['start d']);
    expect(play.startFailed('d')).toEqual(['release d']);
    expect(play.phases).toBe('a running, b terminated, c running');
  });

  it('one that is starting answers first, and its failure counts no further', () => {
    const play = Play.begun({ strategy: 'rest-for-one', intensity: { restarts: 2 } }, children('abc'));
    expect(play.exited('b')).toEqual(['halt c']);
    expect(play.exited('c', NORMAL)).toEqual(['start b']);
    expect(play.exited('a')).toEqual([]);
    expect(play.startFailed('b')).toEqual(['start a']);
    expect(play.started('a')).toEqual(['start b']);
  });

  it('an earlier one that fails takes the rest along, and counts', () => {
    const play = Play.begun({ strategy: 'rest-for-one', intensity: { restarts: 1 } }, children('abcd'));
    expect(play.exited('c')).toEqual(['halt d']);
    expect(play.exited('a')[0]).toMatch(/^fail: 2 restarts/);
    const generous = Play.begun({ strategy: 'rest-for-one' }, children('abcd'));
    generous.exited('c');
    expect(generous.exited('a')).toEqual([]);
    expect(generous.exited('d', NORMAL)).toEqual(['halt b']);
    expect(generous.exited('b', NORMAL)).toEqual(['start a']);
  });

  it('a later one that fails does not make the group smaller', () => {
    const play = Play.begun({ strategy: 'rest-for-one' }, children('abc'));
    play.exited('a');
    expect(play.exited('b')).toEqual([]);
    expect(play.exited('c', NORMAL)).toEqual(['start a']);
  });

  it('an end that was told already is not heard again', () => {
    const play = Play.begun({ strategy: 'one-for-all' }, children('ab'));
    play.exited('a');
    expect(play.exited('a')).toEqual([]);
    expect(play.exited('b', NORMAL)).toEqual(['start a']);
  });
});

describe('while a group comes up', () => {
  const comingUp = (strategy: 'one-for-all' | 'rest-for-one', ids = 'abc'): Play => {
    const play = Play.begun({ strategy, intensity: { restarts: 2 } }, children(ids, 'transient'));
    play.exited('a');
    for (const id of [...ids].slice(1).reverse()) play.exited(id, NORMAL);
    expect(play.phases).toMatch(/^a starting, b waiting/);
    return play;
  };

  it('one that cannot start is another restart: all go down again, one for all', () => {
    const play = comingUp('one-for-all');
    play.started('a');
    expect(play.startFailed('b')).toEqual(['halt a']);
    expect(play.exited('a', NORMAL)).toEqual(['start a']);
    play.started('a');
    expect(play.startFailed('b')[0]).toMatch(/^fail: 3 restarts .* after child "b": init threw$/);
  });

  it('one that cannot start is another restart: those before it stay, rest for one', () => {
    const play = comingUp('rest-for-one');
    play.started('a');
    expect(play.startFailed('b')).toEqual(['start b']);
    expect(play.started('b')).toEqual(['start c']);
    expect(play.started('c')).toEqual([]);
    expect(play.phases).toBe('a running, b running, c running');
  });

  it('one that has started and fails takes the group down again, when who starts has answered', () => {
    const play = comingUp('one-for-all');
    play.started('a');
    expect(play.exited('a')).toEqual([]);
    expect(play.started('b')).toEqual(['halt b']);
    expect(play.exited('b', NORMAL)).toEqual(['start a']);
  });

  it('one that has started and ends normally stays away', () => {
    const play = comingUp('one-for-all');
    play.started('a');
    expect(play.exited('a', NORMAL)).toEqual(['release a']);
    expect(play.started('b')).toEqual(['start c']);
    expect(play.started('c')).toEqual([]);
    expect(play.phases).toBe('a terminated, b running, c running');
  });

  it('one that is asked for meanwhile is not forgotten when a later one fails, rest for one', () => {
    const play = comingUp('rest-for-one', 'abcd');
    play.ask('terminate', 'b');
    expect(play.started('a')).toEqual(['start c']);
    play.ask('restart', 'b');
    expect(play.startFailed('c')).toEqual(['start b']);
    expect(play.started('b')).toEqual(['start c']);
    expect(play.started('c')).toEqual(['start d']);
  });

  it('one that is terminated while it starts is ended when it has, and the next starts meanwhile', () => {
    const play = comingUp('one-for-all');
    expect(play.ask('terminate', 'a')).toEqual([]);
    expect(play.started('a')).toEqual(['end a', 'start b']);
    expect(play.exited('a', NORMAL)).toEqual([]);
    expect(play.phases).toBe('a terminated, b starting, c waiting');
  });
});

describe('with its group', () => {
  it('a transient child that had ended normally starts again, one that was terminated does not', () => {
    const play = Play.begun({ strategy: 'one-for-all' }, children('abcd', 'transient'));
    play.exited('a', NORMAL);
    play.settle({ kind: 'terminate', id: 'b' });
    play.exited('c', NORMAL);
    expect(play.ask('terminate', 'c')).toEqual([]);
    expect(play.settle({ kind: 'exited', id: 'd', exit: FAILED })).toEqual(['start a', 'start d']);
    expect(play.phases).toBe('a running, b terminated, c terminated, d running');
  });

  it('one that ended with the others, of one thread, counts once and restarts once', () => {
    const play = Play.begun({ strategy: 'one-for-all', intensity: { restarts: 1 } }, children('abc'));
    expect(play.exited('b', lost('x'))).toEqual(['halt c']);
    expect(play.exited('a', lost('x'))).toEqual([]);
    expect(play.exited('c', lost('x'))).toEqual(['start a']);
    expect(play.started('a')).toEqual(['start b']);
    expect(play.started('b')).toEqual(['start c']);
    expect(play.started('c')).toEqual([]);
  });

  it('goes down at once, and comes up when the back-off is over', () => {
    const backOff = { minMs: 10, jitter: 0 };
    const play = Play.begun({ strategy: 'rest-for-one', backOff }, children('abc'));
    expect(play.exited('b')).toEqual(['arm b 10', 'halt c']);
    expect(play.exited('c', NORMAL)).toEqual([]);
    expect(play.exited('a')).toEqual(['arm a 10']);
    expect(play.due('a')).toEqual([]);
    expect(play.due('b')).toEqual(['start a']);
    play.started('a');
    expect(play.startFailed('b')).toEqual(['arm b 20']);
    expect(play.ask('terminate', 'b')).toEqual(['disarm b', 'release b', 'start c']);
  });
});
