/**
 * A program of this example in a process of its own. It ends when the channel to it is closed, which the system does
 * too, so nothing is left behind however this process ends.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** How long it may take to end. */
const END_MS = 10_000;

export class Child {
  /** Is rejected when it has ended, whatever the reason. */
  readonly lost: Promise<never>;
  readonly #process: ChildProcess;
  readonly #ended: Promise<string>;

  /** @param program the name of its module */
  constructor(program: string, ...args: readonly string[]) {
    this.#process = fork(fileURLToPath(new URL(`${program}.js`, import.meta.url)), args);
    this.#ended = once(this.#process, 'exit').then(([code, signal]) => `${signal ?? code}`);
    this.lost = this.#ended.then((how) => {
      throw new Error(`${[program, ...args].join(' ')} has ended with ${how}`);
    });
    this.lost.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  send(message: object): void {
    // If it cannot be sent, the process is lost, which is told by other means.
    this.#process.send(message, () => undefined);
  }

  /** The next message from it. */
  async next<T>(): Promise<T> {
    const [message] = (await once(this.#process, 'message')) as [T];
    return message;
  }

  /** Lets it end; resolves when it has. @throws if it does not end well */
  async end(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    const killer = setTimeout(() => this.#process.kill('SIGKILL'), END_MS);
    const how = await this.#ended;
    clearTimeout(killer);
    if (how !== '0') await this.lost;
  }
}
