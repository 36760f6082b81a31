/** How far it is: a bar that is rewritten on a terminal, or else a line for each heat. */
import type { WriteStream } from 'node:tty';

const CLEAR = '\r\x1b[K';
const BAR_WIDTH = 24;
const PERCENT = 100;

export type Output = Pick<WriteStream, 'isTTY' | 'columns' | 'write'>;

export class Progress {
  readonly #out: Output;
  readonly #total: number;
  #done = 0;
  #heat = '';

  /** @param total how often `turn` will be called, or a little less often */
  constructor(out: Output, total: number) {
    this.#out = out;
    this.#total = total;
  }

  turn(heat: string, system: string): void {
    if (this.#out.isTTY) this.#draw(`${heat}: ${system}`);
    else if (heat !== this.#heat) this.#out.write(`${heat}\n`);
    this.#heat = heat;
    this.#done++;
  }

  end(): void {
    if (this.#out.isTTY) this.#out.write(CLEAR);
  }

  #draw(what: string): void {
    const share = Math.min(1, this.#done / this.#total);
    const bar = '#'.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '.');
    const line = `[${bar}] ${String(Math.round(share * PERCENT)).padStart(3)} %  ${what}`;
    this.#out.write(CLEAR + line.slice(0, this.#out.columns - 1));
  }
}
