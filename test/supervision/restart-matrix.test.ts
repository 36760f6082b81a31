/**
 * Who is started again when a child ends: kind of child x way to end x strategy x place among the children. The child
 * that ends is one of a, b and c; the others are permanent, and all that is asked for is done at once.
 */
import { describe, expect, it } from 'vitest';
import type { Exit } from '../../src/supervision/events.js';
import type { Restart, Strategy } from '../../src/supervision/plan.js';
import { culprit, FAILED, NORMAL, Play } from './play.js';

/** How a child ends, and in which column of the table that is. */
const ENDS: readonly (readonly [way: string, column: 0 | 1, exit: Exit])[] = [
  ['normally', 0, NORMAL],
  ['because it threw', 1, FAILED],
  ['because it was killed', 1, { normal: false, detail: 'killed' }],
  ['because its thread ended', 1, culprit('thread 1')],
];

type Row = readonly [child: string, restart: Restart, afterNormal: string, afterAbnormal: string];

const TABLE: Readonly<Record<Strategy, readonly Row[]>> = {
  'one-for-one': [
    ['a', 'permanent', 'start a', 'start a'],
    ['b', 'permanent', 'start b', 'start b'],
    ['c', 'permanent', 'start c', 'start c'],
    ['a', 'transient', 'release a', 'start a'],
    ['b', 'transient', 'release b', 'start b'],
    ['c', 'transient', 'release c', 'start c'],
    ['a', 'temporary', 'release a', 'release a'],
    ['b', 'temporary', 'release b', 'release b'],
    ['c', 'temporary', 'release c', 'release c'],
  ],
  'one-for-all': [
    ['a', 'permanent', 'halt c, halt b, start a, start b, start c', 'halt c, halt b, start a, start b, start c'],
    ['b', 'permanent', 'halt c, halt a, start a, start b, start c', 'halt c, halt a, start a, start b, start c'],
    ['c', 'permanent', 'halt b, halt a, start a, start b, start c', 'halt b, halt a, start a, start b, start c'],
    ['a', 'transient', 'release a', 'halt c, halt b, start a, start b, start c'],
    ['b', 'transient', 'release b', 'halt c, halt a, start a, start b, start c'],
    ['c', 'transient', 'release c', 'halt b, halt a, start a, start b, start c'],
    ['a', 'temporary', 'release a', 'release a'],
    ['b', 'temporary', 'release b', 'release b'],
    ['c', 'temporary', 'release c', 'release c'],
  ],
  'rest-for-one': [
    ['a', 'permanent', 'halt c, halt b, start a, start b, start c', 'halt c, halt b, start a, start b, start c'],
    ['b', 'permanent', 'halt c, start b, start c', 'halt c, start b, start c'],
    ['c', 'permanent', 'start c', 'start c'],
    ['a', 'transient', 'release a', 'halt c, halt b, start a, start b, start c'],
    ['b', 'transient', 'release b', 'halt c, start b, start c'],
    ['c', 'transient', 'release c', 'start c'],
    ['a', 'temporary', 'release a', 'release a'],
    ['b', 'temporary', 'release b', 'release b'],
    ['c', 'temporary', 'release c', 'release c'],
  ],
  dynamic: [
    ['a', 'permanent', 'start a', 'start a'],
    ['b', 'permanent', 'start b', 'start b'],
    ['c', 'permanent', 'start c', 'start c'],
    ['a', 'transient', 'release a', 'start a'],
    ['b', 'transient', 'release b', 'start b'],
    ['c', 'transient', 'release c', 'start c'],
    ['a', 'temporary', 'release a', 'release a'],
    ['b', 'temporary', 'release b', 'release b'],
    ['c', 'temporary', 'release c', 'release c'],
  ],
};

/** What is left of the three when one has been released. */
const remains = (strategy: Strategy, restart: Restart, child: string): string => {
  const isForgotten = restart === 'temporary' || strategy === 'dynamic';
  const all = ['a', 'b', 'c'].filter((id) => id !== child || !isForgotten);
  return all.map((id) => `${id} ${id === child ? 'terminated' : 'running'}`).join(', ');
};

describe.each(Object.entries(TABLE) as [Strategy, readonly Row[]][])('%s', (strategy, rows) => {
  const cases = rows.flatMap(([child, restart, ...columns]) =>
    ENDS.map(([way, column, exit]) => ({ child, restart, way, exit, says: columns[column] })),
  );

  it.each(cases)('$restart $child ends $way: $says', ({ child, restart, exit, says }) => {
    const play = Play.begun(
      { strategy },
      ['a', 'b', 'c'].map((id) => ({ id, restart: id === child ? restart : 'permanent' })),
    );
    expect(play.settle({ kind: 'exited', id: child, exit }).join(', ')).toBe(says);
    const isBack = says.includes('start');
    expect(play.phases).toBe(isBack ? 'a running, b running, c running' : remains(strategy, restart, child));
  });
});
