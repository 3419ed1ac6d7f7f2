/** The language and the site's time zone everything on screen is written in. */
import * as format from '../lib/format.ts';
import { translate, type Arguments, type Key, type Language } from './translate.ts';

const preferred = (): Language => (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');

class Locale {
  #language = $state<Language>(preferred());
  #timeZone = $state('Asia/Shanghai');
  readonly #writer = $derived(new format.Writer(this.#language, this.#timeZone));

  get language(): Language {
    return this.#language;
  }
  set language(language: Language) {
    this.#language = language;
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  }
  get timeZone(): string {
    return this.#timeZone;
  }
  set timeZone(timeZone: string) {
    this.#timeZone = timeZone;
  }
  /** Numbers, money, dates and durations of this language and zone. */
  get write(): format.Writer {
    return this.#writer;
  }
}

export const locale = new Locale();
export const t = <K extends Key>(key: K, ...args: Arguments<K>): string => translate(locale.language, key, ...args);
