/**
 * A Chromium of this machine, driven over its own protocol by a pipe: no package is needed for it. Messages are JSON, each
 * ended by a zero; descriptor 3 is what it reads, 4 what it writes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--disable-background-networking',
  '--no-first-run',
  '--remote-debugging-pipe',
];

const canRun = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The path of a Chromium; undefined: there is none. `CHROME_PATH` says which to take. */
export const findBrowser = (): string | undefined => {
  const named = process.env['CHROME_PATH'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...(named === undefined ? [] : [named]), ...candidates].find(canRun);
};

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** What happened on a page. */
export interface Event {
  readonly method: string;
  readonly params: unknown;
}

export class Browser implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #asked = new Map<number, (answer: Answer) => void>();
  readonly #events: Event[] = [];
  #session?: string;
  #nextId = 1;
  #rest = '';

  static async start(path: string): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'heddle-browser-'));
    const browser = new Browser(path, profile);
    await browser.#openPage();
    return browser;
  }

  private constructor(path: string, profile: string) {
    this.#profile = profile;
    this.#process = spawn(path, [...FLAGS, `--user-data-dir=${profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#process.once('exit', (code) => {
      const error = { message: `the browser ended with ${code}` };
      for (const answer of this.#asked.values()) answer({ error });
    });
    // Its end is told by its exit.
    (this.#process.stdio[3] as Writable).on('error', () => {});
    (this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.#hear(text));
  }

  /** Of everything since the last call. */
  takeEvents(): readonly Event[] {
    return this.#events.splice(0);
  }

  async ask<T = unknown>(method: string, params: object = {}): Promise<T> {
    const id = this.#nextId++;
    const answered = new Promise<Answer>((resolve) => {
      this.#asked.set(id, resolve);
    });
    const message = { id, method, params, ...(this.#session === undefined ? {} : { sessionId: this.#session }) };
    (this.#process.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result as T;
  }

  /** What an expression comes to on the page, promises awaited. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.ask<{
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string } };
    }>('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? 'it threw');
    return result.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  async #openPage(): Promise<void> {
    const { targetId } = await this.ask<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
    const session = { targetId, flatten: true };
    const { sessionId } = await this.ask<{ sessionId: string }>('Target.attachToTarget', session);
    this.#session = sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.ask(`${domain}.enable`);
  }

  #hear(text: string): void {
    const messages = (this.#rest + text).split('\0');
    this.#rest = messages.pop()!;
    for (const message of messages) {
      const answer = JSON.parse(message) as Answer;
      if (answer.id !== undefined) {
        this.#asked.get(answer.id)?.(answer);
        this.#asked.delete(answer.id);
      } else if (answer.method !== undefined) {
        this.#events.push({ method: answer.method, params: answer.params });
      }
    }
  }
}
