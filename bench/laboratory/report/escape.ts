/** Text into HTML: what a run says is never taken for markup. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that needs no escaping, because `html` made it. */
export class Markup {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

type Part = Markup | string | number | readonly Part[];

const escaped = (part: Part): string => {
  if (part instanceof Markup) return part.toString();
  if (Array.isArray(part)) return part.map(escaped).join('');
  return String(part).replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
};

/** A template whose parts are escaped, but for those that are markup already. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(texts.map((text, index) => text + (index < parts.length ? escaped(parts[index]!) : '')).join(''));

/** A value as JSON that can stand within `<script>`, where no entity is read and only `</script` ends. */
export const jsonMarkup = (value: unknown): Markup =>
  new Markup(
    JSON.stringify(value).replace(
      /[<>&\u2028\u2029]/g,
      (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  );
