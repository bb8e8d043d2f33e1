import { describe, expect, it } from "vitest";
import { refuseExpirationChange } from "../../../src/imageserver/expiration-change.ts";
import { ZERO_TIME } from "../../../src/rpc/gob/time.ts";

const NOW_SECONDS = 1_700_000_000;
const inHours = (hours: number) => ({
  seconds: BigInt(NOW_SECONDS + hours * 3600),
  nanoseconds: 0,
  offsetSeconds: 0,
});

describe("refuseExpirationChange", () => {
  it.each([
    ["lets an owner lengthen", inHours(1), inHours(24), false, undefined],
    ["lets the same time be", inHours(1), inHours(1), false, undefined],
    ["keeps an owner to a day", inHours(1), inHours(25), false, "maximum expiration time is 24h0m0s for you"],
    ["lets the privileged go further", inHours(1), inHours(730), true, undefined],
    ["but not for ever so far", inHours(1), inHours(731), true, "maximum expiration time is 730h0m0s"],
    ["does not shorten", inHours(2), inHours(1), true, "cannot shorten expiration time"],
    ["lets the privileged keep for good", inHours(1), ZERO_TIME, true, undefined],
    ["and nobody else", inHours(1), ZERO_TIME, false, "not permitted to make image non-expiring"],
    ["leaves images that stay", ZERO_TIME, inHours(1), true, "image does not expire"],
  ] as const)("%s", (_what, from, to, isPrivileged, refusal) => {
    expect(refuseExpirationChange({ from, to, nowMs: NOW_SECONDS * 1000, isPrivileged })).toBe(refusal);
  });
});
