import { errnoOf } from "../core/errors.ts";
import type { FileSystem } from "../system/files.ts";

/** What the distribution trusts, and what the fleet trusts. */
const FILES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/CA.pem"] as const;

/**
 * PEM texts of the authorities that may vouch for the web server of the configuration; undefined when the boot medium
 * brings none, so that the runtime's own list counts. System errors other than ENOENT as they are.
 */
export async function readAuthorities(
  files: Pick<FileSystem, "readText">,
): Promise<readonly string[] | undefined> {
  const texts: string[] = [];
  for (const file of FILES) {
    try {
      texts.push(await files.readText(file));
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
  }
  return texts.length === 0 ? undefined : texts;
}
