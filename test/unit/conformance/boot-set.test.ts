import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bootSet, checkBootVector } from "../../conformance/boot.ts";
import { bootVector } from "../../conformance/boot-vector.ts";
import { Report } from "../../conformance/report.ts";
import { parseVector } from "../../conformance/vector-text.ts";

const VECTORS = join(import.meta.dirname, "../../vectors");

test("the recorded boot loaders of the original are set up the same, apart from the documented differences", async () => {
  const failures: string[] = [];
  const report = new Report((line) => failures.push(line));
  await bootSet.run(VECTORS, report);
  expect(failures).toEqual([]);
  expect(report.passed).toBe(25);
  expect(Object.fromEntries(report.rules)).toEqual({
    "R-BOOT-CONFIG-FIRST": 1,
    "R-BOOT-EFI-DIRECTORY": 1,
    "R-BOOT-FSTAB-KEPT": 25,
    "R-BOOT-GRUB-DIRECTORY": 1,
    "R-BOOT-NO-KERNEL": 4,
  });
});

/** What is recorded for a case, to be changed. */
interface Recording {
  boot: string;
  mountTable: string;
  entries: { name: string; kind: string }[];
  installersInImage: string[];
  expected: {
    bootInfo: { kernel: string; kernelOptions: string };
    bootLoaderCommand: { chroot: string; run: string[] };
    files: Record<string, string>;
    crash?: string;
  };
}

type Change = (recording: Recording) => void;

async function verdictOn(
  name: string,
  change: Change,
): Promise<{ why: string | undefined; rules: string[] }> {
  const recording = JSON.parse(readFileSync(join(VECTORS, "boot", `${name}.json`), "utf8")) as Recording;
  change(recording);
  const vector = parseVector(bootVector, JSON.stringify(recording));
  if (typeof vector === "string") return { why: vector, rules: [] };
  const rules: string[] = [];
  return { why: await checkBootVector(vector, { applyRule: (id) => rules.push(id) }), rules };
}

function inConfig(from: string, to: string): Change {
  return ({ expected }) => {
    const path = "boot/grub/grub.cfg";
    expected.files[path] = (expected.files[path] ?? "").replace(from, to);
  };
}

describe("a wrong recording is told from a right one", () => {
  const changes: readonly (readonly [string, Change, RegExp])[] = [
    ["another kernel", ({ expected }) => Object.assign(expected.bootInfo, { kernel: "/boot/x" }), /boot\/x/],
    [
      "kernel options without the blank",
      ({ expected }) => Object.assign(expected.bootInfo, { kernelOptions: "ro" }),
      /"ro"/,
    ],
    [
      "another root of GRUB's installer",
      ({ expected }) => Object.assign(expected.bootLoaderCommand, { chroot: "/" }),
      /runs/,
    ],
    [
      "an option of GRUB's installer",
      ({ expected }) => void expected.bootLoaderCommand.run.push("--force"),
      /--force/,
    ],
    ["a lacking option", ({ expected }) => void expected.bootLoaderCommand.run.pop(), /i386-pc/],
    ["a timeout", inConfig("timeout=0", "timeout=5"), /grub\.cfg/],
    ["a module", inConfig("insmod ext2", "insmod xfs"), /grub\.cfg/],
    [
      "the order of statements",
      inConfig("insmod gzio\n        insmod part_msdos", "insmod part_msdos\n        insmod gzio"),
      /grub\.cfg/,
    ],
    ["an error", ({ expected }) => Object.assign(expected, { makeBootableError: "no luck" }), /no luck/],
    ["a crash", ({ expected }) => Object.assign(expected, { crash: "panic" }), /no rule/],
    ["an unknown shape", (recording) => Object.assign(recording, { boot: "cupboard" }), /no vector: boot/],
  ];

  test.each(changes)("%s", async (_title, change, why) => {
    expect((await verdictOn("bios", change)).why).toMatch(why);
  });

  test("a comment of grub.cfg does not matter", async () => {
    expect((await verdictOn("bios", inConfig("# Generated", "# Made"))).why).toBeUndefined();
  });
});

describe("rules decide by what a case has, not by its name", () => {
  test("of several installers the one in /usr/sbin is run", async () => {
    const { why, rules } = await verdictOn("bios", ({ installersInImage, expected }) => {
      installersInImage.unshift("/bin/grub-install");
      expected.bootLoaderCommand.run[0] = "/bin/grub-install";
    });
    expect([why, rules]).toEqual([undefined, ["R-BOOT-FSTAB-KEPT", "R-BOOT-INSTALLER-PATH"]]);
  });

  test("a hidden EFI partition is none", async () => {
    const { why, rules } = await verdictOn("efi", (recording) => {
      recording.mountTable += "/dev/sda3 /mnt/mnt/efi ext4 rw 0 0\n";
    });
    expect([why, rules]).toEqual([undefined, ["R-BOOT-FSTAB-KEPT", "R-BOOT-EFI-DIRECTORY"]]);
  });

  test("a crash for want of a kernel is a refusal", async () => {
    const { why, rules } = await verdictOn("bios-separate-boot", (recording) => {
      recording.entries.length = 0;
      Object.assign(recording.expected, {
        bootInfo: undefined,
        bootLoaderCommand: undefined,
        crash: "panic",
      });
      recording.expected.files = { "etc/fstab": recording.expected.files["etc/fstab"] ?? "" };
    });
    expect([why, rules]).toEqual([undefined, ["R-BOOT-NO-KERNEL", "R-BOOT-FSTAB-KEPT"]]);
  });

  test("a kernel with an unusual name is refused", async () => {
    const { why, rules } = await verdictOn("bios", ({ entries }) => {
      for (const entry of entries) entry.name = entry.name.replace("vmlinuz-6", "vmlinuz-$6");
    });
    expect(why).toBeUndefined();
    expect(rules).toContain("R-BOOT-NAMES");
  });
});
