import type { Socket } from "node:net";
import { ANONYMOUS, type Identity } from "./srpc/access.ts";

/** Who is at the other end of a connection, judged once for all protocols. */
export interface Caller {
  /** From the certificate, when one was shown and verified; otherwise anonymous. */
  readonly identity: Identity;
  /** `address:port`. */
  readonly peer: string;
  /** Whether the connection is encrypted. */
  readonly isSecure: boolean;
  /** Why a certificate that was shown does not count; undefined when it counts or none was shown. */
  readonly refusal?: string;
}

/** The address of the other end as `address:port`, the form in which gRPC names its peers too. */
export function peerOf(socket: Pick<Socket, "remoteAddress" | "remotePort">): string {
  return `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`;
}

/** A caller about whom nothing is known. */
export function anonymousCaller(peer: string, isSecure: boolean): Caller {
  return { identity: ANONYMOUS, peer, isSecure };
}
