import { COMMANDS, DAEMON } from "../../src/cli/command-table.ts";
import { runInProcess } from "../support/program-in-process.ts";
import { difference } from "./misc-formats.ts";
import type { Report } from "./report.ts";
import { readVectors } from "./vector-text.ts";

interface Base64Vectors {
  readonly cases: readonly {
    readonly inputHex: string;
    readonly outputHex: string;
    readonly exit: number;
    readonly error?: string;
  }[];
}

/** The buffer of the original's decoder, from whose start it counts bytes. */
const ORIGINAL_BUFFER_BYTES = 1024;

export async function checkDecodeBase64(vectorDirectory: string, report: Report): Promise<void> {
  const vectors = await readVectors<Base64Vectors>(vectorDirectory, "misc/decode-base64.json");
  for (const { inputHex, ...expected } of vectors?.cases ?? []) {
    const input = Buffer.from(inputHex, "hex");
    await report.check(`decode-base64 ${inputHex.slice(0, 60)}`, async () => {
      const result = await runInProcess({
        argv: ["decode-base64"],
        stdin: input,
        commands: COMMANDS,
        daemon: DAEMON,
      });
      const found = {
        outputHex: result.stdout.toString("hex"),
        exit: result.exitCode,
        error: result.stderr.trimEnd(),
      };
      if (input.length <= ORIGINAL_BUFFER_BYTES || expected.error === undefined) {
        return difference(found, { ...expected, error: expected.error ?? "" });
      }
      report.applyRule("R-BASE64-POSITION");
      const withoutNumber = (text: string) => text.replace(/\d+$/, "N");
      return difference(
        [found.exit, withoutNumber(found.error)],
        [expected.exit, withoutNumber(expected.error)],
      );
    });
  }
}
