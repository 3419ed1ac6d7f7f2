/** By which ways whom: a notice becomes one draft for each channel the reader has, rendered once and for all. */
import { filled, formattedValues, textOf, withoutUnknown } from '../../../protocol/noticeTexts.ts';
import type {
  AccountNotices,
  DutyPerson,
  NoticeChannel,
  NoticeKind,
  NoticeLanguage,
  NoticeSettings,
  NoticeValues,
  TenantKind,
} from '../../../protocol/notices.ts';
import { quietMinutesLeft } from '../quiet.ts';
import type { Draft } from './delivery.ts';

/** What of an account is needed to reach it. */
export type Contact = {
  readonly id: string;
  readonly name: string;
  readonly phone: string | null;
  readonly email?: string | undefined;
  readonly language?: NoticeLanguage | undefined;
  readonly notices?: AccountNotices | undefined;
};

export type Surroundings = {
  readonly settings: NoticeSettings;
  /** Channels the site can send by. */
  readonly available: ReadonlySet<NoticeChannel>;
  readonly site: string;
  readonly zone: string;
  readonly nowMs: number;
  readonly localMinute: (atMs: number) => number;
};

type Reader = { readonly account: string | null; readonly person: string | null; readonly language: NoticeLanguage };
type Message = { readonly kind: NoticeKind; readonly about: string; readonly values: NoticeValues };

export function render(
  reader: Reader,
  { kind, about, values }: Message,
  by: readonly { readonly channel: NoticeChannel; readonly address: string }[],
  around: Surroundings,
): Draft[] {
  const { settings, site, zone, nowMs } = around;
  const text = textOf(settings, kind, reader.language);
  const places = formattedValues(kind, { site, ...values }, reader.language, zone);
  const notBeforeMs = quietUntil(kind, around);
  return by.map(({ channel, address }) => ({
    ...{ kind, account: reader.account, person: reader.person, about, channel, address },
    ...{
      language: reader.language,
      subject: filled(text.subject, places),
      text: filled(withoutUnknown(text.text, values), places),
    },
    ...{ values: places, atMs: nowMs, notBeforeMs },
  }));
}

/** Ways that disturb least first; nobody is called for news. */
const instead: readonly NoticeChannel[] = ['wechat', 'email', 'sms'];

export function draftsFor(
  contact: Contact,
  message: Message & { readonly kind: TenantKind },
  around: Surroundings,
): Draft[] {
  const { settings, available } = around;
  const own = contact.notices?.channels?.[message.kind];
  const chosen = own ?? settings.rules.channels[message.kind];
  const addresses: Readonly<Record<NoticeChannel, string | null>> = {
    email: contact.email ?? null,
    sms: contact.phone,
    voice: contact.phone,
    wechat: contact.notices?.wechat ?? null,
    push: null,
  };
  const reached = (channels: readonly NoticeChannel[]): { channel: NoticeChannel; address: string }[] =>
    [...new Set(channels)].flatMap((channel) => {
      const address = addresses[channel];
      return address && available.has(channel) ? [{ channel, address }] : [];
    });
  const usual = reached(chosen);
  // Better by another way than not at all, where neither the tenant nor the site has said no.
  const by = usual.length > 0 || own || chosen.length === 0 ? usual : reached(instead).slice(0, 1);
  // Mainland sites: Chinese where the contract names no language.
  const reader = { account: contact.id, person: null, language: contact.language ?? 'zh' };
  return render(reader, { ...message, values: { account: contact.name, ...message.values } }, by, around);
}

export function draftsForPerson(person: DutyPerson, message: Message, around: Surroundings): Draft[] {
  const { operator, email, phone, wechat } = person;
  const addresses: Readonly<Record<NoticeChannel, string | null>> = {
    ...{ email, wechat, sms: phone, voice: phone, push: operator },
  };
  const by = [...new Set(person.channels)].flatMap((channel) => {
    const address = addresses[channel];
    return address && around.available.has(channel) ? [{ channel, address }] : [];
  });
  return render({ account: null, person: person.id, language: person.language }, message, by, around);
}

/** When it may leave: now, or at the end of the quiet hours for what these hold. */
export function quietUntil(kind: NoticeKind, { settings, nowMs, localMinute }: Surroundings): number {
  const { hours, aboutToTrip, p1 } = settings.rules.quiet;
  const policy =
    kind === 'aboutToTrip'
      ? aboutToTrip
      : kind === 'dutyAlarm'
        ? p1
        : kind === 'test' || kind === 'emergencyCut' || kind === 'approvalWaits'
          ? 'send'
          : ('hold' as const);
  const left = policy === 'hold' ? quietMinutesLeft({ quietHours: hours }, localMinute(nowMs)) : null;
  return left === null ? nowMs : nowMs - (nowMs % 60_000) + left * 60_000;
}
