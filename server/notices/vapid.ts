/** The key pair browsers know this site's pushes by (RFC 8292): made once, kept in DATA_DIR, readable by its owner alone. */
import { createECDH } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const schema = z.strictObject({ publicKey: z.string().min(80), privateKey: z.string().min(40) });
export type VapidKeys = z.infer<typeof schema>;

/** Reads the keys, or makes them at the first start. Throws where the file is there and is none of ours. */
export function vapidKeys(file: string): VapidKeys {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    const pair = createECDH('prime256v1');
    pair.generateKeys();
    const keys = { publicKey: pair.getPublicKey('base64url'), privateKey: padded(pair.getPrivateKey()) };
    writeFileSync(file, JSON.stringify(keys), { mode: 0o600, flag: 'wx' });
    return keys;
  }
  return schema.parse(JSON.parse(text));
}

/** A private key with leading zeros comes out short; the format wants 32 bytes. */
const padded = (key: Buffer): string => Buffer.concat([Buffer.alloc(32 - key.length), key]).toString('base64url');
