/** The thread that owns the SQLite file: one request, one answer, in order. */
import { parentPort, workerData } from 'node:worker_threads';
import { asStoreError, SqliteFile } from './sqliteFile.ts';
import { StoreError } from './store.ts';

export type WorkerRequest = { readonly id: number; readonly method: Method; readonly args: readonly unknown[] };
export type WorkerAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly kind: StoreError['kind']; readonly message: string } };
export type Method = 'open' | 'commit' | 'snapshots' | 'entries' | 'trim' | 'oldest' | 'get' | 'range' | 'close';

const { path, pageMax } = workerData as { path: string; pageMax: number | null };
let file: SqliteFile | null = null;

parentPort?.on('message', ({ id, method, args }: WorkerRequest) => {
  let answer: WorkerAnswer;
  try {
    // A file that was never opened (refused, say) is not opened to be closed.
    if (method === 'close') answer = { id, result: file?.close() };
    else {
      file ??= new SqliteFile(path, pageMax);
      // The main side's typed methods are the only callers.
      const call = file[method] as (...args: readonly unknown[]) => unknown;
      answer = { id, result: call.apply(file, args as unknown[]) };
    }
  } catch (error) {
    const { kind, message } = asStoreError(error);
    answer = { id, error: { kind, message } };
  }
  parentPort?.postMessage(answer);
});
