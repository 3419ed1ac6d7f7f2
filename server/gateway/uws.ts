/** What uWebSockets.js exports and takes, but its own type file does not say. */
import type { us_listen_socket } from 'uWebSockets.js';

declare module 'uWebSockets.js' {
  interface TemplatedApp {
    listen(
      host: string,
      port: number,
      options: number,
      cb: (listenSocket: us_listen_socket | false) => void,
    ): TemplatedApp;
  }
  /** Without it ports are shared: an orphan would go on answering beside its successor. */
  export const LIBUS_LISTEN_EXCLUSIVE_PORT: number;
}
