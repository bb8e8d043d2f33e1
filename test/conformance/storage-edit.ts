import type { Facts } from "./storage-commands.ts";
import type { Expectation } from "./storage-expectation.ts";
import type { Meaning } from "./storage-meaning.ts";

/** The text of one expected file changed; nothing when it is not expected. */
export function editFile(expectation: Expectation, path: string, edit: (text: string) => string): void {
  const text = expectation.files?.[path];
  if (text !== undefined) expectation.files = { ...expectation.files, [path]: edit(text) };
}

type EditFields = (fields: readonly string[]) => readonly string[];

/** Lines of fstab changed by their fields, and padded again as the original pads (spec/storage.md section 8.7). */
export function editFstab(expectation: Expectation, edit: EditFields): void {
  editLines(
    expectation,
    "etc/fstab",
    edit,
    ([source = "", mountPoint = "", type = "", options = "", ...rest]) =>
      [source.padEnd(22), mountPoint.padEnd(10), type.padEnd(5), options.padEnd(10), ...rest].join(" "),
  );
}

/** Lines of crypttab changed by their fields, and padded again. */
export function editCrypttab(expectation: Expectation, edit: EditFields): void {
  editLines(expectation, "etc/crypttab", edit, ([name = "", device = "", key = "", options = ""]) =>
    [name.padEnd(15), device.padEnd(23), key.padEnd(15), options].join(" "),
  );
}

/** Lines that are not changed stay as they are, to the blank. */
function editLines(
  expectation: Expectation,
  path: string,
  edit: EditFields,
  format: (fields: readonly string[]) => string,
): void {
  const editLine = (line: string): string => {
    const fields = line.split(/ +/);
    const edited = edit(fields);
    return edited.join(" ") === fields.join(" ") ? line : format(edited);
  };
  editFile(expectation, path, (text) =>
    text
      .split("\n")
      .map((line) => (line === "" ? line : editLine(line)))
      .join("\n"),
  );
}

/** Facts about one file-system changed. */
export function editFileSystem(meaning: Meaning, device: string, changes: Facts): boolean {
  const volume = meaning.volumes.get(device);
  if (volume?.fileSystem === undefined) return false;
  const before = JSON.stringify(volume.fileSystem);
  volume.fileSystem = { ...volume.fileSystem, ...changes };
  return JSON.stringify(volume.fileSystem) !== before;
}

/** Every text in the meaning changed. */
export function rewriteMeaning(meaning: Meaning, rewrite: (text: string) => string): void {
  const inFacts = (facts: Facts | undefined): Facts | undefined =>
    facts && Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, rewrite(value)]));
  meaning.volumes = new Map(
    [...meaning.volumes].map(([device, volume]) => [
      rewrite(device),
      {
        ...volume,
        encryption: inFacts(volume.encryption),
        opening: inFacts(volume.opening),
        fileSystem: inFacts(volume.fileSystem),
      },
    ]),
  );
  for (const kind of ["mounts", "failedMounts", "scratchMounts"] as const)
    meaning[kind] = meaning[kind].map((mount) => ({ ...mount, source: rewrite(mount.source) }));
  meaning.oldRoots = meaning.oldRoots.map(rewrite);
  meaning.closes = meaning.closes.map(rewrite);
  meaning.erased = meaning.erased.map(rewrite);
}

/** The mappings that are open, and so have to be closed. */
export function openMappings(meaning: Meaning): readonly string[] {
  return [...meaning.volumes.values()].flatMap(({ opening }) => opening?.["mapping"] ?? []);
}

/** What is mounted at and below the target, the newest first. */
export function targetMountPoints(meaning: Meaning): readonly string[] {
  return meaning.mounts
    .map(({ on }) => on)
    .filter((on) => on === "/mnt" || on.startsWith("/mnt/"))
    .toReversed();
}
