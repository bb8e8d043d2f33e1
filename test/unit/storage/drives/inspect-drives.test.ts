import { beforeEach, describe, expect, test } from "vitest";
import { inspectDrives, withContents } from "../../../../src/storage/drives/inspect-drives.ts";
import { LVM_MEMBER, MEBI_SECTORS, SysfsMachine } from "./sysfs-machine.ts";

let machine: SysfsMachine;

beforeEach(async () => {
  machine = new SysfsMachine();
  await machine.addFile("/run/live/", "");
  await machine.addFile("/mnt/home/", "");
});

const place = (number: number) => `pci0000:00/0000:00:0${number}.0/virtio${number}/block`;
const inspect = async () =>
  (await inspectDrives(["/mnt", "/tmproot"], machine)).map(({ name, reason }) => [name, reason ?? "usable"]);
const mount = (source: string, target: string) => machine.mounts.mount({ source, target, type: "ext4" });

describe("use", () => {
  test("the medium that was booted is not usable, and the reason says so", async () => {
    await machine.addDrive("vda", { place: place(1) });
    await machine.addDrive("vda1", { place: `${place(1)}/vda`, attributes: { partition: "1\n" } });
    await machine.addDrive("vdb", { place: place(2) });
    await mount("/dev/vda1", "/run/live");
    expect(await inspect()).toEqual([
      ["vda", "in use: /dev/vda1 is mounted on /run/live"],
      ["vdb", "usable"],
    ]);
    expect(machine.log.messages).toContain("skipping drive in use: vda: /dev/vda1 is mounted on /run/live");
  });

  test("what an interrupted installation left mounted stays usable", async () => {
    await machine.addDrive("vda", { place: place(1) });
    await mount("/dev/vda", "/mnt/home");
    expect(await inspect()).toEqual([["vda", "usable"]]);
  });

  test("a drive that is mounted by its second path is not usable by its first", async () => {
    const attributes = { "device/wwid": "naa.5000c500a1b2c3d4\n" };
    await machine.addDrive("sda", {
      place: "pci0000:00/0000:00:02.0/host0/target0:0:0/0:0:0:0/block",
      attributes,
    });
    await machine.addDrive("sdb", {
      place: "pci0000:00/0000:00:03.0/host1/target1:0:0/1:0:0:0/block",
      attributes,
    });
    await mount("/dev/sdb", "/run/live");
    expect(await inspect()).toEqual([
      ["sda", "in use: /dev/sdb is mounted on /run/live"],
      ["sdb", "second path to sda"],
    ]);
  });
});

describe("contents", () => {
  const contentsOf = async (name: string) => {
    const report = (await inspectDrives([], machine)).find((candidate) => candidate.name === name);
    if (report === undefined) throw new Error(`no ${name}`);
    const { contents, memberOf } = await withContents(report, machine);
    return { contents, memberOf };
  };

  test("an empty drive carries nothing", async () => {
    await machine.addDrive("vda", { place: place(1) });
    expect(await contentsOf("vda")).toEqual({ contents: [], memberOf: undefined });
  });

  test("a physical volume makes the drive a member of its group", async () => {
    await machine.addDrive("vda", { place: place(1), content: LVM_MEMBER });
    expect(await contentsOf("vda")).toEqual({
      contents: ["LVM physical volume"],
      memberOf: "LVM volume group",
    });
  });

  test("a physical volume in a partition does so too", async () => {
    await machine.addDrive("vda", { place: place(1), content: `${"\0".repeat(2 ** 20)}${LVM_MEMBER}` });
    await machine.addDrive("vda1", {
      place: `${place(1)}/vda`,
      sectors: 2 * MEBI_SECTORS,
      attributes: { partition: "1\n", start: `${MEBI_SECTORS}\n` },
    });
    expect(await contentsOf("vda")).toEqual({
      contents: ["vda1: LVM physical volume"],
      memberOf: "LVM volume group",
    });
  });

  test("a drive that cannot be read is not taken for an empty one", async () => {
    await machine.addDrive("vda", { place: place(1) });
    const [report] = await inspectDrives([], machine);
    await machine.files.removeFile("/dev/vda");
    expect(report && (await withContents(report, machine))).toMatchObject({
      memberOf: "something that cannot be read",
    });
  });
});
