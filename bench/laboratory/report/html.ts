/**
 * The report: one HTML file that needs nothing else. Its plots are drawn by the script within it; all that is written is
 * there without. A content policy keeps it from loading anything and from running what is not its own.
 */
import type { LaboratoryRun, Machine } from '../results.js';
import { readAssets } from './assets.js';
import { chaptersOf } from './chapters.js';
import { html, jsonMarkup, Markup } from './escape.js';
import { type Chapter, type Figure, type Group, type PageData, type Plot, SUBJECT, type Table } from './figure.js';
import { type Duel, duelsOf, overviewFigure } from './figures/overview.js';
import { type Look, looksOf } from './palette.js';
import { contestantsOf } from './situations.js';
import { formatBytes, formatTimes } from './units.js';

const NOTHING = html``;

/** Plots with places along them, which arrow keys go through. */
const READABLE: ReadonlySet<Plot['kind']> = new Set(['percentiles', 'sweep'] as const);

const tableMarkup = ({ columns, rows }: Table, caption: string): Markup => html`
<div class="table" tabindex="0" role="region" aria-label="${caption}, as a table"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${rows.map(
  ([head, ...cells]) => html`<tr><th scope="row">${head ?? ''}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
)}</tbody>
</table></div>`;

/** Numbers the plots as it comes by them: the script finds them by that. */
class FigureWriter {
  readonly plots: Plot[] = [];

  figure({ title, caption, description, plot, table }: Figure, level: 2 | 3 | 4): Markup {
    const index = this.plots.push(plot) - 1;
    const heading = new Markup(`h${level}`);
    const attributes = READABLE.has(plot.kind) ? html`role="group" tabindex="0"` : html`role="img"`;
    return html`
<figure class="card ${plot.kind}" aria-labelledby="figure-${index}">
<${heading} id="figure-${index}">${title}</${heading}>
<div class="plot" data-plot="${index}" ${attributes} aria-label="${title}. ${description}"></div>
${caption === '' ? NOTHING : html`<figcaption>${caption}</figcaption>`}
<details><summary>The figures<span class="hidden"> of ${title}</span></summary>${tableMarkup(table, title)}</details>
</figure>`;
  }

  group({ title, question, figures }: Group): Markup {
    const head = title === undefined || figures.length === 1 ? NOTHING : html`<h3>${title}</h3>`;
    const below = question && figures.length > 1 ? html`<p class="question">${question}</p>` : NOTHING;
    const level = figures.length > 1 && title !== undefined ? 4 : 3;
    return html`${head}${below}<div class="grid">${figures.map((figure) => this.figure(figure, level))}</div>`;
  }

  chapter({ id, title, introduction, groups }: Chapter): Markup {
    return html`
<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2><p class="introduction">${introduction}</p>
${groups.map((group) => this.group(group))}</section>`;
  }
}

const chip = ({ name, slot, dash, mark }: Look, index: number): Markup => html`
<button type="button" class="chip slot-${slot}" aria-pressed="true" data-look="${index}"><svg viewBox="-14 -5 28 10" aria-hidden="true"><path d="M-14 0H14" stroke-dasharray="${dash.join(' ')}"/><path class="mark" transform="scale(3.6)" d="${mark}"/></svg>${name}</button>`;

const themeSwitch = html`
<fieldset class="theme"><legend class="hidden">Theme</legend>${['auto', 'light', 'dark'].map(
  (theme) =>
    html`<label><input type="radio" name="theme" value="${theme}"${theme === 'auto' ? html` checked` : ''}><span>${theme}</span></label>`,
)}</fieldset>`;

const tile = ({ scenario, situation, reached, rivals }: Duel): Markup => {
  const [strongest, weakest] = [rivals[0]!, rivals.at(-1)!];
  const ahead =
    weakest.times >= 1
      ? html`<li><b>${formatTimes(weakest.times)}</b> better than ${weakest.contestant}</li>`
      : NOTHING;
  const behind =
    strongest.times < 1
      ? html`<li><b>${formatTimes(1 / strongest.times)}</b> worse than ${strongest.contestant}</li>`
      : NOTHING;
  return html`<div class="tile"><h2>${scenario}</h2><p class="reached">${reached}</p><ul>${ahead}${behind}</ul><p class="situation">${situation}</p></div>`;
};

/** The first question of each experiment. */
const tiles = (duels: readonly Duel[]): Markup => {
  const firsts = duels.filter(
    ({ experiment }, index) => duels.findIndex((duel) => duel.experiment === experiment) === index,
  );
  if (firsts.length === 0) return NOTHING;
  return html`<section class="tiles" aria-label="${SUBJECT} in a few figures">${firsts.map(tile)}</section>`;
};

const facts = (pairs: readonly (readonly [string, string])[]): Markup =>
  html`<dl>${pairs.map(([name, fact]) => html`<div><dt>${name}</dt><dd>${fact}</dd></div>`)}</dl>`;

const machineMarkup = (machine: Machine): Markup => html`
<section id="machine" aria-labelledby="machine-title"><h2 id="machine-title">Where it was measured</h2>
${facts([
  ['Processor', machine.processor],
  ['Cores', String(machine.cores)],
  ['Memory', formatBytes(machine.memoryBytes)],
  ['System', machine.system],
  ['Node', machine.node],
  ['V8', machine.v8],
])}
<h3>Versions</h3>${facts(Object.entries(machine.versions))}</section>`;

const absentMarkup = ({ absent }: LaboratoryRun): Markup =>
  absent.length === 0
    ? NOTHING
    : html`
<section id="absent" aria-labelledby="absent-title"><h2 id="absent-title">Who was not there</h2>
${facts(absent.map(({ contestant, reason }) => [contestant, reason]))}</section>`;

const repeatMarkup = ({ command }: LaboratoryRun): Markup => html`
<section id="repeat" aria-labelledby="repeat-title"><h2 id="repeat-title">Do it again</h2>
<div class="command"><pre tabindex="0"><code>${command}</code></pre><button type="button" data-copy="${command}">Copy</button></div>
<p>Every contestant did the same work, in turn, round by round, and every result was checked. All figures are from one machine, that
above: take the ratios with you, and leave the nanoseconds here.</p></section>`;

const dateOf = (at: string): string => at.replace('T', ' ').replace(/:\d\d(?:\.\d+)?Z$/, ' UTC');

/** @throws if the page's script or style sheet is not where it was built to */
export const renderHtml = (run: LaboratoryRun): string => {
  const { script, style } = readAssets();
  const { machine, measurements } = run;
  const looks = looksOf(contestantsOf(measurements));
  const chapters = chaptersOf(measurements);
  const duels = duelsOf(measurements);
  const overview = overviewFigure(duels);

  const writer = new FigureWriter();
  const overviewMarkup =
    overview === undefined ? NOTHING : html`<section id="overview">${writer.figure(overview, 2)}</section>`;
  const chapterMarkups = chapters.map((chapter) => writer.chapter(chapter));
  const data: PageData = { looks, plots: writer.plots };
  const links = [
    ...chapters.map(({ id, title }) => [id, title] as const),
    ['machine', 'Machine'],
    ['repeat', 'Repeat'],
  ];
  const policy = `default-src 'none'; script-src ${script.hash}; style-src ${style.hash}; base-uri 'none'; form-action 'none'`;

  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<title>heddle latency laboratory, ${dateOf(run.at)}</title>
<style>${new Markup(style.text)}</style>
</head>
<body>
<a class="skip" href="#main">To the figures</a>
<header class="top">
<div><h1><span class="subject">heddle</span> latency laboratory</h1>
<p>${machine.processor}, ${machine.cores} cores, Node ${machine.node}. <time datetime="${run.at}">${dateOf(run.at)}</time></p></div>
${themeSwitch}
</header>
<nav aria-label="Chapters"><ul>${links.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<div class="legend" role="group" aria-label="Contestants: press to hide or show">${looks.map(chip)}</div>
<main id="main">
<noscript><p>The plots need the script in this file. Their tables do not: open “The figures”.</p></noscript>
${tiles(duels)}
${overviewMarkup}
${chapterMarkups}
${machineMarkup(machine)}
${absentMarkup(run)}
${repeatMarkup(run)}
</main>
<footer><p>Plots by uPlot, copyright Leon Sorokin, MIT licence.</p></footer>
<script type="application/json" id="data">${jsonMarkup(data)}</script>
<script>${new Markup(script.text)}</script>
</body>
</html>
`.toString();
};
