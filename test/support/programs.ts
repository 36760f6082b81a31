/** Runs programs in processes of their own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const programUrl = (name: string): string =>
  new URL(`../../.build/test/programs/${name}.js`, import.meta.url).href;

/** A process of this Node. */
export class NodeProgram {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';
  #errors = '';

  constructor(args: readonly string[], cwd?: string) {
    this.#child = spawn(process.execPath, args, { cwd });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
  }

  /** Waits until it has printed something; all that it has printed so far. @throws if it ends without */
  async printed(text: string): Promise<string> {
    while (!this.#output.includes(text)) {
      if (this.hasEnded) throw new Error(`the program ended without printing ${JSON.stringify(text)}: ${this.#errors}`);
      await Promise.race([once(this.#child.stdout, 'data'), once(this.#child, 'close')]);
    }
    return this.#output;
  }

  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  /** Stops the whole process, all its threads, until it is to go on. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Waits for its end; what it printed line by line. @throws if it did not end well */
  async ended(): Promise<readonly string[]> {
    const [code] = (await once(this.#child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the program ended with ${code}: ${this.#errors}`);
    return this.#output.trim().split('\n');
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** A compiled program of `test/programs`. */
export class Program extends NodeProgram {
  constructor(name: string, ...args: readonly string[]) {
    super([fileURLToPath(programUrl(name)), ...args]);
  }

  /** The same with flags of Node. */
  static with(flags: readonly string[], name: string, ...args: readonly string[]): NodeProgram {
    return new NodeProgram([...flags, fileURLToPath(programUrl(name)), ...args]);
  }
}
