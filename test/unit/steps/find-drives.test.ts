import { beforeEach, describe, expect, it } from "vitest";
import type { StepContext } from "../../../src/engine/step.ts";
import { type FindDrivesInput, findTargetDrives } from "../../../src/steps/find-drives.step.ts";
import { LVM_MEMBER, SysfsMachine } from "../storage/drives/sysfs-machine.ts";

let machine: SysfsMachine;

beforeEach(async () => {
  machine = new SysfsMachine();
  for (const [name, serial, content] of [
    ["vda", "A", ""],
    ["vdb", "B", LVM_MEMBER],
    ["vdc", "C", ""],
  ] as const) {
    const slot = name === "vda" ? 9 : name === "vdb" ? 5 : 7;
    await machine.addDrive(name, {
      place: `pci0000:00/0000:00:0${slot}.0/virtio${slot}/block`,
      attributes: { serial },
      content,
    });
  }
});

const find = async (layout: FindDrivesInput["layout"], driveSelector = "") => {
  const options = {
    driveSelector,
    sysfsDirectory: "/sys",
    procDirectory: "/proc",
    mountPoint: "/mnt",
    tmpRoot: "/tmproot",
  } as FindDrivesInput["options"];
  const context = {
    host: machine.host,
    log: machine.log,
    signal: new AbortController().signal,
  } as unknown as StepContext;
  return (await findTargetDrives.run({ options, layout }, context)).map(({ name }) => name);
};

describe("the drives to install to", () => {
  it("are all usable ones in bus order when nobody says otherwise", async () => {
    expect(await find({})).toEqual(["vdb", "vdc", "vda"]);
    expect(machine.log.messages).toContain("no drive selector: using all usable drives");
    expect(machine.log.messages.at(-1)).toBe("selected drives: vdb vdc vda");
  });

  it("are what the drive selector prints, which is told all usable ones", async () => {
    machine.host.commands.expect("/bin/choose vdb vdc vda", { stdout: "vda\nvdb\n" });
    expect(await find({}, "/bin/choose")).toEqual(["vda", "vdb"]);
    expect(machine.log.messages).toContain("drives are selected by /bin/choose");
  });

  it("are only those that the layout names", async () => {
    expect(await find({ bootDrive: { serial: "A" } })).toEqual(["vda"]);
    expect(await find({ bootDrive: { serial: "A" }, dataDrives: [{ serial: "B", count: 1 }] })).toEqual([
      "vda",
      "vdb",
    ]);
    expect(machine.log.messages).toContain(
      'drives are selected by storage-layout.json: BootDrive (Serial "A"), 1 DataDrives (Serial "B")',
    );
  });

  it("do not include a member of a volume group that is not named", async () => {
    await expect(
      find({ bootDrive: { path: "pci-0000:00:07.0" }, dataDrives: [{ transport: "virtio", count: 2 }] }),
    ).rejects.toMatchObject({
      code: "E_DRIVE_SELECTION",
      message: expect.stringContaining(
        'vdb 8 MiB, model "", serial "B", path pci-0000:00:05.0: matches, but is a member of LVM volume group; name it by Serial, Wwn or Path',
      ) as string,
    });
  });

  it("are not decided by two rules at once", async () => {
    await expect(find({ bootDrive: { serial: "A" } }, "/bin/choose")).rejects.toMatchObject({
      code: "E_DRIVE_SELECTION",
    });
    expect(machine.host.commands.commands).toEqual([]);
  });

  it("do not include the booted medium, and the list says why", async () => {
    await machine.addFile("/run/live/", "");
    await machine.mounts.mount({ source: "/dev/vdc", target: "/run/live", type: "iso9660" });
    expect(await find({})).toEqual(["vdb", "vda"]);
    await expect(find({ bootDrive: { serial: "C" } })).rejects.toMatchObject({
      message: expect.stringContaining(
        "matches, but cannot be used: in use: /dev/vdc is mounted on /run/live",
      ) as string,
    });
  });
});
