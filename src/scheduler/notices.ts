/** What the control thread tells the others about threads, by the ring that it has to each of them. */
import { Doorbell, eventLoopWait, RecordProducer } from '../../native-free-queues/index.js';
import type { MeshLayout } from '../mesh/layout.js';
import { BODY_AT, THREAD_ENDED } from '../mesh/records.js';
import type { Memory } from '../messages/memory.js';
import { bindTools, type Tools } from '../messages/tools.js';

/** A thread has ended that should not have. */
export interface EndNotice {
  readonly thread: number;
  readonly reason: string;
}

/** Longest reason, in characters; a notice has to fit into one record of a control ring. */
const REASON_MAX = 100;

const NO_REFS = { refuses: () => undefined, write: () => undefined, read: () => undefined };

export class Notices {
  readonly #layout: MeshLayout;
  readonly #words: Int32Array;
  readonly #general: Tools['general'];
  readonly #producers: RecordProducer[];
  readonly #wait = eventLoopWait();

  constructor(layout: MeshLayout, memory: Memory) {
    this.#layout = layout;
    this.#words = memory.i32;
    this.#general = bindTools(memory, NO_REFS).general;
    this.#producers = Array.from({ length: layout.threads }, (_, thread) => this.#open(thread));
  }

  #open(thread: number): RecordProducer {
    const ring = this.#layout.controlRing(this.#words, this.#layout.controlThread, thread);
    return new RecordProducer(ring, { consumer: new Doorbell(this.#words, this.#layout.bellWord(thread)) });
  }

  /** Tells all threads but the one that has ended. */
  threadEnded({ thread, reason }: EndNotice): void {
    const notice = { thread, reason: reason.slice(0, REASON_MAX) };
    this.#producers.forEach((producer, other) => {
      if (other !== thread) void this.#tell(producer, notice);
    });
  }

  /** A thread that is stuck leaves no room; it is told once it goes on. */
  async #tell(producer: RecordProducer, notice: EndNotice): Promise<void> {
    const bytes = producer.recordBytesMax;
    let at = producer.claim(bytes);
    while (at < 0) {
      await producer.waitForRoom(bytes, this.#wait);
      at = producer.claim(bytes);
    }
    this.#general.write(notice, at + BODY_AT, at + bytes);
    producer.commit(at, bytes, THREAD_ENDED);
    producer.publish();
  }
}
