import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderHtml } from '../../bench/laboratory/report/html.js';
import type { LaboratoryRun } from '../../bench/laboratory/results.js';
import { Browser, findBrowser } from './browser.js';
import { fixtureRun } from './fixtures/run.js';

const HOSTILE = `<img src=x onerror="document.title='taken'"></script><script>document.title='taken'</script>&amp;'"`;

/** A run whose every text is an attack. */
const hostileRun = (): LaboratoryRun => {
  const run = fixtureRun();
  const first = run.measurements[0]!;
  return {
    ...run,
    at: HOSTILE,
    machine: { ...run.machine, processor: HOSTILE, system: HOSTILE, versions: { [HOSTILE]: HOSTILE } },
    command: HOSTILE,
    measurements: [first, { ...first, scenario: HOSTILE, contestant: HOSTILE, conditions: { [HOSTILE]: HOSTILE } }],
    absent: [{ contestant: HOSTILE, reason: HOSTILE }],
  };
};

describe('the report', () => {
  it('says where, when and how it was measured, and who was absent', () => {
    const page = renderHtml(fixtureRun());
    const facts = [
      'AMD EPYC 9654',
      '2026-03-14 15:09 UTC',
      'npx heddle bench all',
      'no java on this machine',
      'OTP 27',
      '64 GiB',
    ];
    expect(facts.filter((fact) => !page.includes(fact))).toEqual([]);
  });

  it('has a table behind each plot, with every contestant of it', () => {
    const page = renderHtml(fixtureRun());
    const figures = page.split('<figure ').slice(1);
    expect(figures.length).toBeGreaterThan(20);
    for (const figure of figures) {
      expect(figure).toMatch(/<div class="plot"[^>]* role="(?:img|group)"[^>]* aria-label="[^"]{20,}"/);
      expect(figure).toMatch(/<tbody>\n?<tr><th scope="row">/);
    }
    expect(page.includes('<tr><th scope="row">heddle</th><td>860 ns</td>')).toBe(true);
  });

  it('compares contestants that wait each in its own way, and says how', () => {
    const page = renderHtml(fixtureRun());
    expect(page.includes('postMessage, comlink, piscina, Erlang: parked waiting.')).toBe(true);
    const [oneWay] = page.split('<h3>One way</h3>')[1]!.split('<section');
    expect(oneWay!.match(/<figure/g)).toHaveLength(2);
  });

  it('refers to nothing outside of itself', () => {
    const page = renderHtml(fixtureRun());
    expect(/\b(?:src|href)="(?!#)|@import|url\(/.exec(page)).toBeNull();
    expect(page.includes(`content="default-src 'none';`)).toBe(true);
  });

  it('can be of a run that measured nothing', () => {
    const page = renderHtml({ ...fixtureRun(), measurements: [], absent: [] });
    expect(page.includes('Do it again')).toBe(true);
    expect(page.includes('<figure')).toBe(false);
  });

  it('writes what a run says as text', () => {
    const page = renderHtml(hostileRun());
    expect(page.includes('<img')).toBe(false);
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
  });
});

const browserPath = findBrowser();
const why = browserPath === undefined ? ' (skipped: there is no Chromium here, nor does CHROME_PATH name one)' : '';

/** Of each plot: which contestants have no pixels of their colour within it. */
const FIND_MISSING = `(() => {
  const { looks, plots } = JSON.parse(document.querySelector('#data').textContent);
  const chips = [...document.querySelectorAll('[data-look]')];
  const colours = chips.map((chip) => getComputedStyle(chip.querySelector('.mark')).fill.match(/\\d+/g).map(Number));
  const contestantsOf = (plot) => new Set((plot.rows ?? [plot]).flatMap((part) => (part.lines ?? part.bars ?? part.points).map((one) => one.contestant)));
  return plots.flatMap((plot, index) => {
    const canvas = document.querySelector('[data-plot="' + index + '"] canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const present = contestantsOf(plot);
    return looks.flatMap(({ name }, look) => {
      if (!present.has(name) || chips[look].getAttribute('aria-pressed') === 'false') return [];
      const near = (at) => data[at + 3] > 90 && colours[look].every((part, i) => Math.abs(part - data[at + i]) < 4);
      let pixels = 0;
      for (let at = 0; at < data.length; at += 4) if (near(at)) pixels++;
      return pixels >= 8 ? [] : [plot.kind + ' ' + index + ': ' + name + ' has ' + pixels + ' pixels'];
    });
  });
})()`;

const LOADED = `new Promise((resolve) => {
  const drawn = () => requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
  if (document.readyState === 'complete') drawn();
  else addEventListener('load', drawn);
})`;

const PHONE = { width: 360, height: 740, deviceScaleFactor: 2, mobile: true };
const DESK = { width: 1280, height: 900, deviceScaleFactor: 1, mobile: false };

describe.skipIf(browserPath === undefined)(`the report in a browser${why}`, () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heddle-report-'));
    browser = await Browser.start(browserPath!);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => browser.takeEvents());

  const open = async (run: LaboratoryRun, screen: typeof DESK, theme: string): Promise<string> => {
    const path = join(folder, 'report.html');
    await writeFile(path, renderHtml(run));
    await browser.ask('Emulation.setDeviceMetricsOverride', screen);
    await browser.ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: theme }] });
    const { href } = pathToFileURL(path);
    await browser.ask('Page.navigate', { url: href });
    await browser.evaluate(LOADED);
    return href;
  };

  /** Complaints of the browser, and requests but that for `page`. */
  const complaints = (page: string): unknown[] =>
    browser.takeEvents().flatMap(({ method, params }): unknown[] => {
      if (method === 'Network.requestWillBeSent') {
        const { url } = (params as { request: { url: string } }).request;
        return url === page ? [] : [url];
      }
      return /exceptionThrown|entryAdded|consoleAPICalled/.test(method) ? [params] : [];
    });

  const click = (selector: string): Promise<void> => browser.evaluate(`document.querySelector('${selector}').click()`);
  const press = async (key: string): Promise<void> => {
    await browser.ask('Input.dispatchKeyEvent', { type: 'keyDown', key, code: key });
    await browser.ask('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key });
  };

  for (const [name, screen] of Object.entries({ desk: DESK, phone: PHONE })) {
    for (const theme of ['light', 'dark']) {
      it(`draws every contestant on every plot on a ${theme} ${name}, within its width, and asks for nothing`, async () => {
        const page = await open(fixtureRun(), screen, theme);
        expect(await browser.evaluate(FIND_MISSING)).toEqual([]);
        const width = await browser.evaluate<number>('document.documentElement.scrollWidth');
        expect(width).toBeLessThanOrEqual(screen.width);
        const scheme = `getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g).every((part) => part < 128)`;
        expect(await browser.evaluate(scheme)).toBe(theme === 'dark');
        expect(complaints(page)).toEqual([]);
      });
    }
  }

  it('changes the theme of page and plots when told to', async () => {
    await open(fixtureRun(), DESK, 'light');
    const before = await browser.evaluate('getComputedStyle(document.body).color');
    await click('input[value=dark]');
    await browser.evaluate(LOADED);
    expect(await browser.evaluate('getComputedStyle(document.body).color')).not.toBe(before);
    expect(await browser.evaluate(FIND_MISSING)).toEqual([]);
    await click('input[value=auto]');
  });

  it('hides a contestant from all plots when its name is pressed', async () => {
    await open(fixtureRun(), DESK, 'light');
    const find = `(() => { const chip = document.querySelector('[data-look="1"]'); chip.setAttribute('aria-pressed', 'true'); return ${FIND_MISSING}; })()`;
    expect(await browser.evaluate(find)).toEqual([]);
    await click('[data-look="1"]');
    await browser.evaluate(LOADED);
    expect(await browser.evaluate(`document.querySelector('[data-look="1"]').getAttribute('aria-pressed')`)).toBe(
      'false',
    );
    const missing = await browser.evaluate<string[]>(find);
    expect(missing.some((plot) => plot.startsWith('percentiles'))).toBe(true);
    expect(missing.some((plot) => plot.startsWith('bars'))).toBe(true);
  });

  it('can be read with arrow keys', async () => {
    await open(fixtureRun(), DESK, 'light');
    await browser.evaluate(`document.querySelector('.percentiles .plot').focus()`);
    await press('ArrowRight');
    await press('ArrowRight');
    const readout = `(({ hidden, textContent }) => ({ hidden, textContent }))(document.querySelector('.percentiles .readout'))`;
    const shown = await browser.evaluate<{ hidden: boolean; textContent: string }>(readout);
    expect(shown).toEqual({ hidden: false, textContent: expect.stringMatching(/^percentile \d+.*heddle\d+ ns/) });
  });

  it('runs nothing that a run says', async () => {
    const page = await open(hostileRun(), DESK, 'light');
    expect(await browser.evaluate('document.title')).toContain('heddle latency laboratory');
    expect(await browser.evaluate(`document.querySelector('#absent dt').textContent`)).toBe(HOSTILE);
    expect(complaints(page)).toEqual([]);
  });
});
