/** What makes an operator look up: a sound for priority 1, a notification while the tab is hidden. */
import type { Alarm } from '../../../protocol/wall.ts';

const SOUND = 'wattroom.sound';
const NOTIFY = 'wattroom.notify';
const REPEAT_MS = 10_000;

/** An alarm that clears and comes up again is heard again. */
const soundOf = ({ id, sinceMs }: Alarm): string => `${id}@${sinceMs}`;

class Bell {
  #sound = $state(localStorage.getItem(SOUND) !== 'off');
  #notify = $state(localStorage.getItem(NOTIFY) === 'on');
  blocked = $state('Notification' in window && Notification.permission === 'denied');
  /** Alarms that were heard and need no more sound; acknowledged is another matter. */
  #silenced = $state.raw<ReadonlySet<string>>(new Set());
  #context: AudioContext | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  get sound(): boolean {
    return this.#sound;
  }
  set sound(on: boolean) {
    this.#sound = on;
    localStorage.setItem(SOUND, on ? 'on' : 'off');
  }
  get notify(): boolean {
    return this.#notify && !this.blocked;
  }

  async chooseNotify(on: boolean): Promise<void> {
    if (on && 'Notification' in window) {
      const answer = await Notification.requestPermission();
      this.blocked = answer === 'denied';
      this.#notify = answer === 'granted';
    } else this.#notify = false;
    localStorage.setItem(NOTIFY, this.#notify ? 'on' : 'off');
  }

  /** Of these, what still sounds. */
  loud(alarms: readonly Alarm[]): readonly Alarm[] {
    const loud = (alarm: Alarm): boolean =>
      alarm.priority === 1 && alarm.acknowledged === null && !this.#silenced.has(soundOf(alarm));
    return this.#sound ? alarms.filter(loud) : [];
  }
  /** Until the next alarm of priority 1 comes up. */
  silence(alarms: readonly Alarm[]): void {
    this.#silenced = new Set(alarms.map(soundOf));
  }

  /** Sounds now and then for as long as it is on. */
  ring(on: boolean): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (!on) return;
    this.#timer = setInterval(() => this.#beep(), REPEAT_MS);
    this.#beep();
  }

  show(text: string): void {
    if (!this.notify || document.visibilityState !== 'hidden') return;
    try {
      const shown = new Notification(text, { tag: text });
      shown.onclick = () => {
        window.focus();
        shown.close();
      };
    } catch {
      // Browsers of phones leave this to push messages (screen Notices).
    }
  }

  /** Two tones; a browser stays silent until someone has touched the page. */
  #beep(): void {
    this.#context ??= new AudioContext();
    const context = this.#context;
    // It starts suspended even where sound is allowed.
    if (context.state === 'running') this.#play(context);
    else void context.resume().then(() => this.#timer !== undefined && this.#play(context));
  }

  #play(context: AudioContext): void {
    [880, 660].forEach((frequency, n) => {
      const tone = context.createOscillator();
      const volume = context.createGain();
      const at = context.currentTime + n * 0.22;
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0.15, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.2);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.21);
    });
  }
}

export const bell = new Bell();
