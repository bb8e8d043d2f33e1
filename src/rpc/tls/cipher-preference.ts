import { createDecipheriv } from "node:crypto";
import { DEFAULT_CIPHERS } from "node:tls";

/** What TLS encrypts data with; all of them authenticate it too, and none has a known weakness. */
export type BulkCipher = "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";

export interface CipherSpeed {
  readonly cipher: BulkCipher;
  /** What decrypting a record of the usual size takes: the median, because single ones are off by a factor of five. */
  readonly recordMs: number;
}

/** OpenSSL's names for the suites that use a cipher: that of TLS 1.3, then those of TLS 1.2 with forward secrecy. */
const SUITES: Readonly<Record<BulkCipher, readonly string[]>> = {
  "aes-128-gcm": ["TLS_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
  "aes-256-gcm": ["TLS_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"],
  "chacha20-poly1305": [
    "TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
  ],
};

const KEY_BYTES: Readonly<Record<BulkCipher, number>> = {
  "aes-128-gcm": 16,
  "aes-256-gcm": 32,
  "chacha20-poly1305": 32,
};

const RECORD_BYTES = 16 * 1024;
/** 128 KiB for each cipher: 1 ms in all where the processor helps, 0.1 s where even the processor is emulated. */
const RECORDS = 8;

/**
 * The value for the `ciphers` option of a TLS client: the suites of the measured ciphers, the fastest first, then
 * whatever else `defaults` allows in its own order.
 */
export function planCipherOrder(speeds: readonly CipherSpeed[], defaults: string = DEFAULT_CIPHERS): string {
  const fastestFirst = speeds.toSorted((left, right) => left.recordMs - right.recordMs);
  const preferred = fastestFirst.flatMap(({ cipher }) => SUITES[cipher]);
  const others = defaults.split(":").filter((suite) => !preferred.includes(suite));
  return [...preferred, ...others].join(":");
}

/**
 * Measures how fast this machine decrypts, which is what a client does most. Which cipher is the fastest differs by a
 * factor of three either way: AES needs instructions of its own, which old processors lack and emulated ones have
 * slowly. A cipher that this OpenSSL does not offer is left out.
 */
export function measureCipherSpeeds(): readonly CipherSpeed[] {
  const ciphers = Object.keys(SUITES) as BulkCipher[];
  return ciphers.flatMap((cipher) => {
    try {
      return [{ cipher, recordMs: measureRecord(cipher) }];
    } catch {
      return [];
    }
  });
}

function measureRecord(cipher: BulkCipher): number {
  const record = Buffer.alloc(RECORD_BYTES);
  const key = Buffer.alloc(KEY_BYTES[cipher]);
  const nonce = Buffer.alloc(12);
  const durationsMs = Array.from({ length: RECORDS }, () => {
    // Without its last act, the comparison of the tag: there is none for what is no real record.
    const decryption = createDecipheriv(cipher as "aes-128-gcm", key, nonce, { authTagLength: 16 });
    const startMs = performance.now();
    decryption.update(record);
    return performance.now() - startMs;
  });
  const [median = 0] = durationsMs.toSorted((left, right) => left - right).slice(RECORDS / 2);
  return median;
}
