/** Who is logged in. */
import { ops, type OpName } from '../../../protocol/ops.ts';
import type { SessionView } from '../../../protocol/session.ts';
import { locale } from '../i18n/locale.svelte.ts';
import { languages } from '../i18n/translate.ts';
import { onLoggedOut, currentSession, logIn, logOut, type Answer } from './api.ts';

type State =
  | { readonly phase: 'asking' }
  | { readonly phase: 'out'; readonly ended: boolean }
  | { readonly phase: 'away' }
  | { readonly phase: 'in'; readonly view: SessionView };

/** The language is each operator's own; the browser remembers it. */
const languageKey = (name: string): string => `wattroom.language.${name}`;

class Session {
  #state = $state.raw<State>({ phase: 'asking' });

  constructor() {
    onLoggedOut(() => this.#out(this.#state.phase === 'in'));
  }

  get state(): State {
    return this.#state;
  }
  get view(): SessionView | null {
    return this.#state.phase === 'in' ? this.#state.view : null;
  }
  /** Whether this person's role has the operation. */
  may(op: OpName): boolean {
    return this.#state.phase === 'in' && ops[op].who.includes(this.#state.view.role);
  }

  async ask(): Promise<void> {
    const answer = await currentSession();
    if (answer.ok) this.#enter(answer.value);
    else if (answer.code === 'unauthenticated') this.#out(this.#state.phase === 'in');
    // Who is in stays in while nothing answers: the wall says that it is old.
    else if (this.#state.phase !== 'in') this.#state = { phase: 'away' };
  }

  async logIn(name: string, password: string): Promise<Answer<SessionView>> {
    const answer = await logIn({ name, password });
    if (answer.ok) this.#enter(answer.value);
    return answer;
  }

  async logOut(): Promise<void> {
    const answer = await logOut();
    if (answer.ok || answer.code === 'unauthenticated') this.#out(false);
  }

  /** The wall was closed because the session is over. */
  end(): void {
    this.#out(true);
  }

  chooseLanguage(): void {
    locale.language = locale.language === 'zh' ? 'en' : 'zh';
    if (this.#state.phase === 'in') localStorage.setItem(languageKey(this.#state.view.name), locale.language);
  }

  #enter(view: SessionView): void {
    const kept = localStorage.getItem(languageKey(view.name));
    const language = languages.find((each) => each === kept);
    if (language !== undefined) locale.language = language;
    this.#state = { phase: 'in', view };
  }

  #out(ended: boolean): void {
    this.#state = { phase: 'out', ended };
  }
}

export const session = new Session();
