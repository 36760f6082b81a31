/** What a stage has to tell its job, until the job asks for it. */
import type { Reply } from '../actor/self.js';
import { describe } from '../base/describe.js';
import { changesOnTheWay } from '../messages/general-check.js';
import type { News, Report } from './protocol.js';

/** News that are kept; of failures beyond that only the number is told. */
const NEWS_MAX = 256;

/** The item itself, or what it is, if it cannot travel. */
const asSent = (item: unknown): unknown => {
  try {
    changesOnTheWay(item);
    return item;
  } catch {
    return describe(item);
  }
};

export class Newsdesk {
  #news: News[] = [];
  #missed = 0;
  #reader: Reply<Report> | undefined;

  tell(news: News): void {
    if (news.kind === 'failed' && this.#news.length >= NEWS_MAX) this.#missed++;
    else this.#news.push({ ...news, item: asSent(news.item) });
    this.#answer();
  }

  /** Answers when there is something. A former reader has given up. */
  read(reply: Reply<Report>): void {
    this.#reader = reply;
    this.#answer();
  }

  /** It has not ended after all: it begins again. */
  forgetEnd(): void {
    this.#news = this.#news.filter(({ kind }) => kind !== 'ended');
  }

  #answer(): void {
    if (this.#reader === undefined || this.#news.length === 0) return;
    this.#reader.send({ news: this.#news, missed: this.#missed });
    this.#reader = undefined;
    this.#news = [];
    this.#missed = 0;
  }
}
