import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errnoOf } from "../../../src/core/errors.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { createDryRunHost } from "../../../src/system/dry-run/dry-run-host.ts";
import type { FileSystem } from "../../../src/system/files.ts";
import type { Hashing } from "../../../src/system/hashing.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { idOf } from "../../support/image-trees.ts";

interface Machine {
  readonly files: FileSystem;
  readonly hashing: Hashing;
}

const adapters: readonly (readonly [string, () => Machine])[] = [
  ["WorkerHashing", createNodeHost],
  ["FakeHashing", createFakeHost],
  ["DryRunHashing", () => createDryRunHost(createNodeHost(), silentLogger)],
];

describe.each(adapters)("hashing: %s", (_, createMachine) => {
  let scratch = "";
  let machine: Machine = createMachine();
  const at = (name: string): string => join(scratch, name);

  beforeEach(async () => {
    scratch = mkdtempSync(join(tmpdir(), "hashing-contract-"));
    machine = createMachine();
    await machine.files.makeDirectory(scratch, { parents: true });
  });
  afterEach(async () => {
    await machine.hashing[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
  });

  it.each([
    ["nothing", []],
    ["one small chunk", [10]],
    ["small chunks", [10, 20, 30]],
    ["a small chunk, then a large one", [100, 100_000]],
    ["chunks at the size of a small file", [16_384, 1]],
    ["more than may be in flight", Array.from({ length: 12 }, () => 1_000_000)],
    ["empty chunks", [0, 5, 0]],
  ])("hashes what is written: %s", async (__, sizes) => {
    const chunks = sizes.map((size, index) => Buffer.alloc(size, index + 1));
    const content = Buffer.concat(chunks);
    const writer = await machine.hashing.createFile(at("file"));
    for (const chunk of chunks) await writer.write(chunk);
    expect(await writer.finish()).toEqual({ id: sha512(content), sizeBytes: content.byteLength });
    const status = await machine.files.lstat(at("file"));
    expect([status.sizeBytes, status.permissions]).toEqual([content.byteLength, 0o600]);
  });

  it("keeps the bytes around a chunk that is part of a larger buffer", async () => {
    const whole = Buffer.alloc(60_000, 7);
    const writer = await machine.hashing.createFile(at("file"));
    await writer.write(whole.subarray(0, 30_000));
    await writer.write(whole.subarray(30_000, 60_000));
    expect((await writer.finish()).id).toBe(sha512(Buffer.alloc(60_000, 7)));
    expect(whole.byteLength).toBe(60_000);
    expect(await machine.files.readFile(at("file"))).toEqual(Buffer.alloc(60_000, 7));
  });

  it("writes several files side by side", async () => {
    const names = ["a", "b", "c", "d"];
    const results = await Promise.all(
      names.map(async (name, index) => {
        const writer = await machine.hashing.createFile(at(name));
        for (let round = 0; round < 5; round++) await writer.write(Buffer.alloc(200_000, index));
        return writer.finish();
      }),
    );
    expect(results.map(({ id }) => id)).toEqual(
      names.map((__, index) => sha512(Buffer.alloc(1_000_000, index))),
    );
  });

  it("hashes an existing file", async () => {
    const content = Buffer.alloc(60_000, 9);
    await machine.files.writeFile(at("file"), content);
    expect(await machine.hashing.hashFile(at("file"))).toEqual({ id: sha512(content), sizeBytes: 60_000 });
    expect((await machine.hashing.hashFile(Buffer.from(at("file")))).sizeBytes).toBe(60_000);
    expect(await errno(machine.hashing.hashFile(at("none")))).toBe("ENOENT");
  });

  it("does not overwrite a file", async () => {
    await machine.files.writeFile(at("file"), "old");
    expect(await errno(machine.hashing.createFile(at("file")))).toBe("EEXIST");
    expect(await machine.files.readText(at("file"))).toBe("old");
  });

  it("makes files of expected content, and nothing of other content", async () => {
    const shared = Buffer.from("one two three");
    const [one, two, large] = [shared.subarray(0, 3), shared.subarray(4, 7), Buffer.alloc(700_000, 3)];
    const results = await Promise.all([
      machine.hashing.createExpected({ path: at("one"), id: idOf("one"), content: one }),
      machine.hashing.createExpected({ path: at("two"), id: idOf("TWO"), content: two }),
      machine.hashing.createExpected({ path: at("large"), id: idOf(large), content: Buffer.from(large) }),
      machine.hashing.createExpected({ path: at("empty"), id: idOf(""), content: new Uint8Array() }),
    ]);
    expect(results).toEqual([
      { id: idOf("one"), sizeBytes: 3 },
      { id: idOf("two"), sizeBytes: 3 },
      { id: idOf(large), sizeBytes: 700_000 },
      { id: idOf(""), sizeBytes: 0 },
    ]);
    expect(await machine.files.readDirectoryText(scratch)).toEqual(["empty", "large", "one"]);
    expect(await machine.files.readText(at("one"))).toBe("one");
    expect((await machine.files.lstat(at("one"))).permissions).toBe(0o600);
    expect(shared.toString()).toBe("one two three");
  });

  it("fails alone when it cannot make an expected file", async () => {
    await machine.files.writeFile(at("old"), "old");
    const [old, fresh] = await Promise.allSettled([
      machine.hashing.createExpected({ path: at("old"), id: idOf("new"), content: Buffer.from("new") }),
      machine.hashing.createExpected({ path: at("fresh"), id: idOf("new"), content: Buffer.from("new") }),
    ]);
    expect(old).toMatchObject({ status: "rejected", reason: { code: "EEXIST" } });
    expect(fresh).toMatchObject({ status: "fulfilled", value: { sizeBytes: 3 } });
    expect(await machine.files.readText(at("old"))).toBe("old");
  });

  it.each([[5], [2_000_000]])("leaves nothing when a file of %i bytes is abandoned", async (size) => {
    const writer = await machine.hashing.createFile(at("file"));
    await writer.write(Buffer.alloc(size));
    await writer.abandon();
    expect(await machine.files.exists(at("file"))).toBe(false);
  });
});

describe("WorkerHashing", () => {
  it("reports a full file-system and removes the file", async () => {
    const scratch = mkdtempSync(join(tmpdir(), "hashing-contract-"));
    const host = createNodeHost();
    await host.mounts.mount({ source: "none", target: scratch, type: "tmpfs", data: "size=1m" });
    try {
      const writer = await host.hashing.createFile(join(scratch, "file"));
      const write = async (): Promise<void> => {
        for (let round = 0; round < 8; round++) await writer.write(Buffer.alloc(500_000));
        await writer.finish();
      };
      expect(await errno(write())).toBe("ENOSPC");
      await writer.abandon();
      const content = Buffer.alloc(2_000_000);
      const expected = { path: join(scratch, "expected"), id: idOf(content), content };
      expect(await errno(host.hashing.createExpected(expected))).toBe("ENOSPC");
      expect(readdirSync(scratch)).toEqual([]);
    } finally {
      await host[Symbol.asyncDispose]();
      await host.mounts.unmount(scratch);
      rmSync(scratch, { recursive: true });
    }
  });

  it("refuses work after its end", async () => {
    const host = createNodeHost();
    await host[Symbol.asyncDispose]();
    await expect(host.hashing.hashFile("/etc/passwd")).rejects.toMatchObject({ code: "E_BUG" });
  });
});

function sha512(content: Uint8Array): string {
  return createHash("sha512").update(content).digest("hex");
}

async function errno(operation: Promise<unknown>): Promise<string | undefined> {
  return operation.then(
    () => "no error",
    (error: unknown) => errnoOf(error),
  );
}
