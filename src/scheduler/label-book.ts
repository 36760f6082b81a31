/** What the labels of all threads mean. Each thread posts that when it binds a definition; it is read when it is needed. */

import { HOOKS, type LabelRange, labelsIn } from '../actor/labels.js';
import type { Culprit } from '../base/errors.js';

/** Takes what a thread has posted, one by one; undefined: no more. */
export type ReceiveLabels = () => LabelRange | undefined;

/** What one thread has told in its present life. */
interface Page {
  readonly receive: ReceiveLabels;
  /** In the order of their labels. */
  readonly ranges: LabelRange[];
}

export class LabelBook {
  readonly #pages = new Map<number, Page>();

  /** A life of a thread begins. */
  open(thread: number, receive: ReceiveLabels): void {
    this.#pages.set(thread, { receive, ranges: [] });
  }

  /** The definition that a label of a thread belongs to. */
  find(thread: number, label: number): LabelRange | undefined {
    const page = this.#pages.get(thread);
    if (page === undefined) return undefined;
    const known = page.ranges.at(-1);
    // It was posted before the label was first written.
    if (known === undefined || label >= known.first + labelsIn(known)) {
      for (let range = page.receive(); range !== undefined; range = page.receive()) page.ranges.push(range);
    }
    return page.ranges.find((range) => label >= range.first && label < range.first + labelsIn(range));
  }

  /** What is handled under a label. */
  culprit(thread: number, slot: number, label: number): Culprit | undefined {
    const range = this.find(thread, label);
    if (range === undefined) return undefined;
    const place = label - range.first;
    const number = place - HOOKS.length;
    return number < 0
      ? { slot, actor: range.actor, message: HOOKS[place]!, messageNumber: undefined }
      : { slot, actor: range.actor, message: range.messages[number]!, messageNumber: number };
  }
}
