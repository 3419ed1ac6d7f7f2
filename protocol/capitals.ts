/**
 * Amounts in Chinese capitals (人民币大写), as the People's Bank prescribes for bills and vouchers (正确填写票据和结算凭证
 * 的基本规定): 整 after 元 and 角, none after 分; several zeros in a row are one 零; a 分 without 角 has a 零 before it.
 */
const DIGITS = '零壹贰叁肆伍陆柒捌玖';
const UNITS = ['', '拾', '佰', '仟'] as const;
const SECTIONS = ['', '万', '亿'] as const;
const CENT_MICRO = 10_000;
/** Below this much yuan: twelve digits are three sections of four. */
const YUAN_MAX = 1e12;

/** 1 to 9999: "壹仟零伍". */
function section(value: number): string {
  let text = '';
  let gap = false;
  for (let place = 3; place >= 0; place--) {
    const digit = Math.trunc(value / 10 ** place) % 10;
    if (digit === 0) {
      gap = text !== '';
      continue;
    }
    text += `${gap ? '零' : ''}${DIGITS[digit] ?? ''}${UNITS[place] ?? ''}`;
    gap = false;
  }
  return text;
}

function whole(yuan: number): string {
  let text = '';
  for (let i = 2; i >= 0; i--) {
    const value = Math.trunc(yuan / 10_000 ** i) % 10_000;
    if (value === 0) continue;
    // A section that was left out leaves a zero too, as does one that does not fill its four places.
    const gap = text !== '' && (value < 1_000 || !text.endsWith(SECTIONS[i + 1] ?? ''));
    text += `${gap ? '零' : ''}${section(value)}${SECTIONS[i] ?? ''}`;
  }
  return text;
}

/** micro-yuan in whole cents → "壹仟零伍元叁角整". Throws RangeError for parts of a cent and for 1e12 yuan and more. */
export function capitalYuan(micro: number): string {
  const size = Math.abs(micro);
  if (!Number.isSafeInteger(micro) || size % CENT_MICRO !== 0) throw new RangeError(`${micro} is not in whole cents`);
  const cents = size / CENT_MICRO;
  const yuan = Math.trunc(cents / 100);
  if (yuan >= YUAN_MAX) throw new RangeError(`${micro} is too much`);
  const [jiao, fen] = [Math.trunc(cents / 10) % 10, cents % 10];
  if (cents === 0) return '零元整';
  let text = micro < 0 ? '负' : '';
  if (yuan > 0) text += `${whole(yuan)}元`;
  if (jiao > 0) text += `${DIGITS[jiao] ?? ''}角`;
  else if (fen > 0 && yuan > 0) text += '零';
  return fen > 0 ? `${text}${DIGITS[fen] ?? ''}分` : `${text}整`;
}
