import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";

import type { CommandContext } from "../../../../src/cli/command.ts";
import { run } from "../../../../src/cli/commands/generate-random.ts";
import { InstallerError } from "../../../../src/core/errors.ts";

/** Runs until `blocks` blocks have come, then fails the write or aborts. */
async function collect(
  blocks: number,
  end: "write-error" | "abort",
): Promise<{ data: Buffer; error: unknown }> {
  const chunks: Buffer[] = [];
  const interruption = new AbortController();
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      if (chunks.length < blocks) return done();
      if (end === "write-error") return done(new Error("reader is gone"));
      interruption.abort(new InstallerError("E_CANCELLED", "stopped"));
      return done();
    },
  });
  // The failing write is reported to whoever writes; the event comes on top.
  stdout.on("error", () => undefined);
  const context = { stdout, signal: interruption.signal } as Partial<CommandContext> as CommandContext;
  const error: unknown = await run(context).catch((thrown: unknown) => thrown);
  return { data: Buffer.concat(chunks), error };
}

describe("generate-random", () => {
  it("writes blocks of 1 MiB until the output fails", async () => {
    const { data, error } = await collect(3, "write-error");
    expect(data.length).toBe(3 * 1024 * 1024);
    expect(error).toMatchObject({ code: "E_OUTPUT" });
  });

  it("stops when aborted", async () => {
    expect((await collect(2, "abort")).error).toMatchObject({ code: "E_CANCELLED" });
  });

  it("looks random and differs from run to run", async () => {
    const { data } = await collect(2, "abort");
    const counts = new Uint32Array(256);
    for (const byte of data) counts[byte] = (counts[byte] ?? 0) + 1;
    const expected = data.length / 256;
    for (const count of counts) expect(Math.abs(count - expected)).toBeLessThan(expected / 10);
    expect(data.subarray(0, 1024 * 1024).equals(data.subarray(1024 * 1024))).toBe(false);
    expect((await collect(2, "abort")).data.equals(data)).toBe(false);
  });
});
