import { z } from "zod";
import {
  type CountedDriveSelector,
  type DriveSelector,
  normalisePath,
  normaliseText,
  normaliseWwn,
} from "../storage/drives/drive-selector.ts";
import { TRANSPORTS } from "../storage/drives/transport.ts";
import { lineText, unsigned } from "./fields.ts";

// BootDrive and DataDrives of storage-layout.json. A key that is not known is an error here and not a warning: a misspelt
// criterion that is ignored makes the selector match more drives than the operator meant.

const criteria = {
  Serial: identity(normaliseText).optional().describe("Serial number."),
  Wwn: identity(normaliseWwn).optional().describe("World-wide name, with or without 0x, naa. or eui."),
  Model: identity(normaliseText).optional().describe("Model name, whole."),
  Path: identity(normalisePath)
    .optional()
    .describe("Position as in /dev/disk/by-path, such as pci-0000:01:00.0-nvme-1."),
  MinimumBytes: unsigned().optional().describe("Size, this or more."),
  MaximumBytes: unsigned().optional().describe("Size, this or less."),
  Transport: z
    .enum(TRANSPORTS, {
      error: (issue) =>
        `found ${String(JSON.stringify(issue.input))}, expected one of ${TRANSPORTS.join(", ")}`,
    })
    .optional()
    .describe("How the drive is connected."),
  Rotational: z.boolean().optional().describe("Whether it has turning platters."),
};

/** `BootDrive`: matches exactly one drive. */
export const bootDriveSelector = z.strictObject(criteria).transform(toSelector);

/** An entry of `DataDrives`: matches exactly `Count` drives. */
export const dataDriveSelector = z
  .strictObject({
    ...criteria,
    Count: unsigned(Number.MAX_SAFE_INTEGER, 1).default(1).describe("How many drives must match."),
  })
  .transform(({ Count, ...selector }): CountedDriveSelector => ({ ...toSelector(selector), count: Count }));

/** Text that identifies; an empty one would say nothing and match nothing. */
function identity(normalise: (text: string) => string) {
  return lineText.refine((text) => normalise(text) !== "", { error: "found nothing to compare with" });
}

function toSelector(decoded: z.output<z.ZodObject<typeof criteria>>): DriveSelector {
  return {
    ...(decoded.Serial === undefined ? {} : { serial: decoded.Serial }),
    ...(decoded.Wwn === undefined ? {} : { wwn: decoded.Wwn }),
    ...(decoded.Model === undefined ? {} : { model: decoded.Model }),
    ...(decoded.Path === undefined ? {} : { path: decoded.Path }),
    ...(decoded.MinimumBytes === undefined ? {} : { minimumBytes: decoded.MinimumBytes }),
    ...(decoded.MaximumBytes === undefined ? {} : { maximumBytes: decoded.MaximumBytes }),
    ...(decoded.Transport === undefined ? {} : { transport: decoded.Transport }),
    ...(decoded.Rotational === undefined ? {} : { rotational: decoded.Rotational }),
  };
}
