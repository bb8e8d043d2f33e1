import { InstallerError } from "../../core/errors.ts";
import { defaultConsoles } from "./consoles.ts";

/** What the image has at `/boot`: its entries' names, or that it is no directory (a link does not count as one). */
export type BootDirectory =
  | { readonly type: "missing" }
  | { readonly type: "not-a-directory" }
  | { readonly type: "directory"; readonly names: readonly string[] };

/** Paths inside the target (`/boot/vmlinuz-…`); undefined when the image has none. */
export interface BootFiles {
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
}

/** Processor architectures in the words of Go and of the configuration. */
export type Architecture = "amd64" | "arm64";

const INITRD_PREFIXES = ["initrd.img-", "initramfs-"];

/** Names that GRUB's script language and a kernel command line take without quoting. */
const PLAIN_NAME = /^[\w.+~-]+$/;

/** Picks kernel and initial RAM disk of an image (spec/image.md section 10). Throws E_BOOT_FILES for several of a kind. */
export function chooseBootFiles(boot: BootDirectory): BootFiles {
  if (boot.type === "missing") throw bootError("missing /boot directory");
  if (boot.type === "not-a-directory") throw bootError("/boot is not a directory");
  const kernels = boot.names.filter((name) => name.startsWith("vmlinuz-"));
  const initrds = boot.names.filter((name) => INITRD_PREFIXES.some((prefix) => name.startsWith(prefix)));
  if (kernels.length > 1) throw bootError("multiple kernel images");
  if (initrds.length > 1) throw bootError("multiple initrd images");
  return { kernel: bootPath(kernels[0]), initrd: bootPath(initrds[0]) };
}

/**
 * Throws E_BOOT_FILES unless the image could boot: a kernel, and an initial RAM disk, without which the kernel cannot
 * find a root file-system by its label. The original found out after the drives were erased.
 */
export function checkBootable(files: BootFiles): asserts files is { kernel: string; initrd: string } {
  if (files.kernel === undefined) throw bootError("no kernel image (vmlinuz-*) in /boot");
  if (files.initrd === undefined) throw bootError("no initrd image (initrd.img-* or initramfs-*) in /boot");
}

/**
 * Options for the installed kernel, for the boot loader and kexec alike; `rootSource` as mountSource has it (`LABEL=rootfs`),
 * `consoles` as chooseConsoles has them. Without
 * `extraOptions` the text ends in a blank, as it always has.
 */
export function renderKernelOptions(
  rootSource: string,
  architecture: Architecture,
  extraOptions: string,
  consoles: readonly string[] = defaultConsoles(architecture).kernel,
): string {
  const consoleOptions = consoles.map((value) => `console=${value}`).join(" ");
  return `root=${rootSource} ro ${consoleOptions} ${extraOptions}`;
}

function bootPath(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  // The name goes into a script of the boot loader, and it comes from the network.
  if (!PLAIN_NAME.test(name))
    throw bootError(`the name ${JSON.stringify(name)} in /boot has special characters`);
  return `/boot/${name}`;
}

function bootError(message: string): InstallerError {
  return new InstallerError("E_BOOT_FILES", message);
}
