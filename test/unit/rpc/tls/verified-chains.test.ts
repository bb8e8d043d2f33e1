import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { findVerifiedChains } from "../../../../src/rpc/tls/verified-chains.ts";
import {
  makeTestAuthority,
  makeTestCertificate,
  type TestCertificate,
} from "../../../support/certificates.ts";

const nowMs = Date.now();
const x509 = (made: TestCertificate): X509Certificate => new X509Certificate(made.certificate);
const rootPair = makeTestAuthority("Root");
const middlePair = makeTestCertificate({ commonName: "Middle", isAuthority: true }, rootPair);
const leafPair = makeTestCertificate({ commonName: "leaf" }, middlePair);
const [root, middle, leaf] = [x509(rootPair), x509(middlePair), x509(leafPair)];

describe("findVerifiedChains", () => {
  it.each([
    ["through an intermediate", [middle], [root], [[leaf, middle, root]]],
    ["to an intermediate that is an anchor", [], [middle], [[leaf, middle]]],
    ["to both anchors, as far as each", [], [middle, root], [[leaf, middle]]],
    ["to itself", [], [leaf], [[leaf]]],
    ["nowhere without the intermediate", [], [root], []],
    ["nowhere without an anchor", [middle, root], [], []],
  ])("leads %s", (_, intermediates, roots, chains) => {
    const found = findVerifiedChains({ leaf, intermediates, roots, nowMs });
    expect(found.map((chain) => chain.map(({ subject }) => subject))).toEqual(
      chains.map((chain) => chain.map(({ subject }) => subject)),
    );
  });

  it("gives up on a thicket of authorities that issue each other", () => {
    const thicket = Array.from({ length: 15 }, () => x509(makeSameKeyAuthority(middlePair)));
    const startMs = performance.now();
    expect(findVerifiedChains({ leaf, intermediates: thicket, roots: [], nowMs })).toEqual([]);
    expect(performance.now() - startMs).toBeLessThan(2000);
  });
});

/** Another self-signed certificate for the name and key of `pair`: each of them seems to issue all others. */
function makeSameKeyAuthority(pair: TestCertificate): TestCertificate {
  return makeTestCertificate({ commonName: "Middle", isAuthority: true, key: pair.key }, { ...pair });
}
