import type { Facts } from "./storage-commands.ts";
import type { MountMeaning } from "./storage-events.ts";
import type { Meaning } from "./storage-meaning.ts";

/** A meaning as a set of lines, so that two of them can be compared and their differences be read. */
export function describeMeaning(meaning: Meaning): readonly string[] {
  return [
    ...[...meaning.drives].flatMap(([device, { table, steps }]) => [
      ...describeSteps(device, steps),
      ...(table === undefined
        ? []
        : [
            `${device}: ${table.type} partition table`,
            ...table.partitions.map(
              ({ start, end, type }, index) =>
                `${device}: partition ${index + 1} from ${start} MiB to ${end} MiB as ${type}`,
            ),
            ...table.flags.map((flag) => `${device}: ${flag}`),
          ]),
    ]),
    ...[...meaning.volumes].flatMap(([device, { encryption, opening, fileSystem, steps }]) => [
      ...describeSteps(device, steps),
      ...describeFacts(`${device}: encrypted with`, encryption),
      ...describeFacts(`${device}: opened with`, opening),
      ...describeFacts(`${device}: file-system with`, fileSystem),
    ]),
    ...describeMounts("mounted", meaning.mounts),
    ...describeMounts("failed to mount", meaning.failedMounts),
    ...meaning.scratchMounts.map(({ source, type }) => `copied the image's part into ${source} as ${type}`),
    ...describeNesting(
      "mounted",
      meaning.mounts.map(({ on }) => on),
    ),
    ...meaning.oldRoots.map((root) => `looked at the old system on ${root}`),
    ...describeFacts("boot loader:", meaning.bootLoader),
    ...describeFacts("kexec:", meaning.kexec),
    ...meaning.unmounts.map((on) => `unmounted ${on}`),
    ...describeNesting("unmounted", meaning.unmounts),
    ...meaning.closes.map((mapping) => `closed ${mapping}`),
  ];
}

function describeSteps(device: string, steps: readonly string[]): readonly string[] {
  return steps.map((step, index) => `${device}: step ${index + 1} ${step}`);
}

function describeFacts(what: string, facts: Facts | undefined): readonly string[] {
  return Object.entries(facts ?? {})
    .filter(([, value]) => value !== "")
    .map(([key, value]) => `${what} ${key} ${value}`);
}

function describeMounts(what: string, mounts: readonly MountMeaning[]): readonly string[] {
  return mounts.map(({ source, on, type }) => `${what} ${source} on ${on} as ${type}`);
}

/** Of two mounts, one below the other, the order matters; of others it does not. */
function describeNesting(what: string, places: readonly string[]): readonly string[] {
  return places.flatMap((first, index) =>
    places
      .slice(index + 1)
      .filter((second) => first.startsWith(`${second}/`) || second.startsWith(`${first}/`))
      .map((second) => `${what} ${first} before ${second}`),
  );
}

/**
 * Why the two sets of lines differ; undefined when they do not. With `isPartial` ours may lack some, but not the failure that
 * stopped it.
 */
export function compareLines(
  ours: readonly string[],
  expected: readonly string[],
  isPartial = false,
): string | undefined {
  const isFatal = (line: string): boolean => line.endsWith(" fails") && !line.endsWith(" discard fails");
  const missing = isPartial
    ? expected.filter(isFatal).slice(ours.some(isFatal) ? Infinity : 0)
    : subtract(expected, ours);
  const unexpected = subtract(ours, expected);
  if (missing.length === 0 && unexpected.length === 0) return undefined;
  return [
    ...missing.slice(0, 4).map((line) => `lacks "${line}"`),
    ...unexpected.slice(0, 4).map((line) => `has "${line}"`),
    ...(missing.length + unexpected.length > 8 ? [`${missing.length + unexpected.length} differences`] : []),
  ].join("; ");
}

/** What is in `from` more often than in `lines`. */
function subtract(from: readonly string[], lines: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return from.filter((line) => {
    const count = counts.get(line) ?? 0;
    counts.set(line, count - 1);
    return count <= 0;
  });
}
