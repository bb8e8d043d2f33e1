import { describe, expect, it } from "vitest";
import { hintOf, messageChain } from "../../../src/core/errors.ts";
import { DirectoryObjectStore } from "../../../src/objectcache/directory-object-store.ts";
import { installTargetBootLoader } from "../../../src/steps/install-boot-loader.step.ts";
import { makeDiskKey } from "../../../src/steps/make-disk-key.step.ts";
import { prepareTargetDrives } from "../../../src/steps/prepare-drives.step.ts";
import { unmountNewSystem } from "../../../src/steps/unmount-target.step.ts";
import { unpackTarget } from "../../../src/steps/unpack-target.step.ts";
import { writeSystemFiles } from "../../../src/steps/write-system-files.step.ts";
import type { StoragePlan } from "../../../src/storage/plan/plan.ts";
import { file, treeOf } from "../../support/image-trees.ts";
import { drive, layout, plan } from "../storage/plan/plan-fixtures.ts";
import { INSTALL_OPTIONS } from "./install-fixtures.ts";
import { type Fault, TargetMachine } from "./target-machine.ts";

const OPTIONS = { ...INSTALL_OPTIONS, skipNetwork: true };

const TREE = treeOf({
  boot: { "vmlinuz-6": file(""), "initrd.img-6": file("") },
  etc: {},
  usr: { sbin: { "grub-install": file("") } },
});

const PLANS: readonly (readonly [string, StoragePlan])[] = [
  ["BIOS", plan({ drives: [drive("sda"), drive("sdb")] })],
  [
    "EFI with encryption",
    plan({
      firmware: "efi",
      drives: [drive("sda"), drive("sdb")],
      layout: layout(undefined, { encrypt: true }),
    }),
  ],
];

/** What may fail without making the installation fail: there is another way, or nothing depends on it. */
const TOLERATED = ["blkdiscard", "blockdev", "kexec"];

interface Outcome {
  readonly machine: TargetMachine;
  readonly error: unknown;
}

/** The steps that change drives, as install.ts strings them together; then the cleanup. */
async function changeDrives(
  storage: StoragePlan,
  { fault, busy }: { readonly fault?: Fault; readonly busy?: string } = {},
): Promise<Outcome> {
  const machine = new TargetMachine(storage, fault);
  await machine.start();
  if (busy !== undefined) machine.mounts.busy.add(busy);
  const cleanup = new AsyncDisposableStack();
  const context = machine.context(cleanup);
  const { files, hashing } = context.host;
  const store = new DirectoryObjectStore({
    root: "/tmproot/objects",
    files,
    hashing,
    durability: "volatile",
  });
  const input = { options: OPTIONS, plan: storage };
  const image = { name: "debian/1", tree: TREE };
  const boot = { kernel: "/boot/vmlinuz-6", initrd: "/boot/initrd.img-6" };
  let error: unknown;
  try {
    await makeDiskKey.run({ plan: storage, toolsRoot: "/tmproot" }, context);
    const discardedDrives = await prepareTargetDrives.run(input, context);
    await unpackTarget.run({ ...input, image, cache: { store, wanted: new Map() } }, context);
    await writeSystemFiles.run({ ...input, imageName: image.name, discardedDrives }, context);
    await installTargetBootLoader.run(
      { options: OPTIONS, target: { storage, boot }, useKexec: true },
      context,
    );
    await unmountNewSystem.run(input, context);
  } catch (caught) {
    error = caught ?? new Error("nothing was thrown");
  }
  machine.mounts.busy.clear();
  await cleanup.disposeAsync();
  return { machine, error };
}

for (const [what, storage] of PLANS) {
  const good = await changeDrives(storage);
  const commands = [...new Set(good.machine.lines)];

  describe(`${what}, every command succeeds`, () => {
    it("boots, and leaves nothing mounted, mapped or secret behind", async () => {
      expect(good.error).toBeUndefined();
      expect(await good.machine.bootsFromDrive()).toBe(true);
      expect(await good.machine.mounts.read()).toEqual([]);
      expect(await good.machine.files.readDirectoryText("/dev/mapper")).toEqual([]);
      expect(await good.machine.files.readDirectoryText("/tmproot/etc")).toEqual([]);
    });

    it("runs the programs that the list of faults is about", () => {
      const programs = new Set(commands.map((line) => line.split(" ")[0]?.split("/").at(-1)));
      const encryption = storage.firmware === "efi" ? ["cryptsetup", "mkfs.vfat"] : [];
      expect(programs).toEqual(new Set([...TOLERATED, ...encryption, "grub-install", "mkfs.ext4", "parted"]));
    });
  });

  const faults = commands.flatMap((line) =>
    (["at once", "at the end"] as const).map((when): Fault => ({ line, when })),
  );
  const isTolerated = ({ line }: Fault) => TOLERATED.some((program) => line.startsWith(`${program} `));

  describe(`${what}, a command fails`, () => {
    it.each(faults.filter((fault) => !isTolerated(fault)))("$when: $line", async (fault) => {
      const { machine, error } = await changeDrives(storage, { fault });
      expect(await machine.bootsFromDrive()).toBe(false);
      expect(machine.lines).toContain(fault.line);
      const [program = ""] = fault.line.split(" ");
      const message = messageChain(error);
      expect(message).toContain(program);
      expect(message).toContain("exit code 7: made to fail");
      const device = /\/dev\/sd[ab]\d?/.exec(fault.line)?.[0] ?? "/dev/sd";
      expect(message).toContain(device);
      expect(hintOf(error) ?? "").not.toBe("");
      expect(await machine.mounts.read()).toEqual([]);
    });
  });

  describe(`${what}, a command fails that can do without`, () => {
    it.each(faults.filter(isTolerated))("$when: $line", async (fault) => {
      const { machine, error } = await changeDrives(storage, { fault });
      expect(machine.lines).toContain(fault.line);
      expect(error).toBeUndefined();
      expect(await machine.bootsFromDrive()).toBe(true);
    });
  });

  describe(`${what}, the machine fails after the boot code was written`, () => {
    const busy = ["/mnt", "/mnt/dev", ...(storage.firmware === "efi" ? ["/mnt/mnt/efi", "/mnt/home"] : [])];

    it.each(busy)("%s stays busy", async (mountPoint) => {
      const { machine, error } = await changeDrives(storage, { busy: mountPoint });
      expect(messageChain(error)).toContain(`error unmounting: ${mountPoint}`);
      expect(machine.lines.some((line) => line.includes("grub-install"))).toBe(true);
      expect(await machine.bootsFromDrive()).toBe(false);
    });
  });
}
