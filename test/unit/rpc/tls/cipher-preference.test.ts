import { DEFAULT_CIPHERS } from "node:tls";
import { expect, test } from "vitest";
import { measureCipherSpeeds, planCipherOrder } from "../../../../src/rpc/tls/cipher-preference.ts";

const DEFAULTS = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256:HIGH:!aNULL";

test("the suites of the fastest cipher come first, those of TLS 1.2 included; the rest stays as it was", () => {
  const order = planCipherOrder(
    [
      { cipher: "aes-128-gcm", recordMs: 2 },
      { cipher: "aes-256-gcm", recordMs: 3 },
      { cipher: "chacha20-poly1305", recordMs: 1 },
    ],
    DEFAULTS,
  );
  expect(order.split(":")).toEqual([
    "TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "TLS_AES_128_GCM_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_AES_256_GCM_SHA384",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "HIGH",
    "!aNULL",
  ]);
});

test("a cipher that could not be measured keeps its place among the defaults", () => {
  const order = planCipherOrder([{ cipher: "aes-128-gcm", recordMs: 1 }], DEFAULTS);
  expect(order.split(":").slice(2)).toEqual([
    "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_AES_256_GCM_SHA384",
    "HIGH",
    "!aNULL",
  ]);
  expect(planCipherOrder([], DEFAULTS)).toBe(DEFAULTS);
});

test("nothing that Node offers by default is lost", () => {
  const order = planCipherOrder(measureCipherSpeeds()).split(":");
  expect(DEFAULT_CIPHERS.split(":").filter((suite) => !order.includes(suite))).toEqual([]);
  expect(new Set(order).size).toBe(order.length);
});

test("every cipher of Node's own OpenSSL is measured", () => {
  const speeds = measureCipherSpeeds();
  expect(speeds.map(({ cipher }) => cipher).toSorted()).toEqual([
    "aes-128-gcm",
    "aes-256-gcm",
    "chacha20-poly1305",
  ]);
  for (const { recordMs } of speeds) expect(recordMs).toBeGreaterThan(0);
});
