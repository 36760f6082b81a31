import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerWheel } from '../../src/runtime/timer-wheel.js';

/** What a wheel does, done by looking at every timer. */
class Model {
  readonly #deadlines = new Map<number, number>();
  now = 0;

  set(timer: number, deadline: number): void {
    // A timer that is overdue when it is set fires with the next millisecond.
    this.#deadlines.set(timer, Math.max(deadline, this.now + 1));
  }

  clear(timer: number): void {
    this.#deadlines.delete(timer);
  }

  isSet(timer: number): boolean {
    return this.#deadlines.has(timer);
  }

  /** Timers that fire, by the millisecond in which they do. */
  advance(now: number): number[][] {
    const due = [...this.#deadlines].filter(([, deadline]) => deadline <= now).sort(([, a], [, b]) => a - b);
    const groups = new Map<number, number[]>();
    for (const [timer, deadline] of due) {
      this.#deadlines.delete(timer);
      groups.set(deadline, [...(groups.get(deadline) ?? []), timer]);
    }
    this.now = now;
    return [...groups.values()];
  }

  get next(): number {
    return Math.min(...this.#deadlines.values());
  }
}

const timer = fc.integer({ min: 0, max: 200 });
const span = fc.oneof(
  fc.integer({ min: 0, max: 70 }),
  fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: 1 << 28 }),
);
const action = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), timer, after: span }),
  fc.record({ kind: fc.constant('clear' as const), timer }),
  fc.record({ kind: fc.constant('advance' as const), by: span }),
);

/** Near every power of two, where one level ends and the next begins. */
const farSpan = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: -100, max: 0 }))
  .map(([bits, less]) => Math.max(0, 2 ** bits + less));
/** One for each level of the wheel, and one for a deadline that is beyond the last. */
const SLEEPS_MAX = 6;

describe('the timer wheel', () => {
  it('fires every timer once, never early, in the order of deadlines, as a list of timers would', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.array(action, { maxLength: 60 }),
        (origin, actions) => {
          const model = new Model();
          const wheel = new TimerWheel(origin);
          for (const step of actions) {
            if (step.kind === 'set' && !model.isSet(step.timer)) {
              model.set(step.timer, model.now + step.after);
              wheel.set(step.timer, (origin + model.now + step.after) | 0);
            } else if (step.kind === 'clear') {
              model.clear(step.timer);
              wheel.clear(step.timer);
            } else if (step.kind === 'advance') {
              const now = model.now + step.by;
              const expected = model.advance(now);
              const fired: number[] = [];
              wheel.advance((origin + now) | 0, (index) => fired.push(index));
              for (const group of expected) expect(fired.splice(0, group.length).sort()).toEqual([...group].sort());
              expect(fired).toEqual([]);
            }
            expect(wheel.isSet(7)).toBe(model.isSet(7));
            if (wheel.count > 0) {
              const delay = wheel.delay((origin + model.now) | 0);
              expect(delay).toBeLessThanOrEqual(Math.max(0, model.next - model.now));
            } else expect(wheel.delay((origin + model.now) | 0)).toBe(Number.POSITIVE_INFINITY);
          }
        },
      ),
      {
        numRuns: 2000,
        examples: [
          // An overdue timer, set when the lowest level was empty at the last advance.
          [
            0,
            [
              { kind: 'set', timer: 0, after: 64 },
              { kind: 'advance', by: 1 },
              { kind: 'set', timer: 1, after: 0 },
              { kind: 'advance', by: 0 },
            ],
          ],
        ],
      },
    );
  });

  it('ends the sleep before a deadline, however far it is, once per level and no more', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), farSpan, (origin, after) => {
        const wheel = new TimerWheel(origin);
        wheel.set(7, (origin + after) | 0);
        let passed = 0;
        let sleeps = 0;
        for (; wheel.count > 0; sleeps++) {
          passed += Math.max(1, wheel.delay((origin + passed) | 0));
          wheel.advance((origin + passed) | 0, () => undefined);
          expect(sleeps).toBeLessThan(SLEEPS_MAX);
        }
        expect(passed).toBe(Math.max(1, after));
      }),
      {
        numRuns: 5000,
        // The longest deadline that a call may have, from a time at which its slot is that of the present.
        examples: [[1, 2 ** 30]],
      },
    );
  });
});
