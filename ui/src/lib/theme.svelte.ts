/** Light, dark, or as the system has it. The browser remembers the choice. */
export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
const KEY = 'wattroom.theme';
const query = matchMedia('(prefers-color-scheme: dark)');

class ThemeChoice {
  #chosen = $state<Theme>(themes.find((each) => each === localStorage.getItem(KEY)) ?? 'auto');
  #systemDark = $state(query.matches);
  readonly dark = $derived(this.#chosen === 'dark' || (this.#chosen === 'auto' && this.#systemDark));

  constructor() {
    query.addEventListener('change', () => {
      this.#systemDark = query.matches;
      this.#show();
    });
    this.#show();
  }

  get chosen(): Theme {
    return this.#chosen;
  }
  set chosen(theme: Theme) {
    this.#chosen = theme;
    localStorage.setItem(KEY, theme);
    this.#show();
  }

  #show(): void {
    document.documentElement.dataset['theme'] = this.dark ? 'dark' : 'light';
  }
}

export const theme = new ThemeChoice();
