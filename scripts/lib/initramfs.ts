import { globSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";

import type { CpioEntry } from "../../src/media/cpio.ts";
import type { InitramfsManifest, ManifestGroup } from "../../src/media/initramfs-manifest.ts";
import {
  parseModuleCatalogue,
  planModuleFiles,
  renderAliases,
  renderDependencies,
} from "../../src/media/kernel-modules.ts";
import type { Kernel } from "./kernel.ts";
import { ROOT } from "./paths.ts";
import { run } from "./run.ts";

/** The entries that `manifest` asks for, parents first, in a stable order. */
export function collectInitramfs(
  manifest: InitramfsManifest,
  kernel: Kernel,
  buildSeconds: number,
): readonly CpioEntry[] {
  const groups = manifest.groups.filter(({ flavour }) => flavour === undefined || flavour === kernel.flavour);
  const timestamp = file("/build-timestamp", 0o644, Buffer.from(`${buildSeconds}\n`));
  return inOrder([
    ...groups.flatMap(collectGroup),
    ...collectModules(groups, kernel),
    { ...timestamp, modifiedSeconds: buildSeconds },
  ]);
}

/** The tree below `directory` as entries that belong to root, modes kept. */
export function collectOverlay(directory: string): readonly CpioEntry[] {
  const entries = globSync("**", { cwd: directory, withFileTypes: true }).flatMap((found): CpioEntry[] => {
    const source = path.join(found.parentPath, found.name);
    const name = `/${path.relative(directory, source)}`;
    const permissions = lstatSync(source).mode & 0o7777;
    if (name === "/") return [];
    if (found.isSymbolicLink()) return [symlink(name, readlinkSync(source))];
    if (found.isDirectory()) return [{ type: "directory", path: name.slice(1), permissions }];
    if (found.isFile()) return [file(name, permissions, readFileSync(source))];
    throw new Error(`${source} is neither file, directory nor symbolic link`);
  });
  return inOrder(entries);
}

function collectGroup(group: ManifestGroup): readonly CpioEntry[] {
  return [
    ...group.directories.map(({ path: name, mode }) => directory(name, mode)),
    ...group.devices.map(
      ({ path: name, mode, major, minor }): CpioEntry => ({
        type: "character",
        path: name.slice(1),
        permissions: mode,
        major,
        minor,
      }),
    ),
    ...group.files.map(({ path: name, from, mode }) =>
      file(name, mode, readFileSync(path.resolve(ROOT, from))),
    ),
    ...group.programs.flatMap(({ path: name, from }) => collectProgram(name, path.resolve(ROOT, from))),
    ...collectApplets(group.applets),
  ];
}

/** A program and the shared libraries that the loader would find for it on this machine, at the same paths. */
function collectProgram(name: string, source: string): readonly CpioEntry[] {
  return [file(name, 0o755, readFileSync(source)), ...sharedLibraries(source).map(libraryEntry)];
}

/** The shared libraries that the loader would find for `program`; none when it is static. */
export function sharedLibraries(program: string): readonly string[] {
  if (!run("readelf", ["-lW", program]).includes("INTERP")) return [];
  const lines = run("ldd", [program]).split("\n");
  if (lines.some((line) => line.includes("not found"))) throw new Error(`${program}: ${lines.join("\n")}`);
  return lines.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

function libraryEntry(library: string): CpioEntry {
  return file(library, 0o755, readFileSync(library));
}

function collectApplets(applets: readonly string[]): readonly CpioEntry[] {
  const places = new Map(
    run("/bin/busybox", ["--list-full"])
      .split("\n")
      .map((place) => [path.basename(place), place]),
  );
  return applets.map((applet) => {
    const place = places.get(applet);
    if (place === undefined) throw new Error(`this machine's busybox has no applet ${applet}`);
    return symlink(`/${place}`, "/bin/busybox");
  });
}

function collectModules(groups: readonly ManifestGroup[], kernel: Kernel): readonly CpioEntry[] {
  const source = (name: string) => path.join(kernel.moduleDirectory, name);
  const text = (name: string) => readFileSync(source(name), "utf8");
  const catalogue = parseModuleCatalogue(text("modules.dep"), text("modules.builtin"));
  const alwaysLoaded = groups.flatMap(({ load }) => load);
  const chosen = planModuleFiles(catalogue, [...alwaysLoaded, ...groups.flatMap(({ modules }) => modules)]);
  const target = `/lib/modules/${kernel.release}`;
  const generated = {
    "modules.dep": renderDependencies(catalogue, chosen),
    "modules.alias": renderAliases(text("modules.alias"), chosen),
    "modules.builtin": text("modules.builtin"),
  };
  return [
    ...chosen.map((name) => file(`${target}/${name}`, 0o644, readFileSync(source(name)))),
    ...Object.entries(generated).map(([name, content]) =>
      file(`${target}/${name}`, 0o644, Buffer.from(content)),
    ),
    file("/etc/modules", 0o644, Buffer.from(alwaysLoaded.map((name) => `${name}\n`).join(""))),
  ];
}

/** Sorts by path, makes missing parents, and keeps one of several entries for the same file (shared libraries). */
function inOrder(entries: readonly CpioEntry[]): readonly CpioEntry[] {
  const byPath = new Map<string, CpioEntry>();
  for (const entry of entries) {
    const parts = entry.path.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const parent = `/${parts.slice(0, depth).join("/")}`;
      if (!byPath.has(parent.slice(1))) byPath.set(parent.slice(1), directory(parent, 0o755));
    }
  }
  for (const entry of entries) byPath.set(entry.path, entry);
  return [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function file(name: string, permissions: number, content: Uint8Array): CpioEntry {
  return { type: "file", path: name.slice(1), permissions, content };
}

function directory(name: string, permissions: number): CpioEntry {
  return { type: "directory", path: name.slice(1), permissions };
}

function symlink(name: string, target: string): CpioEntry {
  return { type: "symlink", path: name.slice(1), permissions: 0o777, target };
}
