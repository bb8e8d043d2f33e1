import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { fetchTftpConfiguration, type TftpConfiguration } from "../../src/config/tftp-source.ts";
import { hasCode, messageChain } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { TftpReply } from "../../src/network/tftp/packet.ts";
import { TftpTransfer } from "../../src/network/tftp/transfer.ts";
import type { Report } from "./report.ts";

type ServedFile =
  | { readonly data: string; readonly errorAfter?: number }
  | { readonly hex: string; readonly errorAfter?: number }
  | { readonly repeat: string; readonly times: number; readonly errorAfter?: number }
  | { readonly code: number; readonly text: string };

interface Expectation {
  readonly exit: number;
  readonly error?: string;
  readonly files?: Readonly<Record<string, string | { readonly sha512: string }>>;
  readonly randomPoolWritten?: string;
}

interface TftpCase {
  readonly name: string;
  readonly server: Readonly<Record<string, ServedFile>>;
  readonly expected?: Expectation;
  readonly expectedAnyOf?: readonly Expectation[];
}

const BLOCK_BYTES = 512;
const ABSENT: ServedFile = { code: 1, text: "file does not exist" };
const OPTIONAL = ["tools-imagename", "random-seed"] as const;

/** The TFTP cases of the set "misc" (misc/tftp.json), without a socket. */
export async function checkTftp(vectorDirectory: string, report: Report): Promise<void> {
  const text = await readFile(join(vectorDirectory, "misc/tftp.json"), "utf8").catch(() => undefined);
  if (text === undefined) return;
  const { cases } = JSON.parse(text) as { cases: readonly TftpCase[] };
  for (const vector of cases)
    await report.check(`misc/tftp: ${vector.name}`, () => checkCase(vector, report));
}

async function checkCase(vector: TftpCase, report: Report): Promise<string | undefined> {
  const expectations = vector.expectedAnyOf ?? (vector.expected === undefined ? [] : [vector.expected]);
  let got: TftpConfiguration;
  try {
    const fetchFile = async (name: string): Promise<Buffer> => serve(name, vector.server[name] ?? ABSENT);
    got = await fetchTftpConfiguration(fetchFile, silentLogger, new AbortController().signal);
  } catch (error) {
    if (!hasCode(error, "E_CONFIG_FETCH")) throw error;
    const isExpected = expectations.some((each) => each.exit !== 0);
    return isExpected ? undefined : `failed: ${messageChain(error)}`;
  }
  // The original tells an absent optional file by the server's words; we go by the code.
  const isOptionalAbsent = OPTIONAL.some((name) => {
    const file = vector.server[name];
    return file !== undefined && "code" in file && file.code === 1;
  });
  if (isOptionalAbsent && expectations.every((each) => each.exit !== 0)) {
    report.applyRule("R-TFTP-ABSENT-BY-CODE");
    return undefined;
  }
  return expectations.some((each) => isEqual(got, each)) ? undefined : "other files than expected";
}

/** One transfer between our state machine and a server that knows no options. */
function serve(name: string, file: ServedFile): Buffer {
  const transfer = new TftpTransfer(name, 64 * 1024 * 1024);
  if ("code" in file) throw transfer.onReply({ kind: "error", ...file }).failure ?? new Error("no failure");
  const content = contentOf(file);
  for (let block = 1; ; block++) {
    const isBroken = file.errorAfter !== undefined && block > file.errorAfter;
    const reply: TftpReply = isBroken
      ? { kind: "error", code: 0, text: "broken" }
      : {
          kind: "data",
          block: block & 0xffff,
          payload: content.subarray((block - 1) * BLOCK_BYTES, block * BLOCK_BYTES),
        };
    const reaction = transfer.onReply(reply);
    if (reaction.failure !== undefined) throw reaction.failure;
    if (reaction.done === true) return transfer.content();
  }
}

function contentOf(file: Exclude<ServedFile, { readonly code: number }>): Buffer {
  if ("data" in file) return Buffer.from(file.data);
  if ("hex" in file) return Buffer.from(file.hex, "hex");
  return Buffer.from(file.repeat.repeat(file.times));
}

function isEqual(got: TftpConfiguration, { exit, files = {}, randomPoolWritten = "" }: Expectation): boolean {
  if (exit !== 0) return false;
  const names = Object.keys(files).sort();
  if (!isDeepStrictEqual([...got.files.keys()].sort(), names)) return false;
  if ((got.randomSeed?.toString("hex") ?? "") !== randomPoolWritten) return false;
  return names.every((name) => {
    const content = got.files.get(name) ?? Buffer.alloc(0);
    const expected = files[name];
    return typeof expected === "string"
      ? content.toString("hex") === expected
      : createHash("sha512").update(content).digest("hex") === expected?.sha512;
  });
}
