import { constants } from "node:crypto";
import type { TlsOptions } from "node:tls";
import type { ServerCredentials } from "./credentials.ts";

/**
 * What all TLS servers of ours have in common (spec/auth.md section 3). Each connection proves its identity anew, by a
 * handshake of its own: a resumed session would bring the certificate but not the chain, and outlive a revocation.
 */
export function tlsServerOptions({ certificates, key, anchors }: ServerCredentials): TlsOptions {
  const roots = [...(anchors?.methodRoots ?? []), ...(anchors?.identityRoots ?? [])];
  return {
    cert: certificates,
    key: Buffer.from(key.expose()),
    // An empty list, unlike none, keeps the authorities of the web out.
    ca: roots.map((certificate) => certificate.toString()),
    // An intermediate in the CA file is an anchor like any other, as with the original.
    allowPartialTrustChain: true,
    minVersion: "TLSv1.2",
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    // A client knows which cipher its processor is good at, and is the one that waits: servers have many cores.
    honorCipherOrder: false,
  };
}
