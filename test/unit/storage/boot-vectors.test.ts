import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Architecture,
  type BootDirectory,
  chooseBootFiles,
  renderKernelOptions,
} from "../../../src/storage/boot/boot-info.ts";
import { findEfiDirectory, renderGrubInstall } from "../../../src/storage/boot/boot-loader.ts";
import { GRUB_TEMPLATE_ENTRY, grubPath, renderGrubConfig } from "../../../src/storage/boot/grub-config.ts";
import { parseMountTable } from "../../../src/system/mount-table.ts";

/** Recorded from the original; formats: INDEX.md beside the files. */
const DIRECTORY = join(import.meta.dirname, "../../vectors/boot");

interface Vector {
  readonly name: string;
  readonly boot: "dir" | "missing" | "file" | "symlink";
  readonly entries: readonly { readonly name: string }[] | null;
  readonly rootLabel: string;
  readonly extraOptions: string;
  readonly architecture: Architecture;
  readonly disk: string;
  readonly root: string;
  readonly mountTable: string;
  readonly installersInImage: readonly string[];
  readonly expected: {
    readonly bootInfo?: { readonly kernel: string; readonly initrd: string; readonly kernelOptions: string };
    readonly bootInfoError?: string;
    readonly bootLoaderCommand?: { readonly chroot: string; readonly run: readonly string[] };
    readonly makeBootableError?: string;
    readonly files?: Readonly<Record<string, string>>;
  };
}

const vectors = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(join(DIRECTORY, name), "utf8")) as Vector);

function bootDirectory({ boot, entries }: Vector): BootDirectory {
  if (boot === "missing") return { type: "missing" };
  if (boot !== "dir") return { type: "not-a-directory" };
  return { type: "directory", names: (entries ?? []).map(({ name }) => name) };
}

function grubCommand(vector: Vector) {
  const path = vector.installersInImage[0] ?? "";
  const efiDirectory = findEfiDirectory(parseMountTable(vector.mountTable), vector.root);
  return renderGrubInstall(
    { path, configDirectory: path.endsWith("grub2-install") ? "boot/grub2" : "boot/grub" },
    {
      targetRoot: vector.root,
      devicePath: vector.disk,
      architecture: vector.architecture,
      firmware: efiDirectory === undefined ? "bios" : "efi",
      efiDirectory,
    },
  );
}

describe("kernel, initial RAM disk and options", () => {
  test.each(vectors.filter(({ expected }) => expected.bootInfo !== undefined))("$name", (vector) => {
    const { kernel, initrd } = chooseBootFiles(bootDirectory(vector));
    const kernelOptions = renderKernelOptions(vector.rootLabel, vector.architecture, vector.extraOptions);
    expect({ kernel: kernel ?? "", initrd: initrd ?? "", kernelOptions }).toEqual(vector.expected.bootInfo);
  });

  test.each(vectors.filter(({ expected }) => expected.bootInfoError !== undefined))(
    "$name: error",
    (vector) => {
      expect(() => chooseBootFiles(bootDirectory(vector))).toThrow(
        expect.objectContaining({ code: "E_BOOT_FILES", message: vector.expected.bootInfoError }),
      );
    },
  );
});

describe("boot loader", () => {
  test.each(vectors.filter(({ expected }) => expected.bootLoaderCommand !== undefined))(
    "$name: command",
    (vector) => {
      const { program, args, chroot } = grubCommand(vector);
      expect({ chroot, run: [program, ...args] }).toEqual(vector.expected.bootLoaderCommand);
    },
  );

  test.each(vectors.filter(({ name }) => name === "arm64-bios"))("$name: error", (vector) => {
    expect(() => grubCommand(vector)).toThrow(
      expect.objectContaining({ code: "E_BOOT_LOADER", message: vector.expected.makeBootableError }),
    );
  });

  const configurations = vectors.flatMap((vector) =>
    Object.entries(vector.expected.files ?? {})
      .filter(([path]) => path.startsWith("boot/"))
      .map(([path, text]) => ({ name: vector.name, path, text, vector })),
  );

  test.each(configurations)("$name: $path", ({ path, text, vector }) => {
    const mounts = parseMountTable(vector.mountTable);
    const isEfi = findEfiDirectory(mounts, vector.root) !== undefined;
    const separateBoot = mounts.some(({ mountPoint }) => mountPoint === `${vector.root}/boot`);
    const info = vector.expected.bootInfo;
    const entry = path.endsWith(".template")
      ? GRUB_TEMPLATE_ENTRY
      : {
          kernel: grubPath(info?.kernel ?? "", separateBoot),
          initrd: grubPath(info?.initrd ?? "", separateBoot),
          kernelOptions: info?.kernelOptions ?? "",
        };
    const rendered = renderGrubConfig(entry, {
      firmware: isEfi ? "efi" : "bios",
      tableType: isEfi ? "gpt" : "msdos",
    });
    expect(statements(rendered)).toEqual(statements(text));
  });
});

/** The wording of comments is free. */
function statements(config: string): readonly string[] {
  return config.split("\n").filter((line) => !line.startsWith("#"));
}
