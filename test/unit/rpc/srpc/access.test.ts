import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type AccessRequest, decideAccess } from "../../../../src/rpc/srpc/access.ts";

interface AccessCase {
  readonly permittedMethods: readonly string[];
  readonly insecureServer: boolean;
  readonly username: string;
  readonly groups: readonly string[];
  readonly trustedUsers: readonly string[];
  readonly trustedGroups: readonly string[];
  readonly method: string;
  readonly hasMethodAccess: boolean;
}

const { cases } = JSON.parse(readFileSync("test/vectors/misc/method-access.json", "utf8")) as {
  readonly cases: readonly AccessCase[];
};

const stranger: AccessRequest = {
  method: "A.B",
  identity: { userName: "", groups: [], permittedMethods: [] },
  isInsecureServer: false,
  withoutPowers: false,
  isPublic: false,
  isUnauthenticated: false,
  trustedUsers: [],
  trustedGroups: [],
};
const alice = { ...stranger.identity, userName: "alice" };
const denied = { isAllowed: false, hasMethodAccess: false };
const asAnybody = { isAllowed: true, hasMethodAccess: false };
const withPower = { isAllowed: true, hasMethodAccess: true };

describe("decideAccess", () => {
  it.each(cases)("agrees with the original: $username, $permittedMethods, $groups", (vector) => {
    const { permittedMethods, username, groups, insecureServer, ...rest } = vector;
    const decision = decideAccess({
      ...stranger,
      ...rest,
      identity: { userName: username, groups, permittedMethods },
      isInsecureServer: insecureServer,
    });
    expect(decision.hasMethodAccess).toBe(vector.hasMethodAccess);
    expect(decision.isAllowed).toBe(vector.hasMethodAccess);
  });

  it.each([
    ["strangers get nothing", {}, denied],
    ["strangers do not get public methods", { isPublic: true }, denied],
    ["anybody with a name gets public methods", { identity: alice, isPublic: true }, asAnybody],
    ["everybody gets unauthenticated methods", { isUnauthenticated: true }, asAnybody],
    ["an insecure server allows everything", { isInsecureServer: true }, withPower],
    [
      "powers given up are gone on an insecure server too",
      { isInsecureServer: true, withoutPowers: true },
      denied,
    ],
    [
      "powers given up leave public methods",
      { identity: { ...alice, permittedMethods: ["*.*"] }, isPublic: true, withoutPowers: true },
      asAnybody,
    ],
    ["a trusted user without a name is nobody", { trustedUsers: [""] }, denied],
    [
      "a group without a name is nobody's",
      { identity: { ...stranger.identity, groups: ["sre"] }, trustedGroups: ["sre"] },
      denied,
    ],
    [
      "a pattern works without a name",
      { identity: { ...stranger.identity, permittedMethods: ["A.*"] } },
      withPower,
    ],
  ] as const)("%s", (_, change, decision) => {
    expect(decideAccess({ ...stranger, ...change })).toEqual(decision);
  });
});
