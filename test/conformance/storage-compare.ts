import { isDeepStrictEqual } from "node:util";
import { hasCode, messageChain } from "../../src/core/errors.ts";
import { grubStatements } from "./grub-statements.ts";
import { compareLines, describeMeaning } from "./storage-describe.ts";
import type { Expectation } from "./storage-expectation.ts";
import { meaningOf } from "./storage-meaning.ts";
import { findCloseFault, findEraseFault, findOrderFault } from "./storage-order.ts";
import type { Outcome } from "./storage-run.ts";

/** The recorder ran no tar, so it depends on the case whether the original has it. */
const OLD_ETC_ARCHIVE = "old-etc.tar.gz";

/** Why the outcome is not what is expected; undefined when it is. */
export function compareOutcome(outcome: Outcome, expectation: Expectation): string | undefined {
  return (
    expectation.fault ??
    compareError(outcome.error, expectation) ??
    compareDecisions(outcome, expectation) ??
    compareChanges(outcome, expectation) ??
    compareResult(outcome, expectation)
  );
}

function compareError(error: unknown, { error: expected, unmountError }: Expectation): string | undefined {
  if (unmountError !== undefined) return `no rule says why unmounting should fail: ${unmountError}`;
  if (expected === undefined) return error === undefined ? undefined : `failed: ${messageChain(error)}`;
  const what = JSON.stringify(expected);
  if (error === undefined) return `did not fail, expected ${what}`;
  if (expected.text !== undefined && !messageChain(error).includes(expected.text))
    return `failed with ${JSON.stringify(messageChain(error))}, expected ${what}`;
  if ("codes" in expected && !hasCode(error, ...expected.codes))
    return `failed with ${JSON.stringify(messageChain(error))}, expected ${what}`;
  return undefined;
}

function compareDecisions(outcome: Outcome, expectation: Expectation): string | undefined {
  const { log, selected } = outcome;
  const { driveOrder } = expectation;
  if (driveOrder !== undefined && !log.includes(`sorted drive list: [${driveOrder.join(" ")}]`))
    return `expected the drives ${driveOrder.join(" ")}: ${log.filter((line) => line.includes("drive list")).join()}`;
  if (expectation.selected !== undefined && !isDeepStrictEqual(selected, expectation.selected))
    return `selected ${selected?.join(" ")}, expected ${expectation.selected.join(" ")}`;
  const own = log.map((line) => line.replace(/^(got image: \S+) \(.*\)$/, "$1"));
  // What is decided later is not logged by a program that has failed before.
  const expected = expectation.log.filter(
    (line) => outcome.plan !== undefined || !/^(adding|got)/.test(line),
  );
  const missing = expected.find((line) => !own.includes(line));
  if (missing !== undefined) return `does not log ${JSON.stringify(missing)}`;
  const kinds = expectation.hasLargeDrives
    ? /^adding implied last partition: /
    : /^(found|adding implied last partition): /;
  const isComparable = expectation.log.length > 0;
  const extra = isComparable && own.find((line) => kinds.test(line) && !expectation.log.includes(line));
  return extra === undefined || extra === false ? undefined : `logs ${JSON.stringify(extra)}`;
}

function compareChanges(outcome: Outcome, expectation: Expectation): string | undefined {
  const { events } = outcome;
  const making = [...events.making, ...events.end];
  const fault = findEraseFault(making) ?? findOrderFault(making) ?? findCloseFault(making);
  if (fault !== undefined) return fault;
  if (outcome.overlaps.length > 0) return `at the same time: ${outcome.overlaps.join(", ")}`;
  if (expectation.checks !== undefined)
    return expectation.checks.map((check) => check(outcome)).find((why) => why !== undefined);
  if (expectation.meaning === undefined)
    return events.making.length === 0 ? undefined : `changes something: ${JSON.stringify(events.making[0])}`;
  // After a failure both release what they have, each in its own way, and that is no part of the installation.
  const unreleased = expectation.error === undefined ? {} : { unmounts: [], closes: [] };
  return compareLines(
    describeMeaning({ ...meaningOf(events), ...unreleased }),
    describeMeaning({ ...expectation.meaning, ...unreleased }),
    expectation.isPartial,
  );
}

function compareResult(
  { installed, rebooter, events }: Outcome,
  { files, areFilesPartial, key, logFiles, ...expected }: Expectation,
): string | undefined {
  if (expected.rebooter !== undefined && rebooter !== expected.rebooter)
    return `restarts with ${rebooter}, expected ${expected.rebooter}`;
  if (installed === undefined) return files === undefined ? undefined : "nothing was installed";
  for (const path of new Set([...Object.keys(files ?? {}), ...Object.keys(installed.texts)])) {
    const [ours, theirs] = [installed.texts[path], files?.[path]].map((text) =>
      path.endsWith("/grub.cfg") ? grubStatements(text) : text,
    );
    if (files === undefined || (areFilesPartial && theirs === undefined)) continue;
    if (ours !== theirs) return `${path}: ${JSON.stringify(ours)}, expected ${JSON.stringify(theirs)}`;
  }
  const found = installed.key && { ...installed.key, temporary: installed.temporaryKey };
  if (files !== undefined && !isDeepStrictEqual(found, key))
    return `disk key ${JSON.stringify(found)}, expected ${JSON.stringify(key)}`;
  const configuration = installed.logFiles.filter((name) => name !== OLD_ETC_ARCHIVE);
  if (
    logFiles !== undefined &&
    !isDeepStrictEqual(
      configuration,
      logFiles.filter((name) => name !== OLD_ETC_ARCHIVE),
    )
  )
    return `/var/log/installer has ${configuration.join(" ")}, expected ${logFiles.join(" ")}`;
  if (installed.lackingMountPoints.length > 0)
    return `mount points are missing: ${installed.lackingMountPoints.join(" ")}`;
  return events.end.some((event) => event.kind === "unmount" && event.on === "/mnt")
    ? undefined
    : "the target is still mounted";
}
