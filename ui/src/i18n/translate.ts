/** Texts with `{name}` places, and `{name|room|rooms}` for one and more; which places a text has is part of its type. */
import { en } from './en.ts';
import { zh } from './zh.ts';

export const languages = ['zh', 'en'] as const;
export type Language = (typeof languages)[number];
export type Key = keyof typeof en;

type NameOf<S extends string> = S extends `${infer Name}|${string}` ? Name : S;
type Places<S extends string> = S extends `${string}{${infer Place}}${infer Rest}`
  ? NameOf<Place> | Places<Rest>
  : never;
export type Arguments<K extends Key> = [Places<(typeof en)[K]>] extends [never]
  ? []
  : [Readonly<Record<Places<(typeof en)[K]>, string | number>>];

export const dictionaries: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { en, zh };

/** Fills the places of a text; a place without a value is a broken caller. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_whole, name: string, one?: string, more?: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for {${name}} in "${text}"`);
    if (one === undefined || more === undefined) return String(value);
    return String(value) === '1' ? one : more;
  });
}

export function translate<K extends Key>(language: Language, key: K, ...args: Arguments<K>): string {
  const text = dictionaries[language][key];
  const [values] = args;
  return values === undefined ? text : fill(text, values);
}
