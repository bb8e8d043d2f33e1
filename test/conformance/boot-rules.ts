import { convertCommand, convertConfiguration, efiDirectory } from "./boot-efi.ts";
import type { BootVector } from "./boot-vector.ts";
import { type Facts, parseCommand } from "./storage-commands.ts";

/** What this program has to do with a vector: what the original did, as changed by the rules. */
export interface BootExpectation {
  info: BootVector["expected"]["bootInfo"];
  infoError: string | undefined;
  /** The image is refused before a drive is touched. */
  isRefused: boolean;
  command: Facts | undefined;
  error: string | undefined;
  files: Readonly<Record<string, string>>;
  /** There may be a grub.cfg that the recording does not tell of; it must be that of the entry. */
  isConfigUnknown: boolean;
  isEfi: boolean;
}

interface BootRule {
  readonly id: string;
  apply(expectation: BootExpectation, vector: BootVector): boolean;
}

const PLAIN_NAME = /^[\w.+~-]+$/;
const KERNEL = /^vmlinuz-/;
const INITRD = /^(initrd\.img-|initramfs-)/;

/** Deliberate differences from the original, described in docs/differences.md. */
const BOOT_RULES: readonly BootRule[] = [
  {
    id: "R-BOOT-NO-KERNEL",
    apply(expectation, { expected, entries }) {
      const names = (entries ?? []).map(({ name }) => name);
      if (expected.bootInfoError !== undefined || (names.some(isKernel) && names.some(isInitrd)))
        return false;
      refuse(expectation);
      return true;
    },
  },
  {
    id: "R-BOOT-NAMES",
    apply(expectation, { expected, entries }) {
      const used = (entries ?? []).map(({ name }) => name).filter((name) => isKernel(name) || isInitrd(name));
      if (expected.bootInfoError !== undefined || used.every((name) => PLAIN_NAME.test(name))) return false;
      expectation.info = undefined;
      expectation.infoError = "special characters";
      refuse(expectation);
      return true;
    },
  },
  {
    id: "R-BOOT-FSTAB-KEPT",
    apply(expectation, { oldFstab }) {
      const { "etc/fstab": written, ...others } = expectation.files;
      if (written === undefined || written === oldFstab) return false;
      expectation.files = oldFstab === null ? others : { ...others, "etc/fstab": oldFstab };
      return true;
    },
  },
  {
    id: "R-BOOT-EFI-DIRECTORY",
    apply(expectation, vector) {
      const place = efiDirectory(vector);
      const { command, files } = expectation;
      if (command === undefined || place === command["--efi-directory"]) return false;
      expectation.isEfi = place !== undefined;
      expectation.command = convertCommand(command, place, vector);
      expectation.files = Object.fromEntries(
        Object.entries(files).map(([path, text]) => [
          path,
          path.startsWith("boot/") ? convertConfiguration(text, expectation.isEfi) : text,
        ]),
      );
      return true;
    },
  },
  {
    id: "R-BOOT-GRUB-DIRECTORY",
    apply(expectation) {
      if (expectation.error?.startsWith("error creating GRUB config file") !== true) return false;
      expectation.error = undefined;
      expectation.isConfigUnknown = true;
      return true;
    },
  },
  {
    id: "R-BOOT-CONFIG-FIRST",
    apply(expectation) {
      if (expectation.error?.startsWith("error installing GRUB") !== true) return false;
      expectation.isConfigUnknown = true;
      return true;
    },
  },
  {
    id: "R-BOOT-INSTALLER-PATH",
    apply(expectation, { installersInImage }) {
      const { command } = expectation;
      const name = command?.["program"]?.split("/").at(-1);
      const found = SEARCH_PATH.map((directory) => `${directory}/${name}`).find((path) =>
        installersInImage.includes(path),
      );
      if (command === undefined || found === undefined || found === command["program"]) return false;
      expectation.command = { ...command, program: found };
      return true;
    },
  },
];

const SEARCH_PATH = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** The recorded result as changed by the rules, and which they were. */
export function expectBoot(vector: BootVector): {
  readonly expectation: BootExpectation;
  readonly rules: readonly string[];
} {
  const { bootInfo, bootInfoError, bootLoaderCommand, makeBootableError, files } = vector.expected;
  const command = bootLoaderCommand && parseCommand(bootLoaderCommand.run, bootLoaderCommand.chroot);
  const facts = command?.kind === "boot loader" ? command.facts : undefined;
  const expectation: BootExpectation = {
    info: bootInfo,
    infoError: bootInfoError,
    isRefused: bootInfoError !== undefined,
    command: facts,
    // What the program said is not compared (INDEX.md).
    error:
      bootInfoError === undefined
        ? makeBootableError?.replace(/^(error installing GRUB on: [^:]+):.*$/s, "$1")
        : undefined,
    files,
    isConfigUnknown: false,
    isEfi: facts?.["--efi-directory"] !== undefined,
  };
  return {
    expectation,
    rules: BOOT_RULES.filter((rule) => rule.apply(expectation, vector)).map(({ id }) => id),
  };
}

/** Nothing is installed, so nothing is written. */
function refuse(expectation: BootExpectation): void {
  expectation.isRefused = true;
  expectation.command = undefined;
  expectation.error = undefined;
  const { "etc/fstab": fstab } = expectation.files;
  expectation.files = fstab === undefined ? {} : { "etc/fstab": fstab };
}

function isKernel(name: string): boolean {
  return KERNEL.test(name);
}

function isInitrd(name: string): boolean {
  return INITRD.test(name);
}
