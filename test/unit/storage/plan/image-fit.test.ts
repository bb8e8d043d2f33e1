import { describe, expect, test } from "vitest";
import { estimateRoom } from "../../../../src/storage/plan/file-system-room.ts";
import { bootDriveVolumes } from "../../../../src/storage/plan/plan.ts";
import { drive, GIB, layout, MIB, partition, plan, TIB } from "./plan-fixtures.ts";

const defaults = { bytesPerInode: undefined, reservedBlocksPercentage: undefined };

/** MiB free for users and inodes, as e2fsprogs 1.47 and Linux 6 have them; mkfs was run on sparse files. */
test.each([
  [64, 512, 50.2, 16_384],
  [256, 512, 213, 65_536],
  [511, 512, 439, 130_560],
  [512, 512, 451, 32_768],
  [1024, 512, 906, 65_536],
  [8192, 512, 7538, 524_288],
  [64, 4096, 51.4, 16_384],
])(
  "ext4 of %i MiB with sectors of %i: about %d MiB and %i inodes",
  (sizeMiB, sectorBytes, freeMiB, inodes) => {
    const room = estimateRoom({ type: "ext4", ...defaults }, sizeMiB * MIB, sectorBytes, 0);
    expect(room.inodes).toBe(inodes);
    expect(room.bytes / MIB).toBeGreaterThan(freeMiB - 0.02 * sizeMiB);
    expect(room.bytes / MIB).toBeLessThan(freeMiB + 0.5);
  },
);

describe("reserved blocks and inode tables take room", () => {
  const room = (changes: object) =>
    estimateRoom({ type: "ext4", ...defaults, ...changes }, GIB, 512, 0).bytes;

  test("each percent reserved", () => {
    expect(room({ reservedBlocksPercentage: 10 }) - room({ reservedBlocksPercentage: 20 })).toBeCloseTo(
      GIB / 10,
      -4,
    );
  });

  test("256 bytes for each inode", () => {
    expect(room({ bytesPerInode: 8192 }) - room({ bytesPerInode: 4096 })).toBeCloseTo(2 ** 17 * 256, -5);
  });
});

test.each(["xfs", "btrfs"] as const)("many files take room of %s", (type) => {
  const room = (inodeCount: number) => estimateRoom({ type, ...defaults }, 4 * GIB, 512, inodeCount).bytes;
  expect(room(1_000_000)).toBeLessThan(room(1000) - 400 * MIB);
});

describe("what the root must hold", () => {
  const small = partition("/", { minimumBytes: 400 * MIB, fileSystemType: "xfs" });

  test("more files than xfs has inodes are refused", () => {
    expect(() => plan({ layout: layout([small]), imageUsageBytes: MIB, imageInodeCount: 300_000 })).toThrow(
      expect.objectContaining({
        code: "E_LAYOUT_INODES",
        message:
          "planning the root file-system of 400 MiB: it would have 204736 inodes, the image needs 300000",
      }),
    );
  });

  test("so are more bytes than xfs leaves of twice the image", () => {
    expect(() =>
      plan({
        layout: layout([partition("/", { fileSystemType: "xfs" })]),
        imageUsageBytes: 90 * MIB,
        imageInodeCount: 1000,
      }),
    ).toThrow(
      expect.objectContaining({
        code: "E_LAYOUT_SIZE",
        message:
          "planning the root file-system of 180 MiB: xfs would have room for 82636 KiB (84619264 bytes), " +
          "the image needs 90 MiB (94371840 bytes): raise MinimumBytes",
      }),
    );
  });

  test.each([1, 40, 400, 4000])(
    "twice the image is enough for an ordinary one of %i MiB on ext4",
    (sizeMiB) => {
      const usageBytes = sizeMiB * MIB;
      const asked = {
        layout: layout([partition("/")]),
        imageUsageBytes: usageBytes,
        imageInodeCount: 30 * sizeMiB,
      };
      if (sizeMiB === 1)
        expect(() => plan(asked)).toThrow(expect.objectContaining({ code: "E_LAYOUT_SIZE" }));
      else expect(bootDriveVolumes(plan(asked))[0]?.sizeBytes).toBe(2 * usageBytes);
    },
  );

  test("an image of nothing but empty files is refused for want of inodes", () => {
    expect(() =>
      plan({ layout: layout([partition("/")]), imageUsageBytes: 8 * MIB, imageInodeCount: 100_000 }),
    ).toThrow(expect.objectContaining({ code: "E_LAYOUT_INODES" }));
  });

  test("very large roots are computed without losing count", () => {
    const huge = partition("/", { minimumBytes: 30 * TIB });
    const onto = drive("sda", { sizeBytes: 40 * TIB });
    expect(bootDriveVolumes(plan({ layout: layout([huge]), drives: [onto] }))[0]?.sizeBytes).toBe(30 * TIB);
  });
});
