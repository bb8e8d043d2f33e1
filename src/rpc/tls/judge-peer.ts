import type { TLSSocket } from "node:tls";
import { messageChain } from "../../core/errors.ts";
import { ANONYMOUS, type Identity } from "../srpc/access.ts";
import { readPeerIdentity, type TrustAnchors } from "./peer-identity.ts";

/** Who is at the other end of a finished handshake in which a certificate was welcome but not needed. */
export interface PeerVerdict {
  /** Anonymous unless a certificate was shown and counts. */
  readonly identity: Identity;
  /** Why a certificate that was shown does not count. */
  readonly refusal?: string;
}

/**
 * Judges by the same rules as everywhere (spec/auth.md): OpenSSL's verdict, a chain that we proved ourselves, lists that
 * decode. Never throws; who does not pass is anonymous. Without authorities everybody is.
 */
export function judgePeer(socket: TLSSocket, anchors: TrustAnchors | undefined, nowMs: number): PeerVerdict {
  // Types leave out that the certificate may be absent: `{}`, or undefined on a closed connection.
  const shown: { readonly raw?: Buffer } | undefined = socket.getPeerCertificate();
  if (anchors === undefined || shown?.raw === undefined) return { identity: ANONYMOUS };
  if (!socket.authorized) return { identity: ANONYMOUS, refusal: String(socket.authorizationError) };
  try {
    return { identity: readPeerIdentity(socket, anchors, nowMs) };
  } catch (error) {
    return { identity: ANONYMOUS, refusal: messageChain(error) };
  }
}
