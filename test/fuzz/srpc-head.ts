import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ErrorCode } from "../../src/core/error-codes.ts";
import { InstallerError } from "../../src/core/errors.ts";
import { isMethodMatch } from "../../src/rpc/srpc/method-glob.ts";
import { parseConnectOptions, parseRequestLine } from "../../src/rpc/srpc/request-head.ts";
import { parseStatusLine } from "../../src/rpc/srpc/response-head.ts";
import { parseCertificateClaims } from "../../src/rpc/tls/certificate-identity.ts";
import { parseCertificates } from "../../src/rpc/tls/credentials.ts";
import { mutate } from "./mutate.ts";
import { type FuzzFailure, type FuzzOptions, type FuzzTarget, Random } from "./target.ts";

/** Inputs between two breaths of the event loop. */
const BATCH = 5000;
const TIME_LIMIT_MS = 1000;

/** A parser, what it may throw, and good input to damage. */
interface Parser {
  readonly parse: (input: Buffer) => unknown;
  readonly codes: readonly ErrorCode[];
  readonly seeds: readonly Buffer[];
}

/** What strangers send before anything is known about them: heads, certificates, and the patterns in those. */
export const srpcHeadTarget: FuzzTarget = {
  name: "srpc-head",
  run: async (options) => fuzz(await makeParsers(), options),
};

async function fuzz(
  parsers: readonly Parser[],
  { runs, seed }: FuzzOptions,
): Promise<FuzzFailure | undefined> {
  for (let run = 0; run < runs; run++) {
    const random = new Random(Math.imul(seed, 0x9e3779b1) + run);
    const parser = random.pick(parsers);
    const input = mutate(random.pick(parser.seeds), random, parser.seeds);
    const what = problemOf(parser, input);
    if (what !== undefined) return { run, what, input };
    if (run % BATCH === 0) await nextTurn();
  }
  return undefined;
}

function problemOf({ parse, codes }: Parser, input: Buffer): string | undefined {
  const startedMs = performance.now();
  try {
    parse(input);
  } catch (error) {
    if (!(error instanceof InstallerError) || !codes.includes(error.code))
      return error instanceof Error ? (error.stack ?? error.message) : "threw something that is not an Error";
  }
  const elapsedMs = performance.now() - startedMs;
  return elapsedMs > TIME_LIMIT_MS ? `took ${Math.round(elapsedMs)} ms` : undefined;
}

async function makeParsers(): Promise<readonly Parser[]> {
  const directory = join(import.meta.dirname, "../vectors/misc/certs");
  const names = (await readdir(directory)).toSorted();
  const pems = await Promise.all(names.map((name) => readFile(join(directory, name))));
  const ders = pems.map((pem) => Buffer.from(pem.toString("latin1").replace(/-----.*-----/g, ""), "base64"));
  return [
    {
      parse: (input) => parseConnectOptions(parseRequestLine(input.toString("utf8")).query),
      codes: ["E_SRPC_HEAD"],
      seeds: [
        "CONNECT /_goSRPC_/ HTTP/1.0",
        "CONNECT /_go_TLS_SRPC_/?doNotUseMethodPowers=true&a=%41 HTTP/1.1\r",
      ].map((line) => Buffer.from(line)),
    },
    {
      parse: (input) => parseStatusLine(input.toString("utf8")),
      codes: ["E_SRPC_HEAD"],
      seeds: ["HTTP/1.0 200 Connected to Go SRPC", "HTTP/1.1 405 Method Not Allowed\r"].map((line) =>
        Buffer.from(line),
      ),
    },
    { parse: parseCertificateClaims, codes: ["E_CERTIFICATE_MALFORMED"], seeds: ders },
    {
      parse: (input) => parseCertificates(input.toString("utf8"), "fuzz.pem"),
      codes: ["E_TLS_CERTIFICATE_INVALID"],
      seeds: pems,
    },
    {
      parse: (input) => isMethodMatch(input.toString("utf8"), "ImageServer.GetImage"),
      codes: [],
      seeds: ["*.*", "I*.[A-G]et?mage", "[^a-z]*.G\\et*"].map((pattern) => Buffer.from(pattern)),
    },
  ];
}
