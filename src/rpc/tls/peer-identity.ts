import { X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { InstallerError } from "../../core/errors.ts";
import type { Identity } from "../srpc/access.ts";
import { identityOfChains, parseCertificateClaims } from "./certificate-identity.ts";
import { findVerifiedChains } from "./verified-chains.ts";

/** Whose certificates get in, and whose method lists count (spec/auth.md section 4). */
export interface TrustAnchors {
  /** From the CA file: identity and methods. */
  readonly methodRoots: readonly X509Certificate[];
  /** From the identity CA file: name and groups only. */
  readonly identityRoots: readonly X509Certificate[];
}

/** More links than any real chain has. */
const MAX_PEER_CERTIFICATES = 16;

/**
 * The identity of the peer of a connection whose handshake is over. E_TLS_CERTIFICATE_REFUSED when no chain leads to
 * a trust anchor, E_CERTIFICATE_MALFORMED when its lists do not decode.
 */
export function readPeerIdentity(socket: TLSSocket, anchors: TrustAnchors, nowMs: number): Identity {
  const [leaf, ...intermediates] = peerCertificates(socket);
  if (!socket.authorized || leaf === undefined)
    throw new InstallerError("E_TLS_CERTIFICATE_REFUSED", "judging the peer's certificate");
  return identityOfCertificate(leaf, intermediates, anchors, nowMs);
}

/** The identity of whoever owns the key of `leaf`; the errors of `readPeerIdentity`. */
export function identityOfCertificate(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  anchors: TrustAnchors,
  nowMs: number,
): Identity {
  const roots = [...anchors.methodRoots, ...anchors.identityRoots];
  const chains = findVerifiedChains({ leaf, intermediates, roots, nowMs });
  if (chains.length === 0)
    throw new InstallerError(
      "E_TLS_CERTIFICATE_REFUSED",
      `finding a chain from ${JSON.stringify(leaf.subject)} to a trusted authority`,
    );
  return identityOfVerifiedChains(chains, anchors);
}

/** The identity that proven chains (leaf first, trust anchor last) stand for; E_CERTIFICATE_MALFORMED. */
export function identityOfVerifiedChains(
  chains: readonly (readonly X509Certificate[])[],
  anchors: TrustAnchors,
): Identity {
  return identityOfChains(
    chains.map((chain) => ({
      certificates: chain.map((certificate) => parseCertificateClaims(certificate.raw)),
      areMethodsTrusted:
        anchors.identityRoots.length === 0 ||
        isSameAuthorityAsOneOf(chain[1] ?? chain[0], anchors.methodRoots),
    })),
  );
}

/**
 * The original compares names only; the key is compared as well, or an authority that is trusted for identity could
 * give itself methods by issuing an intermediate with the name of the other one.
 */
function isSameAuthorityAsOneOf(
  certificate: X509Certificate | undefined,
  authorities: readonly X509Certificate[],
): boolean {
  if (certificate === undefined) return false;
  const { subject } = parseCertificateClaims(certificate.raw);
  return authorities.some(
    (authority) =>
      authority.publicKey.equals(certificate.publicKey) &&
      Buffer.compare(parseCertificateClaims(authority.raw).subject, subject) === 0,
  );
}

/** Leaf first, each once. A self-signed certificate is its own issuer. */
function peerCertificates(socket: TLSSocket): readonly X509Certificate[] {
  const certificates: X509Certificate[] = [];
  let current: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (current?.raw !== undefined && certificates.length < MAX_PEER_CERTIFICATES) {
    const { raw }: DetailedPeerCertificate = current;
    if (certificates.some((certificate) => certificate.raw.equals(raw))) break;
    certificates.push(new X509Certificate(raw));
    current = current.issuerCertificate;
  }
  return certificates;
}
