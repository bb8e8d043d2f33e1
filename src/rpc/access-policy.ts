import type { Caller } from "./caller.ts";
import { type InstallerMethod, isView } from "./installer-methods.ts";
import { decideAccess } from "./srpc/access.ts";

/** Who may look at status, events and logs (flag -statusAccess). */
export type StatusAccess = "open" | "authenticated";

export interface AccessPolicyOptions {
  readonly statusAccess: StatusAccess;
  /** Everybody may do everything, as with the original when it has no certificates (flag -insecure). */
  readonly isInsecure: boolean;
  /** Flags srpcTrustedUsers and srpcTrustedGroups. */
  readonly trustedUsers: readonly string[];
  readonly trustedGroups: readonly string[];
}

/** The one decision for all protocols on the port: SRPC, gRPC and HTTP ask here (spec/auth.md section 7). */
export class AccessPolicy {
  readonly #options: AccessPolicyOptions;

  constructor(options: AccessPolicyOptions) {
    this.#options = options;
  }

  get statusAccess(): StatusAccess {
    return this.#options.statusAccess;
  }

  get isInsecure(): boolean {
    return this.#options.isInsecure;
  }

  allows(caller: Caller, method: InstallerMethod): boolean {
    const { statusAccess, isInsecure, trustedUsers, trustedGroups } = this.#options;
    return decideAccess({
      method,
      identity: caller.identity,
      isInsecureServer: isInsecure,
      withoutPowers: false,
      isPublic: isView(method),
      isUnauthenticated: isView(method) && statusAccess === "open",
      trustedUsers,
      trustedGroups,
    }).isAllowed;
  }
}
