/** The watchdog's decisions, under a clock of the test. */
import { describe, expect, it } from 'vitest';
import {
  ASLEEP_MS,
  COUNT_MS,
  LOOK_MS,
  NAME_MS,
  type Sight,
  type Verdict,
  Watchdog,
} from '../../src/scheduler/watchdog.js';

const HANDLER: Sight = { thread: 1, epoch: 0, slot: 5, label: 7, run: 100, heartbeat: 3, awake: true };
const BETWEEN: Sight = { ...HANDLER, label: 0 };
const ASLEEP: Sight = { ...BETWEEN, awake: false };

/** Looks every `LOOK_MS`, if nothing else is said. */
class Looks {
  readonly watchdog: Watchdog;
  now = 5_000;

  constructor(limitMs = Number.POSITIVE_INFINITY) {
    this.watchdog = new Watchdog(() => limitMs);
  }

  look(sights: readonly Sight[], afterMs = LOOK_MS): readonly Verdict[] {
    this.now += afterMs;
    return this.watchdog.look(this.now, sights);
  }

  /** Sees the same for a while. Returns what followed, and after how many ms. */
  during(sight: Sight, ms: number): [what: string, afterMs: number][] {
    const began = this.now;
    const told: [string, number][] = [];
    while (this.now - began < ms) {
      for (const { what } of this.look([sight])) told.push([what, this.now - began]);
    }
    return told;
  }
}

describe('a handler that does not return', () => {
  it('is counted once, then named once, and its thread is left alone', () => {
    const looks = new Looks();
    // It is first seen at the first look.
    expect(looks.during(HANDLER, 5_000)).toEqual([
      ['count', LOOK_MS + COUNT_MS],
      ['name', LOOK_MS + NAME_MS],
    ]);
  });

  it('is to be ended from its limit on, again and again, and not before', () => {
    const looks = new Looks(300);
    expect(looks.during(HANDLER, 450)).toEqual([
      ['count', 150],
      ['end', 350],
      ['end', 400],
      ['end', 450],
    ]);
  });

  it('says how long it has been seen, and what was seen', () => {
    const looks = new Looks();
    looks.look([HANDLER]);
    looks.look([HANDLER]);
    expect(looks.look([HANDLER])).toEqual([{ what: 'count', sight: HANDLER, ms: 100 }]);
  });

  it('is told from others by its run number, also where that wraps', () => {
    const looks = new Looks(100);
    const runs = [2 ** 31 - 2, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1];
    for (const run of runs) expect(looks.during({ ...HANDLER, run }, LOOK_MS * 2)).toEqual([]);
    expect(looks.during({ ...HANDLER, run: runs.at(-1)! }, LOOK_MS)).toEqual([
      ['count', LOOK_MS],
      ['end', LOOK_MS],
    ]);
  });

  it('is another one in the next life of its thread', () => {
    const looks = new Looks(100);
    looks.during(HANDLER, 2 * LOOK_MS);
    expect(looks.during({ ...HANDLER, epoch: 1 }, 2 * LOOK_MS)).toEqual([]);
  });

  it('is another one on another thread', () => {
    const looks = new Looks(100);
    looks.look([HANDLER]);
    looks.look([HANDLER, { ...HANDLER, thread: 2 }]);
    expect(looks.look([HANDLER, { ...HANDLER, thread: 2 }]).map(({ sight }) => sight.thread)).toEqual([1, 1]);
  });

  it('is held against its thread whatever the heart does', () => {
    const looks = new Looks();
    looks.look([HANDLER]);
    looks.look([{ ...HANDLER, heartbeat: 4, awake: false }]);
    expect(looks.look([{ ...HANDLER, heartbeat: 5 }])).toMatchObject([{ what: 'count' }]);
  });

  it('is forgotten while its thread is not to be watched', () => {
    const looks = new Looks(100);
    looks.during(HANDLER, 2 * LOOK_MS);
    looks.look([]);
    expect(looks.during(HANDLER, 2 * LOOK_MS)).toEqual([]);
  });
});

describe('a thread between handlers', () => {
  it('is fine as long as its heart beats', () => {
    const looks = new Looks(100);
    for (let heartbeat = 0; heartbeat < 100; heartbeat++) expect(looks.look([{ ...BETWEEN, heartbeat }])).toEqual([]);
  });

  it('is named and ended if it does not, and counts as no slow handler', () => {
    expect(new Looks().during(BETWEEN, 3_000)).toEqual([['name', LOOK_MS + NAME_MS]]);
    expect(new Looks(300).during(BETWEEN, 350)).toEqual([['end', 350]]);
  });

  it('has the time of two beats more while it sleeps', () => {
    expect(new Looks().during(ASLEEP, 5_000)).toEqual([['name', LOOK_MS + ASLEEP_MS + NAME_MS]]);
    expect(new Looks(300).during(ASLEEP, 350 + ASLEEP_MS)).toEqual([['end', 350 + ASLEEP_MS]]);
  });

  it('has moved when it falls asleep', () => {
    const looks = new Looks(100);
    looks.during(BETWEEN, 2 * LOOK_MS);
    expect(looks.during(ASLEEP, ASLEEP_MS)).toEqual([]);
    expect(looks.during(BETWEEN, 2 * LOOK_MS)).toEqual([]);
  });
});

describe('a look that comes late', () => {
  it('does not count the time in which nobody looked', () => {
    const looks = new Looks(1_000);
    looks.during(HANDLER, 150);
    expect(looks.look([HANDLER], 3_600_000)).toEqual([]);
    expect(looks.during(HANDLER, 2_000)[0]).toEqual(['name', 850]);
  });

  it('counts what is left of it', () => {
    const looks = new Looks(150);
    looks.look([HANDLER]);
    for (let late = 0; late < 2; late++)
      expect(looks.look([HANDLER], 500).map(({ what }) => what)).not.toContain('end');
    expect(looks.look([HANDLER], 500)).toContainEqual({ what: 'end', sight: HANDLER, ms: 150 });
  });
});

describe('a thread that is excused', () => {
  it('has its whole time again, but is named all the same', () => {
    const looks = new Looks(800);
    expect(looks.during(HANDLER, 850).at(-1)).toEqual(['end', 850]);
    looks.watchdog.excuse(1, looks.now);
    expect(looks.during(HANDLER, 800)).toEqual([
      ['name', 200],
      ['end', 800],
    ]);
  });

  it('is excused of nothing else', () => {
    const looks = new Looks(100);
    looks.watchdog.excuse(1, looks.now + 10_000);
    looks.during(HANDLER, 150);
    looks.watchdog.excuse(2, looks.now);
    expect(looks.during(HANDLER, LOOK_MS)).toEqual([['end', LOOK_MS]]);
  });
});
