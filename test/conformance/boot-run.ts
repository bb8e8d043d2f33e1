import { posix } from "node:path";
import { silentLogger } from "../../src/core/logger.ts";
import {
  type BootDirectory,
  type BootFiles,
  checkBootable,
  chooseBootFiles,
  renderKernelOptions,
} from "../../src/storage/boot/boot-info.ts";
import { installBootLoader } from "../../src/storage/boot/boot-loader.ts";
import type { StoragePlan } from "../../src/storage/plan/plan.ts";
import { planStorage } from "../../src/storage/plan/plan-storage.ts";
import { acceptEnding } from "../../src/system/command-endings.ts";
import type { CommandRunner } from "../../src/system/commands.ts";
import { parseMountTable } from "../../src/system/mount-table.ts";
import { createFakeHost, FakeMounts } from "../support/fake-host.ts";
import type { MemoryFileSystem } from "../support/memory-file-system.ts";
import { countingUuids, drive, GIB, layout, MIB, partition } from "../unit/storage/plan/plan-fixtures.ts";
import type { BootVector } from "./boot-vector.ts";
import { type Facts, parseCommand } from "./storage-commands.ts";

/** What this program did with a vector. */
export interface BootOutcome {
  readonly files: BootFiles | undefined;
  readonly filesError: unknown;
  /** Why the image is refused before a drive is touched. */
  readonly refusal: unknown;
  readonly kernelOptions: string;
  readonly commands: readonly Facts[];
  readonly error: unknown;
  /** Texts of the target by path. */
  readonly texts: Readonly<Record<string, string>>;
}

const TEXTS = ["etc/fstab", ...["grub", "grub2"].flatMap(configurationsIn)];

function configurationsIn(name: string): readonly string[] {
  return [`boot/${name}/grub.cfg`, `boot/${name}/grub.cfg.template`];
}

/** Chooses the kernel, and installs the boot loader as after an installation; `isEfi`: how the machine was started. */
export async function runBootVector(vector: BootVector, isEfi: boolean): Promise<BootOutcome> {
  const [files, filesError] = attempt(() => chooseBootFiles(bootDirectoryOf(vector)));
  const [, refusal] = attempt(() => files && checkBootable(files));
  const kernelOptions = renderKernelOptions(
    `LABEL=${vector.rootLabel}`,
    vector.architecture,
    vector.extraOptions,
  );
  const host = createFakeHost({ files: filesOf(vector) });
  const commands: Facts[] = [];
  const error =
    files === undefined || refusal !== undefined
      ? undefined
      : await installBootLoader(
          {
            plan: planOf(vector, isEfi),
            targetRoot: vector.root,
            architecture: vector.architecture,
            entry: { kernel: files.kernel ?? "", initrd: files.initrd ?? "", kernelOptions },
          },
          {
            ...host,
            commands: grubRunner(vector, commands),
            mounts: new FakeMounts(host.files, parseMountTable(vector.mountTable)),
            log: silentLogger,
            signal: new AbortController().signal,
          },
        ).catch((thrown: unknown) => thrown);
  return {
    files,
    filesError,
    refusal,
    kernelOptions,
    commands,
    error,
    texts: await readTexts(vector, host.files),
  };
}

function attempt<Result>(action: () => Result): readonly [Result | undefined, unknown] {
  try {
    return [action(), undefined];
  } catch (error) {
    return [undefined, error];
  }
}

function bootDirectoryOf({ boot, entries }: BootVector): BootDirectory {
  if (boot === "missing") return { type: "missing" };
  if (boot !== "dir") return { type: "not-a-directory" };
  return { type: "directory", names: (entries ?? []).map(({ name }) => name) };
}

function filesOf(vector: BootVector): Readonly<Record<string, string>> {
  const { root, installersInImage, oldFstab, entries, grubDirectoryMissing, mountTable } = vector;
  const paths = [
    ...parseMountTable(mountTable).map(({ mountPoint }) => [posix.join(mountPoint, "/"), ""]),
    ...installersInImage.map((path) => [`${root}${path}`, "program"]),
    ...(oldFstab === null ? [] : [[`${root}/etc/fstab`, oldFstab]]),
    ...(entries ?? []).map(({ name }) => [`${root}/boot/${name}`, "content"]),
    ...(grubDirectoryMissing === true ? [] : ["grub", "grub2"].map((name) => [`${root}/boot/${name}/`, ""])),
  ];
  return Object.fromEntries([[`${root}/`, ""], [`${root}/boot/`, ""], ...paths]) as Record<string, string>;
}

/** A plan whose file-systems are those that the mount table has below the root. */
function planOf({ mountTable, root, disk }: BootVector, isEfi: boolean): StoragePlan {
  const types = new Map(
    parseMountTable(mountTable)
      .filter(({ mountPoint }) => mountPoint.startsWith(`${root}/`))
      .map(({ mountPoint, type }) => [posix.join("/", mountPoint.slice(root.length)), type]),
  );
  const others = [...types].map(([mountPoint, type]) =>
    partition(mountPoint, { fileSystemType: type === "vfat" ? "vfat" : "ext4", minimumBytes: 256 * MIB }),
  );
  return planStorage({
    layout: layout([partition("/", { minimumBytes: 4 * GIB }), ...others]),
    drives: [drive(posix.basename(disk), { devicePath: disk, sizeBytes: 512 * GIB })],
    imageUsageBytes: MIB,
    imageInodeCount: 100,
    firmware: isEfi ? "efi" : "bios",
    newUuid: countingUuids(),
  });
}

function grubRunner({ installerFailsWithOutput: output }: BootVector, commands: Facts[]): CommandRunner {
  return {
    async run(command) {
      const meaning = parseCommand([command.program, ...command.args], command.chroot);
      if (meaning.kind === "boot loader") commands.push(meaning.facts);
      const ending = { exitCode: output === undefined ? 0 : 3 };
      return acceptEnding(command, ending, { stdout: "", stderr: output ?? "", durationMs: 1 });
    },
    runInteractive: async () => 0,
  };
}

async function readTexts(
  { root }: BootVector,
  files: MemoryFileSystem,
): Promise<Readonly<Record<string, string>>> {
  const texts: Record<string, string> = {};
  for (const path of TEXTS)
    if (await files.exists(`${root}/${path}`)) texts[path] = await files.readText(`${root}/${path}`);
  return texts;
}
