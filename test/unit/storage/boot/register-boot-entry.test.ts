import { beforeEach, describe, expect, test } from "vitest";
import { bootOptionName } from "../../../../src/storage/boot/efi-boot-entries.ts";
import {
  decodeLoadOption,
  encodeLoadOption,
  filePathNode,
  partitionGuidOf,
} from "../../../../src/storage/boot/efi-load-option.ts";
import { registerBootEntry } from "../../../../src/storage/boot/register-boot-entry.ts";
import type { FileSystem } from "../../../../src/system/files.ts";
import { systemError } from "../../../../src/system/system-error.ts";
import { MemoryFileSystem } from "../../../support/memory-file-system.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";
import { drive, plan } from "../plan/plan-fixtures.ts";
import { GPT_512, GPT_4096, gptDrive } from "./gpt-fixtures.ts";

const VARIABLES = "/sys/firmware/efi/efivars";
const ORDER = `${VARIABLES}/BootOrder-8be4df61-93ca-11d2-aa0d-00e098032b8c`;
const variable = (number: number) => `${VARIABLES}/${bootOptionName(number)}`;

const efi = plan({ firmware: "efi", drives: [drive("sda", { model: "QEMU HARDDISK" })] });

const pxe = Buffer.concat([
  Buffer.from([7, 0, 0, 0]),
  encodeLoadOption({ attributes: 1, description: "PXE", filePath: [], optionalData: new Uint8Array() }),
]);

let files: MemoryFileSystem;
let log: ReturnType<typeof createRecordingLogger>;

beforeEach(async () => {
  files = new MemoryFileSystem({ files: { "/dev/": "", [`${VARIABLES}/`]: "" } });
  await files.writeFile("/dev/sda", gptDrive(GPT_512));
  await files.writeFile(variable(0), pxe);
  await files.writeFile(ORDER, Buffer.from("070000000000", "hex"));
  const recording = createRecordingLogger();
  log = { ...recording, warn: (message) => recording.info(`warning: ${message}`) };
});

async function register(changes: Partial<FileSystem> = {}, place: "last" | "first" | "none" = "last") {
  const changed = new Proxy(files as FileSystem, {
    get: (target, name) => {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  await registerBootEntry(efi, "amd64", place, { files: changed, log });
}

const names = async () => (await files.readDirectoryText(VARIABLES)).map((name) => name.split("-")[0]);

async function storedOption(number: number) {
  const bytes = await files.readFile(variable(number));
  expect(bytes.subarray(0, 4).toString("hex")).toBe("07000000");
  const option = decodeLoadOption(bytes.subarray(4));
  if (option === undefined) throw new Error("no load option");
  return option;
}

test("the firmware gets an entry for the EFI partition of the drive, behind the others", async () => {
  await register();
  const option = await storedOption(1);
  expect(option.description).toBe("installer: QEMU HARDDISK");
  expect(option.filePath[1]).toEqual({
    ...filePathNode("\\EFI\\BOOT\\BOOTX64.EFI"),
    data: expect.anything(),
  });
  expect(Buffer.from(partitionGuidOf(option) ?? []).toString("hex")).toBe("389fb0823951cc4181fc6decd2ea859b");
  expect((await files.readFile(ORDER)).toString("hex")).toBe("0700000000000100");
  expect(log.messages).toEqual(["EFI boot entry Boot0001: installer: QEMU HARDDISK"]);
});

test("each variable is written whole, the order after what it lists", async () => {
  const written: string[] = [];
  await register({
    writeFile: async (path, content) => {
      written.push(String(path).slice(VARIABLES.length + 1, VARIABLES.length + 9));
      await files.writeFile(path, content);
    },
  });
  expect(written).toEqual(["Boot0001", "BootOrde"]);
});

test("installing again leaves no duplicates, and does not wear out the store", async () => {
  await register();
  const before = await files.readFile(variable(1));
  await register({ writeFile: async () => Promise.reject(new Error("nothing is to be written")) });
  expect(await names()).toEqual(["Boot0000", "Boot0001", "BootOrder"]);
  expect(await files.readFile(variable(1))).toEqual(before);
});

test("older entries of ours go", async () => {
  await register();
  await files.writeFile(variable(9), await files.readFile(variable(1)));
  await register();
  expect(await names()).toEqual(["Boot0000", "Boot0001", "BootOrder"]);
});

test("the numbers on a drive with sectors of 4096 bytes are in those sectors", async () => {
  await files.writeFile("/dev/sda", gptDrive(GPT_4096));
  const storage = plan({ firmware: "efi", drives: [drive("sda", { logicalSectorBytes: 4096 })] });
  await registerBootEntry(storage, "arm64", "last", { files, log });
  const option = await storedOption(1);
  expect(option.description).toBe("installer: sda");
  expect(Buffer.from(option.filePath[0]?.data ?? []).toString("hex", 4, 20)).toBe(
    "00010000000000000080000000000000",
  );
  expect(Buffer.from(option.filePath[1]?.data ?? []).toString("utf16le")).toBe("\\EFI\\BOOT\\BOOTAA64.EFI\0");
});

describe("nothing is touched", () => {
  test.each([
    ["with -efiBootEntry=none", efi, "none" as const],
    ["with BIOS", plan(), "last" as const],
  ])("%s", async (_what, storage, place) => {
    await registerBootEntry(storage, "amd64", place, { files, log });
    expect(await names()).toEqual(["Boot0000", "BootOrder"]);
    expect(log.messages).toEqual([]);
  });
});

describe("a firmware that does not take it is a warning, never a failure", () => {
  const failing = (code: "ENOSPC" | "EIO" | "EROFS" | "EINVAL") => async (path: unknown) => {
    throw systemError(code, "write", String(path));
  };

  test.each(["ENOSPC", "EIO", "EROFS", "EINVAL"] as const)("%s while writing", async (code) => {
    await register({ writeFile: failing(code) });
    expect(log.messages).toEqual([
      expect.stringMatching(
        new RegExp(`^warning: no EFI boot entry, .*: writing the firmware variable Boot0001-.*${code}`),
      ),
    ]);
  });

  test("a variable that could not be written leaves no empty file", async () => {
    await register({
      writeFile: async (path) => {
        await files.writeFile(path, "");
        throw systemError("ENOSPC", "write", path);
      },
    });
    expect(await names()).toEqual(["Boot0000", "BootOrder"]);
  });

  test("no efivars", async () => {
    await files.removeTree(VARIABLES);
    await register();
    expect(log.messages[0]).toMatch(/^warning: no EFI boot entry, .*ENOENT/);
  });

  test("efivarfs not mounted", async () => {
    for (const name of await files.readDirectoryText(VARIABLES))
      await files.removeFile(`${VARIABLES}/${name}`);
    await register();
    expect(log.messages[0]).toMatch(/efivarfs is not mounted on \/sys\/firmware\/efi\/efivars$/);
    expect(await names()).toEqual([]);
  });

  test.each([
    ["no table", Buffer.alloc(64 * 1024), "no GPT header"],
    ["an empty drive", Buffer.alloc(0), "no GPT header"],
    ["a table cut short", gptDrive(GPT_512).subarray(0, 2048), "GPT that ends in its entries"],
  ])("%s", async (_what, content, defect) => {
    await files.writeFile("/dev/sda", content);
    await register();
    expect(log.messages[0]).toContain(`reading the partition table of /dev/sda: ${defect}`);
    expect(await names()).toEqual(["Boot0000", "BootOrder"]);
  });

  test("variables with less than their attributes, or nonsense", async () => {
    await files.writeFile(variable(0), Buffer.from([7]));
    await files.writeFile(variable(2), Buffer.alloc(3000, 0xff));
    await files.writeFile(ORDER, Buffer.from([7, 0]));
    await register();
    expect((await storedOption(1)).description).toBe("installer: QEMU HARDDISK");
    expect((await files.readFile(variable(2))).byteLength).toBe(3000);
  });
});
