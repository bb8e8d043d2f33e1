import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));

/** The real program as a child process, without colours or other inherited habits. */
function start(...argv: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [MAIN, ...argv], { env: {} });
}

async function exitOf(child: ChildProcessWithoutNullStreams): Promise<unknown> {
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  return code ?? signal;
}

describe("the program as a process", () => {
  it("prints the usage on standard error", async () => {
    const child = start("-h");
    const [exit, output, errors] = await Promise.all([exitOf(child), text(child.stdout), text(child.stderr)]);
    expect([exit, output]).toEqual([0, ""]);
    expect(errors).toMatch(/^Usage: installer \[flags\.\.\.\] \[command \[args\.\.\.\]\]\n/);
  });

  it("passes standard input through decode-base64, however much it is", async () => {
    const content = Buffer.alloc(3_000_000, "installer ");
    const child = start("decode-base64");
    child.stdin.end(content.toString("base64"));
    const [exit, output] = await Promise.all([exitOf(child), text(child.stdout)]);
    expect(exit).toBe(0);
    expect(output).toBe(content.toString());
  });

  it("writes what it decoded before a fault and exits with 1", async () => {
    const child = start("decode-base64");
    child.stdin.end("aGVsbG8= ");
    const [exit, output, errors] = await Promise.all([exitOf(child), text(child.stdout), text(child.stderr)]);
    expect([exit, output, errors]).toEqual([
      1,
      "hello",
      "error decoding base64 encoded data: unexpected EOF\n",
    ]);
  });

  it("ends quietly when nobody reads its output any more", async () => {
    const child = start("generate-random");
    child.stdout.once("data", () => child.stdout.destroy());
    const [exit, errors] = await Promise.all([exitOf(child), text(child.stderr)]);
    expect([exit, errors]).toEqual([141, ""]);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("ends with 130 on %s while it waits for input", async (signal) => {
    const child = start("decode-base64");
    child.stdin.write("aGVs");
    // Output proves that the command is at work.
    await once(child.stdout, "data");
    child.kill(signal);
    const [exit, errors] = await Promise.all([exitOf(child), text(child.stderr)]);
    expect([exit, errors]).toEqual([130, `error decoding base64 encoded data: interrupted by ${signal}\n`]);
  });

  it("ends with 130 on SIGINT while it produces output", async () => {
    const child = start("generate-random");
    await once(child.stdout, "data");
    child.stdout.resume();
    child.kill("SIGINT");
    const [exit, errors] = await Promise.all([exitOf(child), text(child.stderr)]);
    expect([exit, errors]).toEqual([130, "error generating random data: interrupted by SIGINT\n"]);
  });
});
