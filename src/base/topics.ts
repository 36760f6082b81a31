/** What heddle tells on `node:diagnostics_channel`. Each thread has channels of its own. */
import { type Channel, channel } from 'node:diagnostics_channel';

/** One channel and the type of what is published on it. */
export class Topic<M extends object> {
  readonly #channel: Channel;

  constructor(name: string) {
    this.#channel = channel(name);
  }

  /** Whether anybody listens; nothing needs to be made for nobody. */
  get wanted(): boolean {
    return this.#channel.hasSubscribers;
  }

  /**
   * Tells all who listen, in a microtask: they may do what they like, also send, and it may be the middle of something
   * now. What they throw becomes an uncaught exception; Node sees to that.
   */
  publish(message: M): void {
    queueMicrotask(() => this.#channel.publish(message));
  }
}
