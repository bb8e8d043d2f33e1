import { describe, expect, it } from "vitest";
import { hasCode, messageChain } from "../../../src/core/errors.ts";
import type { StepContext } from "../../../src/engine/step.ts";
import type { FileSystemTree } from "../../../src/images/model.ts";
import { checkImages } from "../../../src/steps/check-images.step.ts";
import type { StorageLayout } from "../../../src/storage/plan/layout.ts";
import { directory, file, symlink, type TreeOutline, treeOf } from "../../support/image-trees.ts";
import {
  layout,
  MIB,
  ordinaryPartitions,
  partition,
  plan as planFixture,
} from "../storage/plan/plan-fixtures.ts";

const program = () => file("program", { mode: 0o100755 });

/** An image with everything in it; `changes` replace or add entries of its root. */
function image(changes: TreeOutline = {}): FileSystemTree {
  return treeOf({
    usr: {
      sbin: {
        parted: program(),
        cryptsetup: program(),
        "mkfs.ext4": program(),
        "mkfs.vfat": program(),
        "grub-install": program(),
      },
      lib: { grub: { "i386-pc": { "kernel.img": file("k") }, "x86_64-efi": { "kernel.img": file("k") } } },
    },
    sbin: symlink("usr/sbin"),
    boot: { "vmlinuz-1": file(Buffer.alloc(11 * MIB)) },
    var: { log: {} },
    etc: {},
    ...changes,
  });
}

interface Given {
  readonly target?: FileSystemTree;
  readonly tools?: FileSystemTree;
  readonly layout?: StorageLayout;
  readonly firmware?: "bios" | "efi";
}

async function check({
  target = image(),
  tools = image(),
  layout: given = layout(),
  firmware = "bios",
}: Given) {
  const plan = planFixture({ layout: given, firmware });
  const images = { target: { name: "debian/1", tree: target }, tools: { name: "tools/1", tree: tools } };
  // The step looks at its input alone.
  return checkImages.run({ plan, images }, {} as StepContext).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("images that fit the plan", () => {
  it.each(["bios", "efi"] as const)("are accepted: %s", async (firmware) => {
    expect(await check({ firmware, layout: layout(ordinaryPartitions, { encrypt: true }) })).toBeUndefined();
  });

  it("may keep the modules of GRUB elsewhere", async () => {
    expect(await check({ target: image({ usr: { sbin: { "grub2-install": program() } } }) })).toBeUndefined();
  });
});

describe("what would stop the installation half-way is refused before", () => {
  it("a tools image without the mkfs of a partition", async () => {
    const swap = partition("none", { fileSystemType: "swap", minimumBytes: 64 * MIB });
    const error = await check({ layout: layout([...ordinaryPartitions, swap, partition("/data/0")]) });
    expect(hasCode(error, "E_IMAGE_LACKS")).toBe(true);
    expect(messageChain(error)).toMatch(/^the tools image tools\/1 has no mkswap to make the swap of /);
  });

  it("an image without GRUB", async () => {
    const error = await check({ target: image({ usr: {} }) });
    expect(messageChain(error)).toBe("the image debian/1 has no grub-install or grub2-install");
  });

  it("an image with GRUB for the other firmware only", async () => {
    const usr = { sbin: { "grub-install": program() }, lib: { grub: { "i386-pc": directory() } } };
    const error = await check({ target: image({ usr }), firmware: "efi" });
    expect(messageChain(error)).toBe("the image debian/1 has no /usr/lib/grub/x86_64-efi");
  });

  it("a link in the place of a mount point", async () => {
    const error = await check({ target: image({ home: symlink("/var/home") }) });
    expect(hasCode(error, "E_TARGET_PATH")).toBe(true);
    expect(messageChain(error)).toBe("planning directory /home: the image debian/1 has a symlink at /home");
  });

  it("content that does not fit the file-system that it lies on", async () => {
    const parts = [partition("/boot", { minimumBytes: 12 * MIB }), ...ordinaryPartitions];
    const error = await check({ layout: layout(parts) });
    expect(hasCode(error, "E_LAYOUT_SIZE")).toBe(true);
    expect(messageChain(error)).toMatch(
      /^planning \/boot \(12 MiB\): ext4 would have room for .+, the image has .+ there/,
    );
  });

  it("more files than the file-system has inodes for", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`f${index}`, file(`${index}`)]),
    );
    const parts = ordinaryPartitions.map((each) =>
      each.mountPoint === "/home" ? { ...each, minimumFreeBytes: 64 * MIB, bytesPerInode: 65_536 } : each,
    );
    const error = await check({ target: image({ home: many }), layout: layout(parts) });
    expect(hasCode(error, "E_LAYOUT_INODES")).toBe(true);
  });
});
