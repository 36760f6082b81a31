/** Runs the compiled programs of `test/programs` in processes of their own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const programUrl = (name: string): string =>
  new URL(`../../.build/test/programs/${name}.js`, import.meta.url).href;

export class Program {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';
  #errors = '';

  constructor(name: string, ...args: readonly string[]) {
    this.#child = spawn(process.execPath, [fileURLToPath(programUrl(name)), ...args]);
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
  }

  /** Waits until it has printed something. */
  async printed(text: string): Promise<void> {
    while (!this.#output.includes(text)) await once(this.#child.stdout, 'data');
  }

  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  /** Waits for its end; what it printed line by line. @throws if it did not end well */
  async ended(): Promise<readonly string[]> {
    const [code] = (await once(this.#child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the program ended with ${code}: ${this.#errors}`);
    return this.#output.trim().split('\n');
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null;
  }
}
