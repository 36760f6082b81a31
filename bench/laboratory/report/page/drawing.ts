/** A plot on the page: drawn, drawn anew when its place or its looks change, and read by pointer or by arrow keys. */
import uPlot from 'uplot';
import type { Plot } from '../figure.js';
import { barsChart } from './bars.js';
import type { Chart } from './chart.js';
import { cornerChart } from './corner.js';
import { percentilesChart } from './percentiles.js';
import { ratiosChart } from './ratios.js';
import type { Stage } from './stage.js';
import { sweepChart } from './sweep.js';

const chartOf = (plot: Plot, stage: Stage): Chart => {
  switch (plot.kind) {
    case 'percentiles':
      return percentilesChart(plot, stage);
    case 'sweep':
      return sweepChart(plot, stage);
    case 'bars':
      return barsChart(plot, stage);
    case 'corner':
      return cornerChart(plot, stage);
    case 'ratios':
      return ratiosChart(plot, stage);
  }
};

const KEY_STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

export class Drawing {
  readonly #place: HTMLElement;
  readonly #stage: Stage;
  readonly #chart: Chart;
  readonly #u: uPlot;
  readonly #readout = document.createElement('div');

  constructor(place: HTMLElement, plot: Plot, stage: Stage) {
    this.#place = place;
    this.#stage = stage;
    const chart = chartOf(plot, stage);
    this.#chart = chart;
    const options: uPlot.Options = { ...chart.options, width: place.clientWidth, height: chart.height };
    if (chart.read !== undefined) options.hooks = { ...options.hooks, setCursor: [(u) => this.#read(u)] };
    this.#u = new uPlot(options, chart.data, place);
    this.#readout.className = 'readout';
    this.#readout.setAttribute('role', 'status');
    this.#readout.hidden = true;
    place.append(this.#readout);
    if (chart.read !== undefined) place.addEventListener('keydown', (event) => this.#step(event));
    place.addEventListener('blur', () => this.#u.setCursor({ left: -1, top: -1 }));
    new ResizeObserver(() => this.#fit()).observe(place);
  }

  /** Draws it as the stage is now. */
  refresh(): void {
    for (const [index, contestant] of (this.#chart.contestants ?? []).entries()) {
      if (contestant === undefined) continue;
      const series = this.#u.series[index]!;
      series.alpha = this.#stage.alphaOf(contestant);
      series.show = this.#stage.shows(contestant);
    }
    this.#u.redraw();
  }

  #fit(): void {
    const width = this.#place.clientWidth;
    if (width !== this.#u.width) this.#u.setSize({ width, height: this.#chart.height });
  }

  #step(event: KeyboardEvent): void {
    const step = KEY_STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const places = this.#u.data[0];
    const next = Math.min(Math.max((this.#u.cursor.idx ?? -1) + step, 0), places.length - 1);
    this.#u.setCursor({ left: this.#u.valToPos(places[next]!, 'x'), top: 0 });
  }

  #read(u: uPlot): void {
    const { idx, left } = u.cursor;
    this.#readout.hidden = idx == null || left == null || left < 0;
    if (idx == null || left == null || this.#readout.hidden) return;
    const { head, lines } = this.#chart.read!(idx);
    const title = document.createElement('b');
    title.textContent = head;
    this.#readout.replaceChildren(title);
    for (const { contestant, text } of lines) {
      if (!this.#stage.shows(contestant)) continue;
      const line = this.#readout.appendChild(document.createElement('div'));
      line.className = `slot-${this.#stage.look(contestant).slot}`;
      const value = document.createElement('span');
      value.className = 'value';
      value.textContent = text;
      line.append(contestant, value);
    }
    // On the side where the pointer is not.
    this.#readout.classList.toggle('opposite', left < u.over.clientWidth / 2);
  }
}
