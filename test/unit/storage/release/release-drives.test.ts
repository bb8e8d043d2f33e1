import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { proveNotInUse } from "../../../../src/storage/drives/drive-use.ts";
import { formatReleasePlan } from "../../../../src/storage/release/plan-release.ts";
import { readReleasePlan, releaseDrives } from "../../../../src/storage/release/release-drives.ts";
import { drive } from "../plan/plan-fixtures.ts";
import { FakeStack, stackOfLvmOnRaid } from "./fake-stack.ts";

const OWN_ROOTS = ["/mnt", "/tmproot"];

async function release(stack: FakeStack, ...names: readonly string[]): Promise<readonly string[]> {
  const environment = stack.environment();
  const drives = names.map((name) => drive(name));
  const plan = await readReleasePlan(drives, OWN_ROOTS, environment);
  await releaseDrives(plan, environment);
  const actions = [...stack.actions];
  await proveNotInUse(drives, environment);
  return actions;
}

async function planned(stack: FakeStack, ...names: readonly string[]): Promise<readonly string[]> {
  const drives = names.map((name) => drive(name));
  return formatReleasePlan(await readReleasePlan(drives, OWN_ROOTS, stack.environment()));
}

describe("a drive that carried LVM on a RAID array", () => {
  test("is shown with everything that will be taken down, each once", async () => {
    const stack = await stackOfLvmOnRaid();
    await stack.swapOn("/dev/mapper/vg0-swap");
    expect(await planned(stack, "sda", "sdb")).toEqual([
      "before erasing: switch off swap on /dev/mapper/vg0-swap",
      "before erasing: deactivate logical volume vg0-root on sda, sdb",
      "before erasing: deactivate logical volume vg0-home on sda, sdb",
      "before erasing: deactivate logical volume vg0-swap on sda, sdb",
      "before erasing: stop RAID array md127 (raid1) on sda, sdb",
    ]);
    expect(stack.actions).toEqual([]);
  });

  test("is idle afterwards: volumes go before the array below them", async () => {
    const stack = await stackOfLvmOnRaid();
    await stack.swapOn("/dev/mapper/vg0-swap");
    expect(await release(stack, "sda", "sdb")).toEqual([
      "swapoff /dev/mapper/vg0-swap (chroot /tmproot)",
      "dmsetup remove --retry vg0-root (chroot /tmproot)",
      "dmsetup remove --retry vg0-home (chroot /tmproot)",
      "dmsetup remove --retry vg0-swap (chroot /tmproot)",
      "mdadm --stop /dev/md127 (chroot /tmproot)",
    ]);
  });

  test("without mdadm and dmsetup the kernel and the tools of LVM do it", async () => {
    const stack = await stackOfLvmOnRaid();
    stack.programs.delete("mdadm");
    stack.programs.delete("dmsetup");
    stack.programs.add("lvchange");
    expect(await release(stack, "sda", "sdb")).toEqual([
      "lvchange -an vg0/root (chroot /tmproot)",
      "lvchange -an vg0/home (chroot /tmproot)",
      "lvchange -an vg0/swap (chroot /tmproot)",
      "write clear to /sys/class/block/md127/md/array_state",
    ]);
  });

  test("a drive that is not selected, and would be left with half of the array, is warned of loudly", async () => {
    const stack = await stackOfLvmOnRaid();
    const { warnings } = await readReleasePlan([drive("sda")], OWN_ROOTS, stack.environment());
    expect(warnings).toContain(
      "RAID array md127 (raid1) also lies on sdb, which stays untouched: without sda what is left there is degraded or incomplete",
    );
    expect(warnings).toHaveLength(4);
    expect(
      (await readReleasePlan([drive("sda"), drive("sdb")], OWN_ROOTS, stack.environment())).warnings,
    ).toEqual([]);
  });

  test("a volume that is mounted elsewhere is in use: nothing is taken down, and everything is named", async () => {
    const stack = await stackOfLvmOnRaid();
    await stack.mount("/dev/mapper/vg0-home", "/srv");
    await expect(readReleasePlan([drive("sdb")], OWN_ROOTS, stack.environment())).rejects.toMatchObject({
      code: "E_DRIVE_IN_USE",
      message:
        "checking that /dev/sdb is not in use: /dev/sdb2 is held by RAID array md127 (raid1), " +
        "/dev/md127 is held by logical volume vg0-root, /dev/md127 is held by logical volume vg0-home, " +
        "/dev/md127 is held by logical volume vg0-swap, /dev/mapper/vg0-home is mounted on /srv",
    });
  });
});

describe("what an earlier attempt left behind", () => {
  test("mounts go newest first, with the system directories in them, and the encrypted volumes close", async () => {
    const stack = new FakeStack();
    await stack.add({ name: "sda" });
    await stack.add({ name: "sda1", parent: "sda" });
    await stack.add({ name: "sda2", parent: "sda" });
    await stack.add({ name: "dm-0", on: ["sda2"], dm: { name: "sda2", uuid: "CRYPT-LUKS2-x-sda2" } });
    await stack.mount("/dev/sdz1", "/usb");
    await stack.mount("/dev/sda1", "/mnt");
    await stack.mount("/dev/mapper/sda2", "/mnt/home");
    await stack.mount("devtmpfs", "/mnt/dev");
    await stack.mount("tmpfs", "/tmproot");
    expect(await release(stack, "sda")).toEqual([
      "unmount /mnt/dev",
      "unmount /mnt/home",
      "unmount /mnt",
      "dmsetup remove --retry sda2 (chroot /tmproot)",
    ]);
    expect((await stack.host.mounts.read()).map(({ mountPoint }) => mountPoint)).toEqual([
      "/usb",
      "/tmproot",
    ]);
  });

  test("/mnt2 is not ours", async () => {
    const stack = await new FakeStack().add({ name: "sda" });
    await stack.mount("/dev/sda", "/mnt2");
    await expect(planned(stack, "sda")).rejects.toMatchObject({ code: "E_DRIVE_IN_USE" });
  });

  test("cryptsetup does when there is no dmsetup", async () => {
    const stack = await new FakeStack().add({ name: "sda" });
    await stack.add({ name: "dm-0", on: ["sda"], dm: { name: "sda", uuid: "CRYPT-LUKS2-x-sda" } });
    stack.programs.delete("dmsetup");
    stack.programs.add("cryptsetup");
    expect(await release(stack, "sda")).toEqual(["cryptsetup close sda (chroot /tmproot)"]);
  });
});

describe("special stacks", () => {
  test("multipath: two paths to one drive are one drive, and no warning", async () => {
    const stack = await new FakeStack().add({ name: "sda" });
    await stack.add({ name: "sdb" });
    await stack.add({ name: "dm-0", on: ["sda", "sdb"], dm: { name: "mpatha", uuid: "mpath-36" } });
    await stack.add({ name: "dm-1", on: ["dm-0"], dm: { name: "mpatha-part1", uuid: "part1-mpath-36" } });
    const { warnings } = await readReleasePlan([drive("sda")], OWN_ROOTS, stack.environment());
    expect(warnings).toEqual([]);
    expect(await planned(stack, "sda")).toEqual([
      "before erasing: remove mapping mpatha-part1 on sda",
      "before erasing: remove multipath map mpatha on sda",
    ]);
    await release(stack, "sda");
  });

  test("a partitioned array: what lies on its partitions goes first", async () => {
    const stack = await new FakeStack().add({ name: "nvme0n1" });
    await stack.add({ name: "md0", on: ["nvme0n1"], md: { level: "raid0" } });
    await stack.add({ name: "md0p1", parent: "md0" });
    await stack.add({ name: "dm-0", on: ["md0p1"], dm: { name: "x", uuid: "CRYPT-PLAIN-x" } });
    expect(await release(stack, "nvme0n1")).toEqual([
      "dmsetup remove --retry x (chroot /tmproot)",
      "mdadm --stop /dev/md0 (chroot /tmproot)",
    ]);
  });

  test("firmware RAID: its volumes stop before their container, although both hold the drives", async () => {
    const stack = await new FakeStack().add({ name: "sda" });
    await stack.add({ name: "md127", on: ["sda"], md: { level: "container", metadata: "external:imsm" } });
    await stack.add({ name: "md126", on: ["sda"], md: { level: "raid1", metadata: "external:/md127/0" } });
    expect(await release(stack, "sda")).toEqual([
      "mdadm --stop /dev/md126 (chroot /tmproot)",
      "mdadm --stop /dev/md127 (chroot /tmproot)",
    ]);
  });

  test("bcache has no program: the kernel is told", async () => {
    const stack = await new FakeStack().add({ name: "sda" });
    await stack.add({ name: "bcache0", on: ["sda"] });
    expect(await release(stack, "sda")).toEqual(["write 1 to /sys/class/block/bcache0/bcache/stop"]);
  });

  test("a holder that nobody knows how to stop is a drive in use", async () => {
    const stack = await new FakeStack().add({ name: "sda" });
    await stack.add({ name: "drbd0", on: ["sda"] });
    await expect(planned(stack, "sda")).rejects.toMatchObject({
      code: "E_DRIVE_IN_USE",
      message: "checking that /dev/sda is not in use: /dev/sda is held by drbd0",
    });
  });

  test("idle drives need nothing", async () => {
    expect(await release(await new FakeStack().add({ name: "sda" }), "sda")).toEqual([]);
  });
});

test("swap is switched off by this system's own program when the tools have none", async () => {
  const stack = await new FakeStack().add({ name: "sda" });
  await stack.swapOn("/dev/sda");
  stack.ownPrograms.add("swapoff");
  stack.programs.delete("swapoff");
  expect(await release(stack, "sda")).toEqual(["swapoff /dev/sda"]);
});

test("a swap file lies in a file-system of this system, not of the tools", async () => {
  const stack = await new FakeStack().add({ name: "sda" });
  await stack.mount("/dev/sda", "/mnt");
  await stack.placeFile("/mnt/swap", "sda");
  await stack.swapOn("/mnt/swap");
  stack.ownPrograms.add("swapoff");
  expect(await release(stack, "sda")).toEqual(["swapoff /mnt/swap", "unmount /mnt"]);
});

describe("failures name the drives, what was tried, and what to try next", () => {
  test("no program for it", async () => {
    const stack = await new FakeStack().add({ name: "sda" });
    await stack.add({ name: "dm-0", on: ["sda"], dm: { name: "x", uuid: "CRYPT-x" } });
    stack.programs.clear();
    await expect(release(stack, "sda")).rejects.toMatchObject({
      code: "E_DRIVE_RELEASE",
      message: "releasing /dev/sda: close encrypted volume x on sda",
      hint: expect.stringContaining("`dmsetup remove --retry x`"),
      cause: { message: "the tools image has none of: dmsetup, cryptsetup" },
    });
  });

  test("a program that succeeds without effect", async () => {
    const stack = await new FakeStack().add({ name: "sda" });
    await stack.add({ name: "md0", on: ["sda"], md: { level: "raid1" } });
    stack.stuck.add("md0");
    await expect(release(stack, "sda")).rejects.toMatchObject({
      code: "E_DRIVE_RELEASE",
      message: "releasing /dev/sda: stop RAID array md0 (raid1) on sda",
      cause: { message: "waiting for md0 to go: it is still there after 10 s" },
    });
  });

  test("a mount that stays busy", async () => {
    const stack = await new FakeStack().add({ name: "sda" });
    await stack.mount("/dev/sda", "/mnt");
    stack.host.mounts.busy.add("/mnt");
    await expect(release(stack, "sda")).rejects.toMatchObject({
      code: "E_DRIVE_RELEASE",
      message: "releasing /dev/sda: unmount /mnt",
    });
  });
});

test("however devices are stacked, they come down without anything above them, and the drives are idle", async () => {
  // Each device lies on one to three of those before it.
  const stacks = fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(stacks, async (layers) => {
      const stack = await new FakeStack().add({ name: "sda" });
      await stack.add({ name: "sdb" });
      const names = ["sda", "sdb"];
      for (const [index, below] of layers.entries()) {
        const on = [...new Set(below.map((choice) => names[choice % names.length] ?? "sda"))];
        const name = index % 3 === 0 ? `md${index}` : `dm-${index}`;
        const kind =
          index % 3 === 0
            ? { md: { level: "raid1" } }
            : { dm: { name: `map${index}`, uuid: index % 3 === 1 ? "LVM-x" : "CRYPT-x" } };
        await stack.add({ name, on, ...kind });
        names.push(name);
      }
      expect(await release(stack, "sda", "sdb")).toHaveLength(layers.length);
    }),
    { seed: 3, numRuns: 60 },
  );
});
