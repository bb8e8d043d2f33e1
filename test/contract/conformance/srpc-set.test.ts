import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkCertificateHolders } from "../../conformance/misc-certificates.ts";
import { Report } from "../../conformance/report.ts";
import { Stage, srpcSet } from "../../conformance/srpc.ts";
import { parseTranscript } from "../../conformance/srpc-transcript.ts";

const VECTORS = join(import.meta.dirname, "../../vectors");

it("the recorded conversations go the same way with our servers and clients, apart from the documented differences", async () => {
  const failures: string[] = [];
  const report = new Report((line) => failures.push(line));
  await srpcSet.run(VECTORS, report);
  expect(failures).toEqual([]);
  expect(report.passed).toBe(50);
  expect(Object.fromEntries(report.rules)).toEqual({
    "R-SRPC-DECODER-TEXT": 1,
    "R-SRPC-HTTP-VERSION": 1,
    "R-SRPC-INSECURE-SHELL": 1,
    "R-SRPC-INSECURE-WRITES": 1,
    "R-SRPC-METHODS": 1,
    "R-SRPC-OBJECT-CONNECTIONS": 2,
    "R-SRPC-OBJECT-HEADERS": 1,
    "R-SRPC-OBJECTS-ONCE": 2,
    "R-SRPC-SERVER-PATHS": 1,
    "R-SRPC-SHELL-EXIT": 1,
    "R-SRPC-UPGRADE": 2,
  });
}, 120_000);

it("the holders of the recorded certificates have the rights that they had", async () => {
  const failures: string[] = [];
  const report = new Report((line) => failures.push(line));
  await checkCertificateHolders(VECTORS, report);
  expect(failures).toEqual([]);
  expect(report.passed).toBe(27);
});

describe("a wrong recording is told from a right one", () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(VECTORS);
  });

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  /** What is wrong with a recording in which `from` is replaced; both are bytes, one a character. */
  async function verdictOn(name: string, from: string, to: string): Promise<string | undefined> {
    const recorded = readFileSync(join(VECTORS, "srpc", `${name}.jsonl`), "utf8");
    const [fromHex = "", toHex = ""] = [from, to].map((text) => Buffer.from(text, "latin1").toString("hex"));
    const [meta = "", ...lines] = recorded.split("\n");
    const changed = lines.join("\n").replace(fromHex, toHex);
    expect(changed).not.toBe(lines.join("\n"));
    return stage
      .check(parseTranscript(`${meta}\n${changed}`), { applyRule: () => undefined })
      .catch((error: unknown) => String(error));
  }

  it.each([
    ["the name of an image", "ping", "\ndebian/bookworm.1\n", "\ndebian/bookworm.9\n", /bookworm\.1/],
    ["an image more", "ping", "debian/sub/x.10\n\n", "debian/sub/x.10\ny\n\n", /recorded "y"/],
    ["the words of a refusal", "errors", "unknown service: N", "unknown servant: N", /unknown service/],
    ["a right to call", "denied-raw", "access to method denied\n", "access to method granted\n", /denied/],
    ["a flag in an answer", "check-image", "\xff\x86\x01\x01\x00", "\xff\x86\x01\x00\x00", /ImageExists/],
    ["a size", "checkobjects", "\xff\xc4\x01\x02\x05\x00", "\xff\xc4\x01\x02\x06\x00", /ObjectSizes/],
    ["the content of an object", "getobjects", "same\ntool\nsame\n", "same\ntool\nsome\n", /recorded/],
    ["the time at which an image expires", "expiration", "\xe2\x93\xdc", "\xe2\x94\xdc", /ExpiresAt/],
    [
      "the order of updates",
      "image-updates",
      "bookworm.1\x00\x16\xff\xc6\x01\x11debian/bookworm.2",
      "bookworm.2\x00\x16\xff\xc6\x01\x11debian/bookworm.1",
      /bookworm/,
    ],
    ["a number in JSON", "json-raw", "45120", "45121", /UsageEstimate: 45120/],
    ["the status of a refusal", "http-refusals-3", "405 Method", "406 Method", /405/],
    ["a header of a refusal", "http-refusals-2", "text/plain", "text/html!", /content-type/],
    ["an object over HTTP", "getobject-http", "\r\n\r\nsame\n", "\r\n\r\nsome\n", /same/],
    [
      "a method that is offered",
      "list-methods",
      "ImageServer.ListImages\n",
      "ImageServer.ListImagez\n",
      /body/,
    ],
    [
      "a mode in an image",
      "getimage-raw",
      "\xfeA\xed\x00\x00\x01\x00\x03",
      "\xfeA\xec\x00\x00\x01\x00\x03",
      /Mode/,
    ],
    [
      "an object that was stored",
      "addobjects",
      "new object!\n",
      "old object!\n",
      /hash mismatch|ErrorString|object/,
    ],
    ["what a shell prints", "shell-tls", "echo hi\r\nhi\r\n", "echo hi\r\nho\r\n", /recorded/],
    ["the user of a shell", "shell-tls", "user: operator", "user: operetta", /opening/],
    ["the last of many lines", "shell-long-output", "\r\n2000\r\n", "\r\n2001\r\n", /recorded/],
    ["the end of a shell", "shell-exits", "exit\r\n", "quit\r\n", /recorded/],
    [
      "the image that a client asks for",
      "installer-load-image-not-a-directory",
      "\x03a/b\x00",
      "\x03a/c\x00",
      /a\/c|exit|recorded/,
    ],
  ])("%s", async (_what, name, from, to, why) => {
    expect(await verdictOn(name, from, to)).toMatch(why);
  });
});
