/** The script of the report: draws its plots, and has them follow the legend, the theme and the width of the page. */
import type { PageData } from '../figure.js';
import './page.css';
import { Drawing } from './drawing.js';
import { Stage } from './stage.js';
import { followTheme } from './theme.js';

const { looks, plots } = JSON.parse(document.querySelector('#data')!.textContent!) as PageData;
const stage = new Stage(looks);

const drawings = [...document.querySelectorAll<HTMLElement>('[data-plot]')].map(
  (place) => new Drawing(place, plots[Number(place.dataset['plot'])]!, stage),
);
const refresh = (): void => {
  for (const drawing of drawings) drawing.refresh();
};

followTheme(() => {
  stage.forgetColours();
  refresh();
});

for (const chip of document.querySelectorAll<HTMLElement>('[data-look]')) {
  const { name } = looks[Number(chip.dataset['look'])]!;
  const emphasise = (contestant: string | undefined) => (): void => {
    stage.emphasise(contestant);
    refresh();
  };
  chip.addEventListener('click', () => {
    chip.setAttribute('aria-pressed', String(stage.toggle(name)));
    refresh();
  });
  // Of pointers that hover: a finger has no other way to let go than to touch something else.
  chip.addEventListener('pointerenter', ({ pointerType }) => {
    if (pointerType === 'mouse') emphasise(name)();
  });
  chip.addEventListener('pointerleave', emphasise(undefined));
}

for (const button of document.querySelectorAll<HTMLElement>('[data-copy]')) {
  button.addEventListener('click', () => {
    void navigator.clipboard.writeText(button.dataset['copy']!).then(() => {
      button.textContent = 'Copied';
    });
  });
}
