import { status } from "@grpc/grpc-js";
import type { AccessPolicy } from "../access-policy.ts";
import type { Caller } from "../caller.ts";
import { type InstallerMethod, isView } from "../installer-methods.ts";
import { sourceOf } from "../port/source-address.ts";
import { isProven } from "../srpc/access.ts";
import type { CallStatus } from "./call-refusal.ts";

/** How many calls may be open at a time. */
export interface CallLimits {
  /** In all. Default 100. */
  readonly calls: number;
  /** Of these, only for callers with an accepted certificate: a crowd of watchers does not keep operators out. Default 20. */
  readonly reservedForUsers: number;
  /** From one address. Default 64. */
  readonly callsPerAddress: number;
}

export const DEFAULT_CALL_LIMITS: CallLimits = { calls: 100, reservedForUsers: 20, callsPerAddress: 64 };

/** What a method asks of its caller; "none": it is open to everybody. */
export type RequiredGrant = InstallerMethod | "none";

/** Decides which calls are let in, and counts those that are open. */
export class Admission {
  readonly #policy: AccessPolicy;
  readonly #limits: CallLimits;
  readonly #byAddress = new Map<string, number>();
  #open = 0;

  constructor(policy: AccessPolicy, limits: CallLimits) {
    this.#policy = policy;
    this.#limits = limits;
  }

  /** How many admitted calls are open. */
  get open(): number {
    return this.#open;
  }

  /** Why the call is refused, or what to dispose when it is over. */
  admit(caller: Caller, grant: RequiredGrant): CallStatus | Disposable {
    return (
      this.#refuseAccess(caller, grant) ?? this.#refuseCrowd(caller) ?? this.#enter(sourceOfCaller(caller))
    );
  }

  #refuseAccess(caller: Caller, grant: RequiredGrant): CallStatus | undefined {
    if (grant === "none" || this.#policy.allows(caller, grant)) return undefined;
    if (isProven(caller.identity)) {
      const { userName } = caller.identity;
      const who = userName === "" ? "this client" : JSON.stringify(userName);
      return { code: status.PERMISSION_DENIED, details: `the certificate of ${who} does not grant ${grant}` };
    }
    const what = isView(grant)
      ? "an accepted client certificate"
      : `a client certificate that grants ${grant}`;
    const reason = caller.refusal === undefined ? "" : `; the one shown does not count: ${caller.refusal}`;
    return { code: status.UNAUTHENTICATED, details: `this needs ${what}${reason}` };
  }

  #refuseCrowd(caller: Caller): CallStatus | undefined {
    const { calls, reservedForUsers, callsPerAddress } = this.#limits;
    const limit = isProven(caller.identity) ? calls : calls - reservedForUsers;
    const isFull =
      this.#open >= limit || (this.#byAddress.get(sourceOfCaller(caller)) ?? 0) >= callsPerAddress;
    return isFull ? { code: status.RESOURCE_EXHAUSTED, details: "too many calls are open" } : undefined;
  }

  #enter(address: string): Disposable {
    this.#open += 1;
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        this.#open -= 1;
        const left = (this.#byAddress.get(address) ?? 1) - 1;
        if (left === 0) this.#byAddress.delete(address);
        else this.#byAddress.set(address, left);
      },
    };
  }
}

/** Whom a call counts for. */
export function sourceOfCaller({ peer }: Caller): string {
  return sourceOf(peer.slice(0, Math.max(0, peer.lastIndexOf(":"))));
}
