/** The stage, as its functions see it. */
import type { StageContext } from './contract.js';
import type { StageSetup } from './setup.js';

export class Context implements StageContext {
  readonly name: string;
  readonly instance: number;
  readonly thread: number;
  id = 0;
  input = 0;
  attempt = 0;
  /** Told when it is to end, at once or after what it is doing: whoever waits for something may give that up. */
  onEnd: () => void = () => undefined;
  readonly #stop: () => void;
  #abort = new AbortController();

  constructor({ name, instance }: StageSetup, thread: number, stop: () => void) {
    this.name = name;
    this.instance = instance;
    this.thread = thread;
    this.#stop = stop;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  stop(): void {
    this.#stop();
  }

  /** What is under way is to be given up. */
  abort(): void {
    this.#abort.abort();
    this.onEnd();
  }

  /** It begins again. */
  reset(): void {
    this.attempt = 0;
    this.#abort = new AbortController();
  }
}
