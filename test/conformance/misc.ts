import { checkAccess } from "./misc-access.ts";
import { checkDecodeBase64 } from "./misc-base64.ts";
import { checkCertificateHolders } from "./misc-certificates.ts";
import { checkDhcp } from "./misc-dhcp.ts";
import { checkFilters } from "./misc-filters.ts";
import { checkFlags } from "./misc-flags.ts";
import { checkFormats, checkKernelCommandLine, checkVersionOrder } from "./misc-formats.ts";
import { checkTftp } from "./misc-tftp.ts";
import type { ConformanceSet } from "./report.ts";

/** The small functions: sorting, filters, flags, formats and the like (misc/INDEX.md). */
export const miscSet: ConformanceSet = {
  name: "misc",
  run: async (vectorDirectory, report) => {
    const parts = [
      checkVersionOrder,
      checkFormats,
      checkKernelCommandLine,
      checkDecodeBase64,
      checkFlags,
      checkFilters,
      checkDhcp,
      checkTftp,
      checkAccess,
      checkCertificateHolders,
    ];
    for (const check of parts) await check(vectorDirectory, report);
  },
};
