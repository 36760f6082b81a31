/** Light or dark: as the system has it, or as the reader chose here, which is remembered where the browser allows it. */

const KEY = 'heddle-laboratory-theme';
const SYSTEM = 'auto';

const remembered = (): string => {
  try {
    return localStorage.getItem(KEY) ?? SYSTEM;
  } catch {
    // Files have no storage in some browsers.
    return SYSTEM;
  }
};

const remember = (theme: string): void => {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Then it holds until the page is closed.
  }
};

/** Calls back whenever the colours have changed. */
export const followTheme = (changed: () => void): void => {
  const apply = (theme: string): void => {
    document.documentElement.dataset['theme'] = theme;
    changed();
  };
  for (const input of document.querySelectorAll<HTMLInputElement>('input[name=theme]')) {
    input.checked = input.value === remembered();
    input.addEventListener('change', () => {
      remember(input.value);
      apply(input.value);
    });
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  apply(remembered());
};
