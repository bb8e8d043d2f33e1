import { type DriveContents, findMembership } from "../drives/drive-contents.ts";
import { drivesOf, type StoragePlan } from "./plan.ts";

/** What people should know about the machine as it is before a plan is carried out. */
export interface PlanFacts {
  /** What the drives carry now, by drive name. */
  readonly contents: ReadonlyMap<string, DriveContents>;
  /** What will be taken down before anything is erased, in order, one line each. */
  readonly release: readonly string[];
  /** One line each. */
  readonly warnings: readonly string[];
}

/** A line for each drive of the plan that is a part of something larger. */
export function warnOfMembers(
  plan: StoragePlan,
  contents: ReadonlyMap<string, DriveContents>,
): readonly string[] {
  return drivesOf(plan).flatMap(({ name, devicePath }) => {
    const found = contents.get(name);
    const larger = found && findMembership(found);
    return larger === undefined ? [] : [`${devicePath} is part of ${larger}, which loses it`];
  });
}
