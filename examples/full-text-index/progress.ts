/** How far a way has come: a bar on a terminal, a line for each quarter elsewhere. */
import type { WriteStream } from 'node:tty';

const WIDTH = 40;
const LINES = 4;
const REDRAW_MS = 50;

export class Progress {
  readonly #out: WriteStream;
  readonly #name: string;
  readonly #total: number;
  #done = 0;
  #drawnAt = 0;
  #lines = 0;

  constructor(out: WriteStream, name: string, total: number) {
    this.#out = out;
    this.#name = name.padEnd(10);
    this.#total = Math.max(total, 1);
  }

  advance(files: number): void {
    this.#done += files;
    if (this.#out.isTTY) this.#drawBar();
    else this.#writeLine();
  }

  /** Leaves the terminal as it was. */
  end(): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[K');
  }

  #drawBar(): void {
    const now = performance.now();
    if (now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    const filled = Math.floor((this.#done / this.#total) * WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    this.#out.write(`\r${this.#name} ${bar} ${this.#done}/${this.#total} files`);
  }

  #writeLine(): void {
    const lines = Math.floor((this.#done / this.#total) * LINES);
    if (lines === this.#lines) return;
    this.#lines = lines;
    this.#out.write(`${this.#name} ${(100 * lines) / LINES} %\n`);
  }
}
