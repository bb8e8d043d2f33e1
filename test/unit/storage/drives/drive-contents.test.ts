import { beforeEach, expect, test } from "vitest";
import {
  findMembership,
  formatContents,
  readDriveContents,
} from "../../../../src/storage/drives/drive-contents.ts";
import { FakeEnvironment } from "../fake-environment.ts";

const MIB = 2 ** 20;
const SIZE_BYTES = 8 * MIB;

let machine: FakeEnvironment;
let content: Buffer;

beforeEach(() => {
  machine = new FakeEnvironment();
  machine.addBlockDevice("sda", SIZE_BYTES);
  content = Buffer.alloc(SIZE_BYTES);
});

function put(offsetBytes: number, text: string): void {
  content.write(text, offsetBytes, "latin1");
}

function addPartition(number: number, startBytes: number, sizeBytes: number): void {
  const name = `sda${number}`;
  machine.addBlockDevice(name, sizeBytes, "sda");
  machine.addFile(`/sys/class/block/${name}/start`, `${startBytes / 512}\n`);
}

async function read() {
  machine.nodes.set("/dev/sda", { type: "block", content: content.toString("latin1") });
  return readDriveContents(
    { name: "sda", devicePath: "/dev/sda", sizeBytes: SIZE_BYTES },
    machine.environment(),
  );
}

test("the drive's own marks come first, then each partition, copies are mentioned once", async () => {
  put(450, "\xee");
  put(510, "\x55\xaa");
  put(512, "EFI PART");
  put(SIZE_BYTES - 512, "EFI PART");
  addPartition(2, 4 * MIB, 2 * MIB);
  addPartition(1, MIB, 2 * MIB);
  addPartition(3, 6 * MIB, MIB);
  put(MIB, "XFSB");
  put(MIB + 108, "data");
  put(4 * MIB, "LUKS\xba\xbe\0\x02");
  put(4 * MIB + 16384, "SKUL\xba\xbe\0\x02");
  const contents = await read();
  expect(formatContents(contents)).toEqual(["GPT", 'sda1: xfs "data"', "sda2: LUKS2", "sda3: nothing known"]);
  expect(findMembership(contents)).toBeUndefined();
});

test("a member of something larger is known, even when only a partition is one", async () => {
  addPartition(1, MIB, 2 * MIB);
  put(MIB + 512, "LABELONE");
  put(MIB + 536, "LVM2 001");
  put(32, "ORCLDISK");
  const contents = await read();
  expect(findMembership(contents)).toBe("Oracle ASM disk group, LVM volume group");
});

test("an empty drive has nothing to tell", async () => {
  expect(formatContents(await read())).toEqual([]);
});

test("a drive that cannot be read does not stop anything", async () => {
  const broken = { ...machine.environment().files, readAt: () => Promise.reject(new Error("EIO")) };
  const contents = await readDriveContents(
    { name: "sdx", devicePath: "/dev/sdx", sizeBytes: SIZE_BYTES },
    machine.environment({ files: broken }),
  );
  expect(formatContents(contents)).toEqual(["cannot be read"]);
});
