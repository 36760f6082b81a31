/** Children that end their thread, twice. */
import { describe, expect, it } from 'vitest';
import { children, culprit, FAILED, lost, NORMAL, Play } from './play.js';

const intensity = { restarts: 10, withinMs: 100 };

/** It has ended its thread once. */
const suspect = (play: Play): Play => {
  play.settle({ kind: 'exited', id: 'a', exit: culprit('x') });
  return play;
};

describe('a child that ends its thread', () => {
  it('once is restarted', () => {
    const play = Play.begun({ intensity }, children('a'));
    expect(play.exited('a', culprit('x'))).toEqual(['start a']);
  });

  it.each(['one-for-one', 'one-for-all', 'rest-for-one'] as const)(
    'twice is poison, and the others go on: %s',
    (strategy) => {
      const play = suspect(Play.begun({ strategy, intensity }, children('ab')));
      play.now = 100;
      expect(play.exited('a', culprit('y'))).toEqual(['poison a', 'release a']);
      expect(play.phases).toBe('a terminated, b running');
    },
  );

  it('twice is forgotten by a dynamic supervisor', () => {
    const play = suspect(Play.begun({ strategy: 'dynamic', intensity }, children('ab')));
    expect(play.exited('a', culprit('y'))).toEqual(['poison a', 'release a']);
    expect(play.phases).toBe('b running');
  });

  it('twice with more time between is not poison', () => {
    const play = suspect(Play.begun({ intensity }, children('a')));
    play.now = 101;
    expect(play.exited('a', culprit('y'))).toEqual(['start a']);
  });

  it('and then only loses one, or throws, is not poison', () => {
    const play = suspect(Play.begun({ intensity }, children('a')));
    expect(play.exited('a', lost('y'))).toEqual(['start a']);
    play.started('a');
    expect(play.exited('a', FAILED)).toEqual(['start a']);
    play.started('a');
    expect(play.exited('a', culprit('z'))).toEqual(['poison a', 'release a']);
  });

  it('as another one has done before is not poison', () => {
    const play = suspect(Play.begun({ intensity }, children('ab')));
    expect(play.exited('b', culprit('y'))).toEqual(['start b']);
  });

  it('while it is restarted is poison', () => {
    const play = Play.begun({ intensity }, children('a'));
    play.exited('a', culprit('x'));
    expect(play.exited('a', culprit('y'))).toEqual(['poison a', 'release a']);
  });

  it('while its group is halted is poison, and the group comes up without it', () => {
    const play = suspect(Play.begun({ strategy: 'one-for-all', intensity }, children('ab')));
    expect(play.exited('b')).toEqual(['halt a']);
    expect(play.exited('a', culprit('y'))).toEqual(['poison a', 'release a', 'start b']);
  });

  it('does not come up with its group, until somebody asks for it; then a third time is soon told', () => {
    const play = suspect(Play.begun({ strategy: 'one-for-all', intensity }, children('ab')));
    play.now = 60;
    play.exited('a', culprit('y'));
    expect(play.settle({ kind: 'exited', id: 'b', exit: FAILED })).toEqual(['start b']);
    expect(play.ask('restart', 'a')).toEqual(['start a']);
    play.started('a');
    play.now = 160;
    expect(play.exited('a', culprit('z'))).toEqual(['poison a', 'release a']);
  });

  it('counts as no restart', () => {
    const play = suspect(Play.begun({ intensity: { restarts: 1 } }, children('a')));
    expect(play.exited('a', culprit('y'))).toEqual(['poison a', 'release a']);
  });

  it('when it is told to stop is as terminated as any other', () => {
    const play = suspect(Play.begun({ intensity }, children('a')));
    expect(play.ask('terminate', 'a')).toEqual(['end a']);
    expect(play.exited('a', culprit('y'))).toEqual([]);
    expect(play.phases).toBe('a terminated');
  });

  it('and is temporary, or transient and done, is not restarted anyway', () => {
    const play = Play.begun({ intensity }, [...children('t', 'temporary'), ...children('a', 'transient')]);
    expect(play.exited('t', culprit('x'))).toEqual(['release t']);
    suspect(play);
    expect(play.exited('a', { ...NORMAL, culprit: true })).toEqual(['release a']);
  });

  it('ends its supervisor, if it is significant', () => {
    const child = { id: 'a', restart: 'transient', significant: true } as const;
    const play = suspect(Play.begun({ intensity, autoShutdown: 'any-significant' }, [child]));
    expect(play.exited('a', culprit('y'))).toEqual(['poison a', 'release a', 'finish']);
  });
});
