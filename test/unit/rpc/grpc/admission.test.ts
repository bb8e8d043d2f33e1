import fc from "fast-check";
import { expect, test } from "vitest";
import { AccessPolicy } from "../../../../src/rpc/access-policy.ts";
import { anonymousCaller, type Caller } from "../../../../src/rpc/caller.ts";
import { Admission, type CallLimits, type RequiredGrant } from "../../../../src/rpc/grpc/admission.ts";

const policy = new AccessPolicy({
  statusAccess: "open",
  isInsecure: false,
  trustedUsers: [],
  trustedGroups: [],
});
const LIMITS: CallLimits = { calls: 6, reservedForUsers: 2, callsPerAddress: 3 };

function user(peer: string, ...permittedMethods: string[]): Caller {
  return { identity: { userName: "alice", groups: [], permittedMethods }, peer, isSecure: true };
}

function verdict(caller: Caller, grant: RequiredGrant): string {
  const decision = new Admission(policy, LIMITS).admit(caller, grant);
  return Symbol.dispose in decision ? "admitted" : decision.details;
}

test("who is refused learns what is missing", () => {
  const nobody = anonymousCaller("10.0.0.1:5", true);
  expect(verdict(nobody, "Installer.GetStatus")).toBe("admitted");
  expect(verdict(nobody, "none")).toBe("admitted");
  expect(verdict(nobody, "Installer.Shell")).toBe(
    "this needs a client certificate that grants Installer.Shell",
  );
  expect(verdict({ ...nobody, refusal: "it has expired" }, "Installer.Shell")).toBe(
    "this needs a client certificate that grants Installer.Shell; the one shown does not count: it has expired",
  );
  expect(verdict(user("10.0.0.1:5", "Installer.GetStatus"), "Installer.Shell")).toBe(
    'the certificate of "alice" does not grant Installer.Shell',
  );
  expect(verdict(user("10.0.0.1:5", "Installer.*"), "Installer.Shell")).toBe("admitted");
});

test("the addresses of one IPv6 network share their part", () => {
  const admission = new Admission(policy, { ...LIMITS, callsPerAddress: 1 });
  expect(Symbol.dispose in admission.admit(anonymousCaller("2001:db8::1:6978", true), "none")).toBe(true);
  expect(Symbol.dispose in admission.admit(anonymousCaller("2001:db8::2:6978", true), "none")).toBe(false);
  expect(Symbol.dispose in admission.admit(anonymousCaller("2001:db9::2:6978", true), "none")).toBe(true);
});

test("the counts never pass the limits and end at zero", () => {
  const arrivals = fc.array(
    fc.record({ address: fc.integer({ min: 1, max: 3 }), isUser: fc.boolean(), leaves: fc.boolean() }),
  );
  fc.assert(
    fc.property(arrivals, (calls) => {
      const admission = new Admission(policy, LIMITS);
      const open: { readonly ticket: Disposable; readonly address: number; readonly isUser: boolean }[] = [];
      for (const { address, isUser, leaves } of calls) {
        const peer = `10.0.0.${address}:1`;
        const decision = admission.admit(isUser ? user(peer) : anonymousCaller(peer, true), "none");
        const limit = isUser ? LIMITS.calls : LIMITS.calls - LIMITS.reservedForUsers;
        const sameAddress = open.filter((call) => call.address === address).length;
        const fits = open.length < limit && sameAddress < LIMITS.callsPerAddress;
        expect(Symbol.dispose in decision).toBe(fits);
        if (Symbol.dispose in decision) open.push({ ticket: decision, address, isUser });
        if (leaves) {
          const ticket = open.shift()?.ticket;
          ticket?.[Symbol.dispose]();
          ticket?.[Symbol.dispose]();
        }
        expect(admission.open).toBe(open.length);
      }
      for (const { ticket } of open) ticket[Symbol.dispose]();
      expect(admission.open).toBe(0);
    }),
  );
});
