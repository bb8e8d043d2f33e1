import { describe, expect, it } from "vitest";

import { COMMANDS, DAEMON } from "../../../../src/cli/command-table.ts";
import { runInProcess } from "../../../support/program-in-process.ts";

function decode(text: string) {
  return runInProcess({
    argv: ["decode-base64"],
    stdin: Buffer.from(text),
    daemon: DAEMON,
    commands: COMMANDS,
  });
}

describe("decode-base64", () => {
  it("decodes standard input", async () => {
    const { exitCode, stdout, stderr } = await decode("aGVs\nbG8=\n");
    expect([exitCode, stdout.toString(), stderr]).toEqual([0, "hello", ""]);
  });

  it.each([
    ["aGVsbG8", "hel", "error decoding base64 encoded data: unexpected EOF\n"],
    ["aGVsbG!=", "hel", "error decoding base64 encoded data: illegal base64 data at input byte 6\n"],
  ])("writes what comes before the fault in %j", async (text, output, error) => {
    const { exitCode, stdout, stderr } = await decode(text);
    expect([exitCode, stdout.toString(), stderr]).toEqual([1, output, error]);
  });
});
