import type { CertificateFacts } from "../../rpc/http/metrics/metrics-source.ts";
import { type Credentials, parseCertificates } from "../../rpc/tls/credentials.ts";

/** Validity of our certificate and of the authorities, for metrics; undefined while we have none. */
export function certificateFacts({ server }: Credentials): CertificateFacts | undefined {
  if (server === undefined) return undefined;
  const [own] = parseCertificates(server.certificates, "our certificate");
  if (own === undefined) return undefined;
  const { methodRoots = [], identityRoots = [] } = server.anchors ?? {};
  const expiries = [...methodRoots, ...identityRoots].map(({ validToDate }) => validToDate.getTime());
  return {
    activationMs: own.validFromDate.getTime(),
    expiryMs: own.validToDate.getTime(),
    ...(expiries.length === 0 ? {} : { earliestAuthorityExpiryMs: Math.min(...expiries) }),
  };
}
