import { InstallerError } from "../core/errors.ts";
import type { ObjectId } from "../core/object-id.ts";

/** The content offered for `id` is something else. */
export function corruptObject(id: ObjectId, reason: string): InstallerError {
  return new InstallerError("E_OBJECT_CORRUPT", `storing object ${id}: ${reason}`);
}
