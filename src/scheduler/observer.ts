/** The watchdog's eyes and hands: looks at the words of all threads, and does what follows from it. */
import { NO_LABEL } from '../actor/labels.js';
import { processTimeMs } from '../base/clock.js';
import { debug } from '../base/debug.js';
import type { Culprit } from '../base/errors.js';
import { type MeshLayout, RUNNING } from '../mesh/layout.js';
import { slowText } from '../runtime/reports.js';
import type { LabelBook } from './label-book.js';
import type { WatchdogOptions } from './options.js';
import { isStill, LOOK_MS, type Sight, type Verdict, Watchdog } from './watchdog.js';

export interface ObserverPorts {
  countSlow(thread: number): void;
  tellSlow(thread: number, ms: number, culprit: Culprit | undefined): void;
  /** Ends a life of a thread, which another replaces. */
  end(thread: number, epoch: number, message: string): void;
  /** Whether an inspector is active in the process. */
  isInspected(): Promise<boolean>;
}

/** Its event loop is the application's: what that does between handlers is nobody's business here. */
const HOST = 0;

const isWatched = ({ thread, running, label }: Sight & { readonly running: boolean }): boolean =>
  running && (thread !== HOST || label !== NO_LABEL);

export class Observer {
  readonly #layout: MeshLayout;
  readonly #words: Int32Array;
  readonly #labels: LabelBook;
  readonly #ports: ObserverPorts;
  readonly #watchdog: Watchdog;
  readonly #endAfterMs: number;
  #timer: NodeJS.Timeout | undefined;
  /** By thread that is to be ended if no inspector is active: resolves when that is known. */
  readonly #asked = new Map<number, Promise<void>>();
  /** By thread: the life that was ended last. It may take a while to die. */
  readonly #ended = new Map<number, number>();

  constructor(
    layout: MeshLayout,
    words: Int32Array,
    labels: LabelBook,
    { endAfterMs = Number.POSITIVE_INFINITY }: WatchdogOptions,
    ports: ObserverPorts,
  ) {
    this.#layout = layout;
    this.#words = words;
    this.#labels = labels;
    this.#ports = ports;
    this.#endAfterMs = endAfterMs;
    this.#watchdog = new Watchdog((sight) => this.#limitMs(sight));
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.start();
      this.#look();
    }, LOOK_MS);
  }

  /** Resolves when nothing is asked any more: this thread must not end while it asks (see inspector.ts). */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all(this.#asked.values());
  }

  #look(): void {
    const sights = Array.from({ length: this.#layout.threads }, (_, thread) => this.#see(thread));
    for (const verdict of this.#watchdog.look(processTimeMs(), sights.filter(isWatched))) this.#obey(verdict);
  }

  /** What a thread does now. Plain loads: what is stale is seen anew at the next look. */
  #see(thread: number): Sight & { readonly running: boolean } {
    const words = this.#words;
    const running = this.#layout.runningWord(thread);
    return {
      thread,
      running: words[this.#layout.stateWord(thread)] === RUNNING,
      epoch: words[this.#layout.epochWord(thread)]!,
      slot: words[running]!,
      label: words[running + 1]!,
      run: words[running + 2]!,
      heartbeat: words[this.#layout.heartbeatWord(thread)]!,
      awake: words[this.#layout.awakeWord(thread)] === 1,
    };
  }

  #limitMs({ thread, label }: Sight): number {
    if (thread === HOST) return Number.POSITIVE_INFINITY;
    const budgetMs = label === NO_LABEL ? undefined : this.#labels.find(thread, label)?.budgetMs;
    return Math.min(this.#endAfterMs, budgetMs ?? Number.POSITIVE_INFINITY);
  }

  #obey({ what, sight, ms }: Verdict): void {
    const { thread } = sight;
    if (what === 'count') this.#ports.countSlow(thread);
    else if (what === 'name') {
      const culprit = this.#culprit(sight);
      debug('thread %d: %s for %d ms', thread, slowText(culprit), Math.round(ms));
      this.#ports.tellSlow(thread, Math.round(ms), culprit);
    } else if (!this.#asked.has(thread) && this.#ended.get(thread) !== sight.epoch) {
      this.#asked.set(thread, this.#end(sight, ms));
    }
  }

  async #end(sight: Sight, ms: number): Promise<void> {
    const { thread, epoch } = sight;
    const inspected = await this.#ports.isInspected();
    this.#asked.delete(thread);
    if (inspected) this.#watchdog.excuse(thread, processTimeMs());
    else if (isStill(sight, this.#see(thread))) {
      this.#ended.set(thread, epoch);
      this.#ports.end(thread, epoch, `${slowText(this.#culprit(sight))} for ${Math.round(ms)} ms`);
    }
  }

  #culprit({ thread, slot, label }: Sight): Culprit | undefined {
    return this.#labels.culprit(thread, slot, label);
  }
}
