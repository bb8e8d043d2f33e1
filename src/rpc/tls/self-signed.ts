import { generateKeyPairSync, sign } from "node:crypto";
import { Secret } from "../../core/secret.ts";
import { TAG } from "./der.ts";
import { encodeDer, encodeObjectIdentifier } from "./der-writer.ts";

/** A certificate and its key, both PEM. */
export interface SelfSigned {
  readonly certificates: string;
  readonly key: Secret;
}

const ED25519 = encodeDer(TAG.sequence, encodeObjectIdentifier("1.3.101.112"));
const EMPTY_NAME = encodeDer(TAG.sequence);
/** `dNSName [2]` of a GeneralName (RFC 5280 section 4.2.1.6). */
const DNS_NAME_TAG = 0x82;
const YEARS = 30;

/**
 * A certificate for a server that has none, so that it can offer TLS (flag generateMissingWebcert; spec/auth.md
 * section 5.2 step 5): Ed25519, serial 1, empty subject, DNS name `any-server`, for servers only, 30 years.
 */
export function makeSelfSignedCertificate(now: Date): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const body = encodeDer(
    TAG.sequence,
    encodeDer(0xa0, encodeInteger(2)), // version 3
    encodeInteger(1),
    ED25519,
    EMPTY_NAME,
    encodeValidity(now),
    EMPTY_NAME,
    publicKey.export({ type: "spki", format: "der" }),
    encodeDer(0xa3, encodeDer(TAG.sequence, ...encodeExtensions())),
  );
  const signature = encodeDer(0x03, Buffer.of(0), sign(null, body, privateKey));
  const certificate = encodeDer(TAG.sequence, body, ED25519, signature);
  return {
    certificates: formatPem("CERTIFICATE", certificate),
    key: new Secret(Buffer.from(privateKey.export({ type: "pkcs8", format: "pem" }), "utf8")),
  };
}

/** The alternative name is critical because the subject is empty (RFC 5280 section 4.2.1.6). */
function encodeExtensions(): readonly Buffer[] {
  const serverAuth = encodeDer(TAG.sequence, encodeObjectIdentifier("1.3.6.1.5.5.7.3.1"));
  const names = encodeDer(TAG.sequence, encodeDer(DNS_NAME_TAG, Buffer.from("any-server")));
  return [
    encodeDer(TAG.sequence, encodeObjectIdentifier("2.5.29.37"), encodeDer(TAG.octetString, serverAuth)),
    encodeDer(
      TAG.sequence,
      encodeObjectIdentifier("2.5.29.17"),
      encodeDer(TAG.boolean, Buffer.of(0xff)),
      encodeDer(TAG.octetString, names),
    ),
  ];
}

/** From a day ago, because clocks of new machines are wrong. */
function encodeValidity(now: Date): Buffer {
  const start = new Date(now.getTime() - 86_400_000);
  const end = new Date(now);
  end.setUTCFullYear(now.getUTCFullYear() + YEARS);
  return encodeDer(TAG.sequence, encodeTime(start), encodeTime(end));
}

/** UTCTime with two digits for the year until 2049, GeneralizedTime afterwards (RFC 5280 section 4.1.2.5). */
function encodeTime(time: Date): Buffer {
  const digits = `${time.toISOString().replace(/\D/g, "").slice(0, 14)}Z`;
  return time.getUTCFullYear() < 2050
    ? encodeDer(0x17, Buffer.from(digits.slice(2)))
    : encodeDer(0x18, Buffer.from(digits));
}

function encodeInteger(value: number): Buffer {
  return encodeDer(0x02, Buffer.of(value));
}

function formatPem(label: string, der: Buffer): string {
  const lines = der.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
