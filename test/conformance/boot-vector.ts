import { z } from "zod";

/** A recorded look into /boot and the set-up of its boot loader (vectors/boot/INDEX.md). */
export const bootVector = z.object({
  name: z.string().min(1),
  boot: z.enum(["dir", "missing", "file", "symlink"]),
  entries: z
    .array(z.object({ name: z.string().min(1), kind: z.string() }))
    .nullable()
    .default([]),
  rootLabel: z.string(),
  extraOptions: z.string(),
  architecture: z.enum(["amd64", "arm64"]),
  disk: z.string(),
  root: z.string().startsWith("/"),
  mountTable: z.string(),
  installersInImage: z
    .array(z.string())
    .nullable()
    .transform((paths) => paths ?? []),
  oldFstab: z.string().nullable().default(null),
  installerFailsWithOutput: z.string().optional(),
  grubDirectoryMissing: z.boolean().optional(),
  expected: z.object({
    bootInfo: z.object({ kernel: z.string(), initrd: z.string(), kernelOptions: z.string() }).optional(),
    bootInfoError: z.string().optional(),
    bootLoaderCommand: z.object({ chroot: z.string(), run: z.array(z.string()).min(1) }).optional(),
    makeBootableError: z.string().optional(),
    crash: z.unknown().optional(),
    files: z.record(z.string(), z.string()).default({}),
  }),
});

export type BootVector = z.output<typeof bootVector>;
