/** What makes an operator look up: a sound for priority 1, a notification while the tab is hidden. */
const SOUND = 'wattroom.sound';
const NOTIFY = 'wattroom.notify';
const REPEAT_MS = 10_000;

class Bell {
  #sound = $state(localStorage.getItem(SOUND) !== 'off');
  #notify = $state(localStorage.getItem(NOTIFY) === 'on');
  blocked = $state('Notification' in window && Notification.permission === 'denied');
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

  /** Sounds now and then for as long as something of priority 1 is unacknowledged; silencing acknowledges nothing. */
  ring(on: boolean): void {
    clearInterval(this.#timer);
    if (!on) return;
    this.#beep();
    this.#timer = setInterval(() => this.#beep(), REPEAT_MS);
  }

  show(text: string): void {
    if (this.notify && document.visibilityState === 'hidden') new Notification(text, { tag: text });
  }

  /** Two tones; a browser stays silent until someone has touched the page. */
  #beep(): void {
    this.#context ??= new AudioContext();
    const context = this.#context;
    if (context.state !== 'running') {
      void context.resume();
      return;
    }
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
