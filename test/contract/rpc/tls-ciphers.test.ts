import { once } from "node:events";
import { connect, createServer } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { expect, it } from "vitest";
import { acceptTls } from "../../../src/rpc/tls/accept-tls.ts";
import { planCipherOrder } from "../../../src/rpc/tls/cipher-preference.ts";
import { makeParties } from "./srpc-server.ts";

/** The suite that a client with this list of ciphers and our server agree on. */
async function agreedSuite(ciphers: string, maxVersion: "TLSv1.2" | "TLSv1.3"): Promise<string> {
  const { credentials, issue } = makeParties();
  const { certificates, key } = issue();
  const accepted = Promise.withResolvers<TLSSocket>();
  const server = createServer((socket) => {
    acceptTls(socket, credentials, 5_000).then(accepted.resolve, accepted.reject);
  }).listen(0, "127.0.0.1");
  try {
    await once(server, "listening");
    const address = server.address();
    const socket = connect(typeof address === "object" && address !== null ? address.port : 0, "127.0.0.1");
    const secure = connectTls({
      socket,
      ciphers,
      maxVersion,
      cert: certificates,
      key: Buffer.from(key.expose()),
      rejectUnauthorized: false,
    });
    const [, ownSide] = await Promise.all([once(secure, "secureConnect"), accepted.promise]);
    const { name } = ownSide.getCipher();
    secure.destroy();
    ownSide.destroy();
    return name;
  } finally {
    server.close();
  }
}

it.each([
  ["aes-128-gcm", "TLSv1.3", "TLS_AES_128_GCM_SHA256"],
  ["aes-256-gcm", "TLSv1.3", "TLS_AES_256_GCM_SHA384"],
  ["chacha20-poly1305", "TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256"],
  ["aes-128-gcm", "TLSv1.2", /^ECDHE-.*-AES128-GCM-SHA256$/],
  ["aes-256-gcm", "TLSv1.2", /^ECDHE-.*-AES256-GCM-SHA384$/],
  ["chacha20-poly1305", "TLSv1.2", /^ECDHE-.*-CHACHA20-POLY1305$/],
] as const)("a client that is fastest with %s gets it (%s)", async (fastest, version, suite) => {
  const ciphers = ["aes-128-gcm", "aes-256-gcm", "chacha20-poly1305"] as const;
  const order = planCipherOrder(ciphers.map((cipher) => ({ cipher, recordMs: cipher === fastest ? 1 : 2 })));
  expect(await agreedSuite(order, version)).toMatch(suite);
});
