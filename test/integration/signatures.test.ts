import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSignatures } from "../../src/storage/drives/signatures.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import { FORGED_SIZE_BYTES, FORGERIES, forgedDevice } from "../support/forged-signatures.ts";

const host = createNodeHost();
let directory = "";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "signatures-"));
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const image = (): string => join(directory, "device.img");

function makeImage(content: Buffer = Buffer.alloc(0), sizeBytes = FORGED_SIZE_BYTES): string {
  rmSync(image(), { force: true });
  writeFileSync(image(), content);
  truncateSync(image(), sizeBytes);
  return image();
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

async function recognise() {
  const sizeBytes = (await host.files.stat(image())).sizeBytes;
  return readSignatures({ path: image(), startBytes: 0, sizeBytes }, host.files);
}

/** What wipefs(8) finds: type and place of each magic. */
function wipefs(): readonly { readonly type: string; readonly offset: string }[] {
  const output = run("wipefs", "--json", "-n", image());
  return output.trim() === "" ? [] : JSON.parse(output).signatures;
}

const hex = (offsetBytes: number): string => `0x${offsetBytes.toString(16)}`;

describe("what blkid and wipefs recognise, and where, is recognised the same", () => {
  test.each(FORGERIES.filter(({ blkid }) => blkid !== ""))("$name", async (forgery) => {
    makeImage(forgedDevice(forgery));
    const found = await recognise();
    expect(found[0]).toMatchObject({ type: forgery.type, text: forgery.text });
    expect(wipefs().map(({ type, offset }) => [type, offset])).toContainEqual([
      forgery.blkid,
      hex(forgery.blkidOffsetBytes ?? found[0]?.offsetBytes ?? -1),
    ]);
  });
});

describe("what the real tools make", () => {
  test.each([
    ["ext4", ["mkfs.ext4", "-q", "-F", "-L", "rootfs"], ['ext4 "rootfs"']],
    ["ext3", ["mkfs.ext3", "-q", "-F", "-L", "home"], ['ext3 "home"']],
    ["ext2", ["mkfs.ext2", "-q", "-F"], ["ext2"]],
    ["FAT16", ["mkfs.vfat", "-F", "16", "-n", "EFI"], ['vfat "EFI"']],
    ["FAT32", ["mkfs.vfat", "-F", "32"], ["vfat"]],
    ["swap", ["mkswap", "-L", "swap1"], ['swap "swap1"']],
    ["xfs", ["mkfs.xfs", "-q", "-f", "-L", "data"], ['xfs "data"']],
    ["btrfs", ["mkfs.btrfs", "-q", "-f", "-L", "pool"], ['btrfs "pool"', 'btrfs "pool"']],
    ["an MBR", ["parted", "-s"], ["MBR"], ["mklabel", "msdos", "mkpart", "primary", "1MiB", "100%"]],
    [
      "a GPT",
      ["parted", "-s"],
      ["protective MBR", "GPT", "backup of a GPT"],
      ["mklabel", "gpt", "mkpart", "primary", "1MiB", "100%"],
    ],
  ] as const)("%s", async (_name, [program, ...options], texts, after: readonly string[] = []) => {
    run(program, ...options, makeImage(undefined, 512 * 2 ** 20), ...after);
    const found = await recognise();
    expect(found.map(({ text }) => text).sort()).toEqual([...texts].sort());
    // All that wipefs finds and nothing else, but for copies that it does not look for.
    const places = new Set(found.map(({ offsetBytes }) => hex(offsetBytes)));
    for (const { offset } of wipefs().filter(({ type }) => type !== "vfat")) expect(places).toContain(offset);
  });

  test("an LVM volume group", async () => {
    const device = run("losetup", "--show", "-f", makeImage()).trim();
    try {
      const config = `devices { filter=["a|^${device}$|","r|.*|"] use_devicesfile=0 }`;
      run("pvcreate", "--config", config, "-qq", "-y", device);
      expect(await recognise()).toMatchObject([
        { type: "lvm-member", text: "LVM physical volume", memberOf: "LVM volume group" },
      ]);
      run("vgcreate", "--config", config, "-qq", "vg-data", device);
      expect(await recognise()).toMatchObject([
        { text: "LVM physical volume of group vg-data", memberOf: "LVM group vg-data" },
      ]);
    } finally {
      run("losetup", "-d", device);
    }
  });

  test("a GPT on a drive with sectors of 4096 bytes", async () => {
    const device = run("losetup", "-b", "4096", "--show", "-f", makeImage()).trim();
    try {
      run("parted", "-s", device, "mklabel", "gpt", "mkpart", "primary", "1MiB", "100%");
      const found = await recognise();
      expect(found.map(({ type, offsetBytes }) => [type, offsetBytes])).toEqual([
        ["protective-mbr", 510],
        ["gpt", 4096],
        ["gpt", FORGED_SIZE_BYTES - 4096],
      ]);
    } finally {
      run("losetup", "-d", device);
    }
  });

  test("nothing on an empty device", async () => {
    makeImage();
    expect(await recognise()).toEqual([]);
  });
});
