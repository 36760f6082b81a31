import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../src/supervision/plan.js';
import { initial, step } from '../../src/supervision/supervisor-state.js';
import { FAILED, NORMAL, Play } from './play.js';

const significant = (id: string, restart: 'transient' | 'temporary' = 'transient') =>
  ({ id, restart, significant: true }) as const;
const plain = (id: string) => ({ id, restart: 'transient' }) as const;

describe('a supervisor that ends with any significant child', () => {
  const options = { autoShutdown: 'any-significant' } as const;

  it.each(['one-for-one', 'one-for-all', 'rest-for-one', 'dynamic'] as const)('ends with the first: %s', (strategy) => {
    const play = Play.begun({ ...options, strategy }, [significant('a'), significant('b')]);
    expect(play.exited('a', NORMAL)).toEqual(['release a', 'finish']);
    expect(play.exited('b', FAILED)).toEqual([]);
  });

  it('ends with a temporary one however that ended', () => {
    const play = Play.begun(options, [significant('a', 'temporary')]);
    expect(play.exited('a', FAILED)).toEqual(['release a', 'finish']);
  });

  it('goes on when one is restarted, was terminated, or is not significant', () => {
    const play = Play.begun(options, [significant('a'), significant('b'), plain('c')]);
    expect(play.exited('a', FAILED)).toEqual(['start a']);
    expect(play.settle({ kind: 'terminate', id: 'b' })).toEqual(['end b']);
    expect(play.exited('c', NORMAL)).toEqual(['release c']);
  });

  it('goes on when one is ended with its group, and ends when it did so first', () => {
    const strategy = 'one-for-all';
    const play = Play.begun({ ...options, strategy }, [significant('a', 'temporary'), plain('b')]);
    expect(play.settle({ kind: 'exited', id: 'b', exit: FAILED })).toEqual(['end a', 'start b']);
    const other = Play.begun({ ...options, strategy }, [significant('a', 'temporary'), plain('b'), plain('c')]);
    expect(other.exited('b')).toEqual(['halt c']);
    expect(other.exited('a', NORMAL)).toEqual(['release a', 'finish']);
  });

  it('goes on when a transient one ends normally while its group goes down, which starts it again', () => {
    const play = Play.begun({ ...options, strategy: 'one-for-all' }, [significant('a'), plain('b'), plain('c')]);
    play.exited('b');
    expect(play.exited('a', NORMAL)).toEqual([]);
    expect(play.exited('c', NORMAL)).toEqual(['start a']);
  });
});

describe('a supervisor that ends with all significant children', () => {
  const options = { autoShutdown: 'all-significant' } as const;

  it('ends with the last, whoever else runs', () => {
    const play = Play.begun(options, [significant('a'), significant('b', 'temporary'), plain('c')]);
    expect(play.exited('a', NORMAL)).toEqual(['release a']);
    expect(play.exited('c', NORMAL)).toEqual(['release c']);
    expect(play.exited('b', FAILED)).toEqual(['release b', 'finish']);
  });

  it('waits for one that is restarted', () => {
    const play = Play.begun({ ...options, backOff: {} }, [significant('a'), significant('b')]);
    play.exited('a', FAILED);
    expect(play.exited('b', NORMAL)).toEqual(['release b']);
    play.due('a');
    play.started('a');
    expect(play.exited('a', NORMAL)).toEqual(['release a', 'finish']);
  });

  it('does not wait for those that are terminated, or about to be, and does not end with them', () => {
    const play = Play.begun(options, [significant('a'), significant('b'), significant('c')]);
    play.settle({ kind: 'terminate', id: 'a' });
    play.ask('terminate', 'b');
    expect(play.exited('c', NORMAL)).toEqual(['release c', 'finish']);
    const other = Play.begun(options, [significant('a')]);
    expect(other.settle({ kind: 'terminate', id: 'a' })).toEqual(['end a']);
  });

  it('does not wait for one that is terminated while it starts', () => {
    const play = Play.begun(options, [significant('a'), significant('b')]);
    play.exited('a', FAILED);
    play.ask('terminate', 'a');
    expect(play.exited('b', NORMAL)).toEqual(['release b', 'finish']);
  });
});

it('a supervisor that does not end with its children outlives them, whatever they are called', () => {
  const unchecked = initial(checkPlan('supervisor'), [significant('a')]);
  const { state } = step(unchecked, { kind: 'begin' }, 0, () => 0);
  const { effects } = step(
    step(state, { kind: 'started', id: 'a' }, 0, () => 0).state,
    { kind: 'exited', id: 'a', exit: NORMAL },
    0,
    () => 0,
  );
  expect(effects).toEqual([{ kind: 'release', id: 'a' }]);
  const play = Play.begun({}, [plain('a')]);
  expect(play.exited('a', NORMAL)).toEqual(['release a']);
  expect(play.add({ id: 'b' })).toEqual(['start b']);
});
