/** What the control thread tells the others about threads, by the ring that it has to each of them. */
import { Doorbell, eventLoopWait, RecordProducer, settleConsumer } from '../../native-free-queues/index.js';
import type { Culprit } from '../base/errors.js';
import type { MeshLayout } from '../mesh/layout.js';
import { BODY_AT, REPORT, THREAD_ENDED } from '../mesh/records.js';
import { type Memory, NO_ROOM } from '../messages/memory.js';
import { bindTools, type Tools } from '../messages/tools.js';
import type { EndNotice } from '../runtime/arrivals.js';
import type { SlowReport } from '../runtime/reports.js';

/** Longest texts, in characters. A notice has to fit into one record of a control ring: where it does not, they are cut to half. */
const TEXT_MAX = 100;

/** What is told, with texts of at most so many characters. */
interface Notice {
  readonly type: typeof THREAD_ENDED | typeof REPORT;
  readonly body: (textMax: number) => unknown;
}

const cutCulprit = (culprit: Culprit | undefined, textMax: number): Culprit | undefined =>
  culprit && { ...culprit, actor: culprit.actor.slice(0, textMax), message: culprit.message.slice(0, textMax) };

const cutEnd = (notice: EndNotice, textMax: number): EndNotice => ({
  ...notice,
  name: notice.name?.slice(0, textMax),
  message: notice.message?.slice(0, textMax),
  culprit: cutCulprit(notice.culprit, textMax),
});

const NO_REFS = {
  refuses: () => undefined,
  take: (value: unknown) => value,
  write: () => undefined,
  read: () => undefined,
};

/** The notices to one thread, oldest first. */
class Line {
  readonly #producer: RecordProducer;
  readonly #place: ConstructorParameters<typeof RecordProducer>[0];
  readonly #general: Tools['general'];
  readonly #wait = eventLoopWait();
  #waiting: Notice[] = [];
  #sending = false;

  constructor(layout: MeshLayout, words: Int32Array, thread: number, general: Tools['general']) {
    this.#place = layout.controlRing(words, layout.controlThread, thread);
    this.#producer = new RecordProducer(this.#place, { consumer: new Doorbell(words, layout.bellWord(thread)) });
    this.#general = general;
  }

  tell(notice: Notice): void {
    this.#waiting.push(notice);
    if (!this.#sending) void this.#send();
    // The dead thread may have been about to wake this one; of that a ring knows nothing.
    this.#producer.consumerBell.rouse();
  }

  /** A thread that is stuck leaves no room; it is told once it goes on. */
  async #send(): Promise<void> {
    this.#sending = true;
    const bytes = this.#producer.recordBytesMax;
    for (let notice = this.#waiting[0]; notice !== undefined; notice = this.#waiting[0]) {
      const at = this.#producer.claim(bytes);
      if (at < 0) {
        await this.#producer.waitForRoom(bytes, this.#wait);
        continue;
      }
      this.#waiting.shift();
      this.#write(notice, at + BODY_AT, at + bytes);
      this.#producer.commit(at, bytes, notice.type);
      this.#producer.publish();
    }
    this.#sending = false;
  }

  #write({ body }: Notice, at: number, end: number): void {
    for (let textMax = TEXT_MAX; this.#general.write(body(textMax), at, end) === NO_ROOM; textMax >>= 1);
  }

  /** Its thread has died: whoever takes its place knows all of this from the start. */
  clear(): void {
    this.#waiting = [];
    settleConsumer(this.#place, () => undefined);
    // Whoever waits for room looks again, and finds nothing to send.
    this.#producer.bell.ring();
  }
}

export class Notices {
  readonly #lines: readonly Line[];
  readonly #words: Int32Array;
  readonly #deathsWord: number;

  constructor(layout: MeshLayout, memory: Memory) {
    this.#words = memory.i32;
    this.#deathsWord = layout.deathsWord;
    const { general } = bindTools(memory, NO_REFS);
    this.#lines = Array.from({ length: layout.threads }, (_, thread) => new Line(layout, memory.i32, thread, general));
  }

  /** Tells all threads but the one that has ended. */
  tell(notice: EndNotice): void {
    const body = (textMax: number): EndNotice => cutEnd(notice, textMax);
    this.#lines.forEach((line, thread) => {
      if (thread !== notice.thread) line.tell({ type: THREAD_ENDED, body });
    });
    // After the notices, and before another thread takes the place. Pairs with the load in `Mesh.poll`.
    Atomics.add(this.#words, this.#deathsWord, 1);
  }

  /** Tells the host of code that does not return. */
  tellSlow(thread: number, ms: number, culprit: Culprit | undefined): void {
    const body = (textMax: number): SlowReport => ['slow', thread, ms, cutCulprit(culprit, textMax)];
    this.#lines[0]!.tell({ type: REPORT, body });
  }

  /** A thread has died. */
  clear(thread: number): void {
    this.#lines[thread]!.clear();
  }
}
