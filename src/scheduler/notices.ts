/** What the control thread tells the others about threads, by the ring that it has to each of them. */
import { Doorbell, eventLoopWait, RecordProducer, settleConsumer } from '../../native-free-queues/index.js';
import type { MeshLayout } from '../mesh/layout.js';
import { BODY_AT, THREAD_ENDED } from '../mesh/records.js';
import type { Memory } from '../messages/memory.js';
import { bindTools, type Tools } from '../messages/tools.js';
import type { EndNotice } from '../runtime/arrivals.js';

/** Longest texts, in characters; a notice has to fit into one record of a control ring. */
const NAME_MAX = 40;
const MESSAGE_MAX = 100;

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
  #waiting: EndNotice[] = [];
  #sending = false;

  constructor(layout: MeshLayout, words: Int32Array, thread: number, general: Tools['general']) {
    this.#place = layout.controlRing(words, layout.controlThread, thread);
    this.#producer = new RecordProducer(this.#place, { consumer: new Doorbell(words, layout.bellWord(thread)) });
    this.#general = general;
  }

  tell(notice: EndNotice): void {
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
      this.#general.write(notice, at + BODY_AT, at + bytes);
      this.#producer.commit(at, bytes, THREAD_ENDED);
      this.#producer.publish();
    }
    this.#sending = false;
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

  constructor(layout: MeshLayout, memory: Memory) {
    const { general } = bindTools(memory, NO_REFS);
    this.#lines = Array.from({ length: layout.threads }, (_, thread) => new Line(layout, memory.i32, thread, general));
  }

  /** Tells all threads but the one that has ended. */
  tell(notice: EndNotice): void {
    const cut = {
      ...notice,
      name: notice.name?.slice(0, NAME_MAX),
      message: notice.message?.slice(0, MESSAGE_MAX),
    };
    this.#lines.forEach((line, thread) => {
      if (thread !== notice.thread) line.tell(cut);
    });
  }

  /** A thread has died. */
  clear(thread: number): void {
    this.#lines[thread]!.clear();
  }
}
