/** Which passwords are refused: OWASP ASVS 5.0, 6.2. */
import { describe, expect, it } from 'vitest';
import { passwordMistake } from '../../protocol/passwords.ts';

describe('a password', () => {
  it('has 12 characters at least and 128 at most, counted as people count (6.2.1, 6.2.9)', () => {
    expect(passwordMistake('kx7mq2pazv9')).toBe('short');
    expect(passwordMistake('kx7mq2pazv9w')).toBeNull();
    expect(passwordMistake('岸上的灯塔照亮归航的船只')).toBeNull();
    expect(passwordMistake('𝄞𝄢🌊🔑🪁🌵🧭🎻🪵🧶🪨')).toBe('short');
    const long = 'a bright lamp over some harbour, '.repeat(4).slice(0, 128);
    expect(passwordMistake(long)).toBeNull();
    expect(passwordMistake(`${long}!`)).toBe('long');
  });

  it('needs no digits, capitals or signs, and may have any (6.2.5)', () => {
    for (const fine of [
      'a quiet harbour',
      'correct horse battery',
      'UPPERLAMPDOORSOCK',
      'ключ-от-сарая',
      '~~{}<>|^`;,*',
    ])
      expect([fine, passwordMistake(fine)]).toEqual([fine, null]);
  });

  it('is none of those everyone tries, however they are spelled (6.2.4)', () => {
    const everyone = [
      ...['password1234', 'Password2024!', 'P@ssw0rd1234', '123456789012', '139000012345', 'qwertyuiop[]'],
      ...['aaaaaaaaaaaa', 'abcabcabcabc', 'administrator', '1q2w3e4r5t6y', '1qaz2wsx3edc', 'iloveyou1234'],
      ...['letmein12345', 'summer2024!!', 'Shanghai2025!', 'helloworld123', 'woaini1314520', 'qwerty123456'],
      ...['passwordpassword', 'zaq12wsxcde3', 'abcdefghijkl', 'Football2025', 'admin@123456', 'manchesterunited'],
    ];
    for (const one of everyone) expect([one, passwordMistake(one)]).toEqual([one, 'common']);
  });

  it('is made neither of this system’s words nor of the person’s own name (6.2.11)', () => {
    expect(passwordMistake('wattroom2026!')).toBe('common');
    expect(passwordMistake('olga-petrova-1')).toBeNull();
    expect(passwordMistake('olga-petrova-1', ['olga', 'Olga Petrova'])).toBe('personal');
    expect(passwordMistake('0lgaPetr0va99', ['olga', 'Olga Petrova'])).toBe('personal');
  });
});
