import { isMethodMatch } from "./method-glob.ts";

/** Who is at the other end, as its certificate says (spec/auth.md section 2). */
export interface Identity {
  /** Empty: unknown. */
  readonly userName: string;
  readonly groups: readonly string[];
  /** Patterns of methods that may be called. */
  readonly permittedMethods: readonly string[];
}

/** The identity of everybody who shows no certificate. */
export const ANONYMOUS: Identity = { userName: "", groups: [], permittedMethods: [] };

/** Whether somebody proved to have this identity, which need not have a name. */
export function isProven(identity: Identity): boolean {
  return identity !== ANONYMOUS;
}

export interface AccessRequest {
  /** `Service.Method`. */
  readonly method: string;
  readonly identity: Identity;
  /** A clear connection to a server that does not require TLS. */
  readonly isInsecureServer: boolean;
  /** The connection was opened with `doNotUseMethodPowers=true`. */
  readonly withoutPowers: boolean;
  /** Anybody with a user name may call it. */
  readonly isPublic: boolean;
  /** Anybody at all may call it. */
  readonly isUnauthenticated: boolean;
  readonly trustedUsers: readonly string[];
  readonly trustedGroups: readonly string[];
}

export interface AccessDecision {
  readonly isAllowed: boolean;
  /** Handlers of public methods ask for ownership when it is false. */
  readonly hasMethodAccess: boolean;
}

/** Rules 1 to 4 and 7 to 9 of spec/auth.md section 7; the others do not exist on bare metal. */
export function decideAccess(request: AccessRequest): AccessDecision {
  if (!request.withoutPowers && hasMethodPower(request)) return { isAllowed: true, hasMethodAccess: true };
  const isAllowed = (request.isPublic && request.identity.userName !== "") || request.isUnauthenticated;
  return { isAllowed, hasMethodAccess: false };
}

function hasMethodPower(request: AccessRequest): boolean {
  const { identity } = request;
  if (request.isInsecureServer) return true;
  if (identity.permittedMethods.some((pattern) => isMethodMatch(pattern, request.method))) return true;
  if (identity.userName === "") return false;
  return (
    request.trustedUsers.includes(identity.userName) ||
    identity.groups.some((group) => request.trustedGroups.includes(group))
  );
}
