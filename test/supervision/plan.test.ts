import { describe, expect, it } from 'vitest';
import {
  type ChildOptions,
  checkChild,
  checkPlan,
  type SupervisorOptions,
  type SupervisorPlan,
} from '../../src/supervision/plan.js';

const WHERE = 'supervisor "bank"';

describe('a plan', () => {
  it('is made of defaults where it says nothing', () => {
    const plan: SupervisorPlan = {
      strategy: 'one-for-one',
      intensity: { restarts: 3, withinMs: 5000 },
      autoShutdown: 'never',
      backOff: undefined,
      maxChildren: 1024,
    };
    expect(checkPlan(WHERE)).toEqual(plan);
    expect(checkPlan(WHERE, { intensity: {} })).toEqual(plan);
    const backOff = { minMs: 100, maxMs: 30_000, factor: 2, jitter: 0.2, resetAfterMs: 60_000 };
    expect(checkPlan(WHERE, { backOff: {} })).toEqual({ ...plan, backOff });
    expect(checkPlan(WHERE, { backOff: { minMs: 40_000 } }).backOff).toMatchObject({ minMs: 40_000, maxMs: 40_000 });
  });

  it.each<SupervisorOptions>([
    { intensity: { restarts: 0, withinMs: 1 } },
    { intensity: { restarts: 10_000, withinMs: 2 ** 30 } },
    { backOff: { minMs: 0, maxMs: 0, factor: 1, jitter: 0, resetAfterMs: 0 } },
    { backOff: { minMs: 2 ** 30, maxMs: 2 ** 30, factor: 100, jitter: 1, resetAfterMs: 2 ** 30 } },
    { maxChildren: 1 },
    { maxChildren: 65_536 },
  ])('may go to its limits: %j', (options) => {
    expect(checkPlan(WHERE, options)).toMatchObject(options);
  });

  it.each<[unknown, string]>([
    [{ strategy: 'simple' }, 'strategy is one of one-for-one, one-for-all, rest-for-one, dynamic, got=string "simple"'],
    [{ strategie: 'dynamic' }, 'there is no option "strategie"'],
    [[], 'expected an object'],
    [{ intensity: 3 }, 'intensity: expected an object'],
    [{ intensity: { restarts: -1 } }, 'intensity.restarts is a number from 0 to 10000, got=number -1'],
    [{ intensity: { restarts: 1.5 } }, 'intensity.restarts is an integer from 0 to 10000'],
    [{ intensity: { restarts: 10_001 } }, 'intensity.restarts'],
    [{ intensity: { withinMs: 0 } }, 'intensity.withinMs'],
    [{ intensity: { withinMs: Number.NaN } }, 'intensity.withinMs'],
    [{ intensity: { withinMs: 2 ** 30 + 1 } }, 'intensity.withinMs'],
    [{ intensity: { within: 1 } }, 'intensity: there is no option "within"'],
    [{ autoShutdown: true }, 'autoShutdown is one of never, any-significant, all-significant'],
    [{ backOff: { minMs: -1 } }, 'backOff.minMs'],
    [{ backOff: { maxMs: 2 ** 31 } }, 'backOff.maxMs'],
    [{ backOff: { minMs: 2, maxMs: 1 } }, 'backOff.maxMs is at least minMs, minMs=2 maxMs=1'],
    [{ backOff: { factor: 0.9 } }, 'backOff.factor'],
    [{ backOff: { factor: 101 } }, 'backOff.factor'],
    [{ backOff: { jitter: 1.1 } }, 'backOff.jitter'],
    [{ backOff: { resetAfterMs: '1' } }, 'backOff.resetAfterMs is a number from 0 to 1073741824, got=string "1"'],
    [{ backOff: { delay: 1 } }, 'backOff: there is no option "delay"'],
    [{ maxChildren: 0 }, 'maxChildren is a number from 1 to 65536'],
    [{ maxChildren: 65_537 }, 'maxChildren'],
  ])('that cannot be is refused: %j', (options, message) => {
    expect(() => checkPlan(WHERE, options as SupervisorOptions)).toThrow(
      expect.objectContaining({ code: 'HEDDLE_INVALID_OPTIONS', message: expect.stringContaining(message) }),
    );
    expect(() => checkPlan(WHERE, options as SupervisorOptions)).toThrow(WHERE);
  });
});

describe('the plan of a child', () => {
  const plan = checkPlan(WHERE, { autoShutdown: 'any-significant' });

  it('is made of defaults where it says nothing', () => {
    expect(checkChild(WHERE, { id: 'a' }, plan)).toEqual({ id: 'a', restart: 'permanent', significant: false });
  });

  it.each(['transient', 'temporary'] as const)('may be significant and %s', (restart) => {
    const child = { id: 'a'.repeat(200), restart, significant: true };
    expect(checkChild(WHERE, child, plan)).toEqual(child);
  });

  it.each<[unknown, string]>([
    [undefined, 'a child: expected an object'],
    [{ id: '' }, 'the id of a child is a string of 1 to 200 characters'],
    [{ id: 1 }, 'the id of a child'],
    [{ id: 'a'.repeat(201) }, 'the id of a child'],
    [{ id: 'a', restart: 'always' }, 'child "a": restart is one of permanent, transient, temporary'],
    [{ id: 'a', significant: 1 }, 'child "a": significant is true or false'],
    [{ id: 'a', significant: true }, 'child "a": a permanent child never ends for good'],
    [{ id: 'a', shutdown: 1 }, 'there is no option "shutdown"'],
  ])('that cannot be is refused: %j', (child, message) => {
    expect(() => checkChild(WHERE, child as ChildOptions, plan)).toThrow(
      expect.objectContaining({ code: 'HEDDLE_INVALID_OPTIONS', message: expect.stringContaining(message) }),
    );
    expect(() => checkChild(WHERE, child as ChildOptions, plan)).toThrow(WHERE);
  });

  it('cannot be significant to a supervisor that does not end with its children', () => {
    const child: ChildOptions = { id: 'a', restart: 'transient', significant: true };
    expect(() => checkChild(WHERE, child, checkPlan(WHERE))).toThrow('set autoShutdown of the supervisor');
  });
});
