import { InstallerError } from "../../core/errors.ts";
import type { StorageLayout } from "../plan/layout.ts";
import type { DeclaredSelection } from "./select-declared.ts";

/** By what the drives to install to are chosen. */
export type SelectionRule =
  | { readonly kind: "all" }
  | { readonly kind: "program"; readonly program: string }
  | ({ readonly kind: "declared" } & DeclaredSelection);

/**
 * The one rule that the operator has given: the layout's selectors, the program of -driveSelector ("" for none), or none
 * of them. Throws E_DRIVE_SELECTION when there are two, or data drives without a boot drive.
 */
export function decideSelectionRule(
  { bootDrive, dataDrives = [] }: Pick<StorageLayout, "bootDrive" | "dataDrives">,
  driveSelector: string,
): SelectionRule {
  if (bootDrive === undefined && dataDrives.length > 0) {
    throw new InstallerError(
      "E_DRIVE_SELECTION",
      "storage-layout.json has DataDrives and no BootDrive: it does not say which drive to boot from",
    );
  }
  if (bootDrive !== undefined && driveSelector !== "") {
    throw new InstallerError(
      "E_DRIVE_SELECTION",
      `both BootDrive in storage-layout.json and -driveSelector=${driveSelector} choose the drives: leave one out`,
    );
  }
  if (bootDrive !== undefined) return { kind: "declared", bootDrive, dataDrives };
  return driveSelector === "" ? { kind: "all" } : { kind: "program", program: driveSelector };
}
