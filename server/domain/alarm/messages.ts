/** What the alarm actor is told. */
import type { AlarmKind } from '../../../protocol/wall.ts';
import type { Request } from '../messages.ts';

export type AlarmSubject = {
  readonly room: string | null;
  readonly meter: string | null;
  readonly line: string | null;
};
export type AlarmMessage =
  | {
      readonly type: 'Raise';
      readonly kind: AlarmKind;
      readonly subject: AlarmSubject;
      readonly detail: Readonly<Record<string, string | number>>;
      readonly carries?: number;
    }
  | { readonly type: 'Clear'; readonly kind: AlarmKind; readonly subject: AlarmSubject }
  | { readonly type: 'Acknowledge'; readonly ids: readonly string[]; readonly request: Request }
  | {
      readonly type: 'Shelve';
      readonly id: string;
      readonly reason: string;
      readonly minutes: number;
      readonly request: Request;
    }
  | { readonly type: 'Unshelve'; readonly id: string; readonly request: Request }
  | { readonly type: 'Wake'; readonly name: string };
