/**
 * Which passwords are refused. Length is what counts (OWASP ASVS 5.0, 6.2.1 and 6.2.5): there are no rules of
 * composition, but what thousands choose is no secret, however it is spelled (6.2.4), nor is what names this system or
 * the person (6.2.11).
 */
export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 128;

/** What lists of leaked passwords are made of, in their own frequency order as far as known; longest match wins. */
const common = `
password passwort passwd passphrase contrasena motdepasse wachtwoord parola senha mima
administrator admin root superuser superadmin guest default user test testing tester demo sample example temp temporary
login welcome letmein secret changeme change please enter access open master system server computer internet
iloveyou love loveyou lovely sweetheart darling baby babygirl princess angel sunshine flower butterfly rainbow
football baseball basketball hockey soccer liverpool arsenal chelsea barcelona manchester united cowboys eagles yankees
superman batman spiderman starwars pokemon naruto matrix ninja dragon monkey tiger lion eagle shadow phoenix wizard
michael jennifer jessica jordan ashley nicole daniel charlie thomas george andrew joshua matthew anthony robert william
qwerty qwertz azerty asdf zxcv qazwsx qweasd asdfgh zxcvbn qwertyuiop asdfghjkl zxcvbnm
summer winter spring autumn monday tuesday wednesday thursday friday saturday sunday january february march april june
july august september october november december today tomorrow forever whatever nothing everything trustno one god jesus
christ freedom america china chinese beijing shanghai shenzhen guangzhou zhongguo woaini woaiwojia nihao wangyi
mercedes ferrari porsche corvette mustang harley samsung apple google facebook microsoft windows linux oracle cisco
money business company office manager cashier operator maintenance auditor viewer worker building property energy
electric electricity water power meter wattroom control room controlroom prepaid energymeter watermeter
computer123 hello world helloworld purple orange yellow green blue black white silver golden diamond chocolate banana
cookie cheese pepper ginger summer cookies coffee pizza guitar music dancer killer hunter ranger soldier marine
`
  .trim()
  .split(/\s+/)
  .sort((a, b) => b.length - a.length);
const rows = [
  'qwertyuiop[]\\',
  "asdfghjkl;'",
  'zxcvbnm,./',
  '1234567890-=',
  'abcdefghijklmnopqrstuvwxyz',
  '1qaz2wsx3edc4rfv5tgb6yhn',
  '1q2w3e4r5t6y7u8i9o0p',
];
const walks = rows.flatMap((row) => [row, [...row].reverse().join('')]);
const spelled: Readonly<Record<string, string>> = {
  ...{ '0': 'o', '1': 'l', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b', '9': 'g' },
  ...{ '@': 'a', $: 's', '!': 'i', '+': 't' },
};
const read = (text: string): string => [...text].map((letter) => spelled[letter] ?? letter).join('');

/** Letters of a run along the keyboard or the alphabet, of one letter or of digits, from `at`; 0: there is none. */
function runFrom(text: string, at: number): number {
  const digits = /^\d+/.exec(text.slice(at))?.[0].length ?? 0;
  let end = at + 1;
  while (end < text.length && text[end] === text[at]) end += 1;
  let best = Math.max(digits, end - at);
  for (const walk of walks) {
    let length = 1;
    while (at + length < text.length && walk.includes(text.slice(at, at + length + 1))) length += 1;
    best = Math.max(best, length);
  }
  return best < 3 && end - at < 2 ? 0 : best;
}

/** Letters that are left when common words, runs and repetitions of what stood before count as one letter each. */
function worth(text: string, words: readonly string[]): number {
  let left = 0;
  let at = 0;
  while (at < text.length) {
    const word = words.find((each) => text.startsWith(each, at));
    const repeated = repeatedAt(text, at);
    const skip = Math.max(word?.length ?? 0, runFrom(text, at), repeated);
    left += 1;
    at += Math.max(1, skip);
  }
  return left;
}

/** Length of the longest piece from `at` that stands right before it too. */
function repeatedAt(text: string, at: number): number {
  for (let length = Math.min(at, text.length - at); length >= 2; length--)
    if (text.slice(at, at + length) === text.slice(at - length, at)) return length;
  return 0;
}

/** What is left must be as much as this: a word, a year and a sign come to three. */
const WORTH_MIN = 6;

export type PasswordMistake = 'short' | 'long' | 'common' | 'personal';

/** `names`: the person's login name and name on screen. Counted in characters, not in UTF-16 units. */
export function passwordMistake(password: string, names: readonly string[] = []): PasswordMistake | null {
  const { length } = [...password];
  if (length < PASSWORD_MIN) return 'short';
  if (length > PASSWORD_MAX) return 'long';
  const text = password.toLowerCase();
  const own = names.flatMap((name) => name.toLowerCase().split(/[\s._-]+/)).filter((name) => name.length >= 3);
  for (const each of [text, read(text)]) {
    if (worth(each, common) < WORTH_MIN) return 'common';
    if (own.length > 0 && worth(each, [...own, ...common]) < WORTH_MIN) return 'personal';
  }
  return null;
}
