import type { X509Certificate } from "node:crypto";

export interface ChainRequest {
  readonly leaf: X509Certificate;
  /** Sent by the peer, so nothing in them is trusted before a chain proves it. */
  readonly intermediates: readonly X509Certificate[];
  /** Trust anchors. */
  readonly roots: readonly X509Certificate[];
  readonly nowMs: number;
}

/** Longer chains and larger searches than these are an attack on our time. */
const MAX_CHAIN_LENGTH = 8;
const MAX_SIGNATURE_CHECKS = 100;

/**
 * Every chain from `leaf` (first) to one of `roots` (last) whose signatures, names, validity periods and authority
 * bits hold; empty when there is none.
 *
 * OpenSSL has judged the peer before, but the chain that Node reports links certificates by name only: a peer could
 * slip in an authority of its own making with the name of a real one, and with it a list of methods. Identity is
 * therefore taken from chains proven here.
 */
export function findVerifiedChains(request: ChainRequest): readonly (readonly X509Certificate[])[] {
  const { leaf, roots, intermediates } = request;
  const authorities = [...roots, ...intermediates].filter(
    (certificate) => certificate.ca && isValidAt(certificate, request.nowMs),
  );
  const chains: (readonly X509Certificate[])[] = [];
  const open: (readonly X509Certificate[])[] = isValidAt(leaf, request.nowMs) ? [[leaf]] : [];
  let checks = 0;
  for (let chain = open.shift(); chain !== undefined; chain = open.shift()) {
    const last = chain.at(-1) ?? leaf;
    if (isOneOf(last, roots)) {
      chains.push(chain);
      continue;
    }
    if (chain.length === MAX_CHAIN_LENGTH) continue;
    for (const authority of authorities) {
      if (isOneOf(authority, chain) || !last.checkIssued(authority)) continue;
      checks += 1;
      if (checks > MAX_SIGNATURE_CHECKS) return chains;
      if (last.verify(authority.publicKey)) open.push([...chain, authority]);
    }
  }
  return chains;
}

function isOneOf(certificate: X509Certificate, list: readonly X509Certificate[]): boolean {
  return list.some((other) => other.raw.equals(certificate.raw));
}

function isValidAt(certificate: X509Certificate, nowMs: number): boolean {
  return certificate.validFromDate.getTime() <= nowMs && nowMs <= certificate.validToDate.getTime();
}
