/**
 * Decides, from what is seen of all threads now and then, which handler is counted as slow, named, or ended with its
 * thread. It looks at no clock and at no memory, and ends nobody: `observer.ts` does.
 *
 * No thread tells when a handler began, which would be a clock a message. Whoever looks on remembers when it first saw
 * what a thread does now, so a time counted here is never longer than the true one.
 *
 * | a thread is seen              | it stands still while               | it is               |
 * | ----------------------------- | ----------------------------------- | ------------------- |
 * | in a handler                  | its run number stays                | counted, named, ended |
 * | awake, in no handler          | run number and heartbeat stay       | named, ended        |
 * | asleep on its event loop      | the same; its heart beats each `BELT_MS` | named, ended   |
 *
 * The time in which nobody looked, because the whole process was stopped or this thread had no processor, is left out.
 */
import { NO_LABEL } from '../actor/labels.js';
import { BELT_MS } from '../runtime/driver.js';

/** What is seen of a thread at one moment. */
export interface Sight {
  readonly thread: number;
  /** Which life of it. */
  readonly epoch: number;
  readonly slot: number;
  readonly label: number;
  readonly run: number;
  readonly heartbeat: number;
  readonly awake: boolean;
}

export interface Verdict {
  readonly what: 'count' | 'name' | 'end';
  readonly sight: Sight;
  /** How long it has stood still. */
  readonly ms: number;
}

/** How often to look. */
export const LOOK_MS = 50;
export const COUNT_MS = 100;
export const NAME_MS = 1_000;
/** How long a sleeper need not show that it goes on: one beat, which may come late. */
export const ASLEEP_MS = 2 * BELT_MS;

/** What one thread does, since it was first seen to do it. */
interface Watch {
  readonly sight: Sight;
  since: number;
  /** When it was last excused from being ended. */
  excused: number;
  counted: boolean;
  named: boolean;
}

/** Whether a thread has not moved between two looks. */
export const isStill = (before: Sight, after: Sight): boolean =>
  before.epoch === after.epoch &&
  before.run === after.run &&
  before.label === after.label &&
  (before.label !== NO_LABEL || (before.heartbeat === after.heartbeat && before.awake === after.awake));

export class Watchdog {
  /** By thread. */
  readonly #watches = new Map<number, Watch>();
  readonly #limitMs: (sight: Sight) => number;
  #lastLook: number | undefined;

  /** @param limitMs how long what is seen may take until its thread is ended; `Infinity`: as long as it likes */
  constructor(limitMs: (sight: Sight) => number) {
    this.#limitMs = limitMs;
  }

  /** What follows from a look at the threads that are to be watched. */
  look(now: number, sights: readonly Sight[]): readonly Verdict[] {
    const late = this.#lastLook === undefined ? 0 : Math.max(0, now - this.#lastLook - LOOK_MS);
    this.#lastLook = now;
    const seen = new Set(sights.map(({ thread }) => thread));
    for (const [thread, watch] of this.#watches) {
      watch.since += late;
      watch.excused += late;
      if (!seen.has(thread)) this.#watches.delete(thread);
    }
    return sights.flatMap((sight) => this.#judge(now, sight));
  }

  #judge(now: number, sight: Sight): Verdict[] {
    const watch = this.#watches.get(sight.thread);
    if (watch === undefined || !isStill(watch.sight, sight)) {
      this.#watches.set(sight.thread, { sight, since: now, excused: now, counted: false, named: false });
      return [];
    }
    const inHandler = sight.label !== NO_LABEL;
    // A sleeper shows that it goes on only now and then.
    const end = inHandler || sight.awake ? now : now - ASLEEP_MS;
    const ms = end - watch.since;
    const verdicts: Verdict[] = [];
    if (inHandler && !watch.counted && ms >= COUNT_MS) {
      watch.counted = true;
      verdicts.push({ what: 'count', sight, ms });
    }
    if (!watch.named && ms >= NAME_MS) {
      watch.named = true;
      verdicts.push({ what: 'name', sight, ms });
    }
    if (end - watch.excused >= this.#limitMs(sight)) verdicts.push({ what: 'end', sight, ms });
    return verdicts;
  }

  /** A thread is not to be ended for what it does now, as an inspector may have stopped it: that time begins anew. */
  excuse(thread: number, now: number): void {
    const watch = this.#watches.get(thread);
    if (watch !== undefined) watch.excused = now;
  }
}
