import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const NAME = 'console.theme';

/** The chosen theme. It is kept in the browser, not in the URL: a link must not change a colleague's theme. */
export const theme = signal<Theme>(stored());

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
  try {
    localStorage.setItem(NAME, theme.value);
  } catch {
    // Storage can be turned off in the browser; the choice then lasts as long as the page.
  }
});

function stored(): Theme {
  try {
    const value = localStorage.getItem(NAME);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}
