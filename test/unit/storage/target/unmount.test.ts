import { beforeEach, describe, expect, test } from "vitest";
import { planUnmount, removeMounts, unmountTarget } from "../../../../src/storage/target/unmount.ts";
import { commandError, FakeEnvironment, systemError } from "../fake-environment.ts";
import { layout, MIB, partition, plan } from "../plan/plan-fixtures.ts";

let machine: FakeEnvironment;

const mounted = (...mountPoints: readonly string[]) =>
  mountPoints.map((mountPoint) => ({ source: "x", mountPoint, type: "ext4", options: "rw" }));

beforeEach(() => {
  machine = new FakeEnvironment();
  machine.mountTable.push(...mounted("/", "/mnt", "/mnt2", "/mnt/var", "/mnt/dev", "/mnt/var/log"));
});

test("the newest mounts go first, and only those at and below the directory", () => {
  expect(planUnmount(machine.mountTable, "/mnt")).toEqual(["/mnt/var/log", "/mnt/dev", "/mnt/var", "/mnt"]);
  expect(planUnmount([], "/mnt")).toEqual([]);
});

describe("unmounting the target", () => {
  const unmount = async (storagePlan = plan()) => unmountTarget(storagePlan, "/mnt", machine.environment());

  test("everything is synced first; without encryption no device mapper is needed", async () => {
    await unmount();
    expect(machine.actions).toEqual([
      "sync /mnt",
      "sync /mnt/var/log",
      "sync",
      "unmount /mnt/var/log",
      "unmount /mnt/dev",
      "unmount /mnt/var",
      "unmount /mnt",
      "sync",
    ]);
    expect(machine.mountTable.map(({ mountPoint }) => mountPoint)).toEqual(["/", "/mnt2"]);
  });

  test("the view of it in the tools root goes as well", async () => {
    machine.mountTable.push(...mounted("/tmproot", "/tmproot/mnt"));
    await unmount();
    expect(machine.actions[0]).toBe("unmount /tmproot/mnt");
    expect(machine.mountTable.map(({ mountPoint }) => mountPoint)).toContain("/tmproot");
  });

  test("the plan's encrypted volumes are closed, foreign ones stay", async () => {
    for (const name of ["sda2", "sda4", "foreign"]) machine.addFile(`/dev/mapper/${name}`, "");
    await unmount(plan({ layout: layout(undefined, { encrypt: true }) }));
    expect(machine.actions.filter((action) => action.startsWith("run"))).toEqual([
      "run cryptsetup close sda2 (chroot /tmproot)",
      "run cryptsetup close sda4 (chroot /tmproot)",
    ]);
  });

  test("a file-system that is busy for a moment is tried again", async () => {
    machine.busy.set("/mnt/var", 3);
    await unmount();
    expect(machine.actions.filter((action) => action === "unmount /mnt/var")).toHaveLength(4);
  });

  test("one that stays busy is an error", async () => {
    machine.busy.set("/mnt/var", 1_000_000);
    await expect(unmount()).rejects.toMatchObject({
      code: "E_UNMOUNT",
      message: "error unmounting: /mnt/var",
      cause: expect.objectContaining({ code: "EBUSY" }),
    });
  });

  test("lost writes are an error", async () => {
    const environment = machine.environment();
    const files = {
      ...environment.files,
      syncFileSystem: async () => Promise.reject(systemError("EIO", "/mnt")),
    };
    await expect(unmountTarget(plan(), "/mnt", { ...environment, files })).rejects.toMatchObject({
      code: "E_TARGET_WRITE",
      message: "syncing /mnt to /dev/sda1",
    });
  });

  test("every file-system of the target is asked for lost writes, not only the root", async () => {
    const mountPoints = ["/", "/var"].map((mountPoint) => partition(mountPoint, { minimumBytes: 64 * MIB }));
    await unmount(plan({ layout: layout(mountPoints) }));
    expect(machine.actions.filter((action) => action.startsWith("sync"))).toEqual([
      "sync /mnt",
      "sync /mnt/var",
      "sync",
      "sync",
    ]);
  });

  test("a mapping that cannot be closed is named with its device", async () => {
    for (const name of ["sda2", "sda4"]) machine.addFile(`/dev/mapper/${name}`, "");
    machine.failing.set("cryptsetup", commandError("cryptsetup"));
    await expect(unmount(plan({ layout: layout(undefined, { encrypt: true }) }))).rejects.toMatchObject({
      code: "E_UNMOUNT",
      message: "closing the encrypted /dev/sda2",
      cause: expect.objectContaining({ code: "E_COMMAND_FAILED" }),
    });
  });

  test("no target is an error", async () => {
    machine.mountTable.length = 0;
    await expect(unmount()).rejects.toMatchObject({
      code: "E_UNMOUNT",
      message: "did not find main mount point to unmount",
    });
  });
});

test("removing mounts where there are none is fine", async () => {
  await removeMounts("/elsewhere", machine.environment());
  expect(machine.actions).toEqual([]);
});
