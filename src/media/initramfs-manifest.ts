import { parse as parseYaml } from "yaml";
import { z } from "zod";

import { InstallerError } from "../core/errors.ts";

const ABSOLUTE_PATH = z.string().regex(/^(\/[^/\0]+)+$/, "must be an absolute path");
const OCTAL_MODE = z
  .string()
  .regex(/^0[0-7]{3,4}$/, 'must be an octal number in quotes, such as "0755"')
  .transform((text) => Number.parseInt(text, 8));
const MODULE_NAMES = z.array(z.string().regex(/^[a-z0-9_-]+$/));

const groupSchema = z.strictObject({
  name: z.string().min(1),
  /** Why the initramfs needs this. */
  why: z.string().min(1),
  /** Only for kernel packages of this flavour (the last word of the package name); default: for all. */
  flavour: z.string().optional(),
  directories: z.array(z.strictObject({ path: ABSOLUTE_PATH, mode: OCTAL_MODE })).default([]),
  /** `from` is below the checkout, or absolute on the machine that builds. */
  files: z
    .array(z.strictObject({ path: ABSOLUTE_PATH, from: z.string().min(1), mode: OCTAL_MODE }))
    .default([]),
  /** Programs of the machine that builds, or of the checkout, with the shared libraries that they need. */
  programs: z.array(z.strictObject({ path: ABSOLUTE_PATH, from: z.string().min(1) })).default([]),
  devices: z
    .array(
      z.strictObject({ path: ABSOLUTE_PATH, mode: OCTAL_MODE, major: z.int().min(0), minor: z.int().min(0) }),
    )
    .default([]),
  /** Symbolic links to /bin/busybox, placed where that busybox would install them. */
  applets: z.array(z.string().regex(/^[a-z0-9_[-]+$/)).default([]),
  /** Kernel modules that init loads always. */
  load: MODULE_NAMES.default([]),
  /** Kernel modules that are loaded when hardware, a mount or a cipher asks for them. */
  modules: MODULE_NAMES.default([]),
});

const manifestSchema = z.strictObject({ groups: z.array(groupSchema).min(1) });

export type ManifestGroup = z.infer<typeof groupSchema>;
/** What is in the initramfs and why (initramfs/manifest.yaml). */
export type InitramfsManifest = z.infer<typeof manifestSchema>;

/** Reads the text of a manifest; E_MANIFEST says what is wrong in `source`. */
export function parseInitramfsManifest(text: string, source: string): InitramfsManifest {
  let document: unknown;
  try {
    document = parseYaml(text, { logLevel: "error" });
  } catch (error) {
    throw new InstallerError("E_MANIFEST", `reading ${source}`, { cause: error });
  }
  const result = manifestSchema.safeParse(document);
  if (result.success) return result.data;
  throw new InstallerError("E_MANIFEST", `reading ${source}: ${z.prettifyError(result.error)}`);
}
