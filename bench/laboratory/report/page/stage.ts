/** Who is to be seen on the plots, in which colours: changed by the legend and by the theme, read whenever one is drawn. */
import type { Look } from '../palette.js';

const DIMMED = 0.14;

const probe = document.body.appendChild(document.createElement('span'));
probe.hidden = true;

/** A colour of the style sheet as canvases understand it, in the theme of now. */
const resolved = (name: string): string => {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
};

export class Stage {
  readonly #looks: ReadonlyMap<string, Look>;
  readonly #hidden = new Set<string>();
  readonly #colours = new Map<string, string>();
  #emphasised: string | undefined;

  constructor(looks: readonly Look[]) {
    this.#looks = new Map(looks.map((look) => [look.name, look]));
  }

  look(contestant: string): Look {
    return this.#looks.get(contestant)!;
  }

  /** `ink`, `faint`, `grid`, `best`, `slot-subject`, ... */
  colour(name: string): string {
    const known = this.#colours.get(name);
    if (known !== undefined) return known;
    const colour = resolved(name);
    this.#colours.set(name, colour);
    return colour;
  }

  colourOf(contestant: string): string {
    return this.colour(`slot-${this.look(contestant).slot}`);
  }

  shows(contestant: string): boolean {
    return !this.#hidden.has(contestant);
  }

  /** How opaque it is: less while another is emphasised. */
  alphaOf(contestant: string): number {
    return this.#emphasised === undefined || this.#emphasised === contestant ? 1 : DIMMED;
  }

  toggle(contestant: string): boolean {
    if (this.#hidden.delete(contestant)) return true;
    this.#hidden.add(contestant);
    return false;
  }

  emphasise(contestant: string | undefined): void {
    this.#emphasised = contestant;
  }

  forgetColours(): void {
    this.#colours.clear();
  }
}

/** `rgb(1, 2, 3)` with an opacity. */
export const faded = (colour: string, alpha: number): string =>
  colour.replace(/^rgba?\((\d+),\s*(\d+),\s*(\d+).*$/, `rgba($1, $2, $3, ${alpha})`);
