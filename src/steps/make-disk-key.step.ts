import { randomBytes } from "node:crypto";
import type { Step } from "../engine/step.ts";
import { KEY_FILE } from "../storage/make/luks.ts";
import { type StoragePlan, volumesOf } from "../storage/plan/plan.ts";

export interface DiskKeyInput {
  readonly plan: StoragePlan;
  /** A tmpfs: the key must not touch a drive before it has its place on the new root. */
  readonly toolsRoot: string;
}

/** Length of the key file; the original's (spec/storage.md section 7). */
const KEY_BYTES = 16;

/** Makes the key of the encrypted volumes from the kernel's generator, if there are any. */
export const makeDiskKey: Step<DiskKeyInput, void> = {
  id: "make-disk-key",
  title: "Make the disk key",
  destructive: false,
  async run({ plan, toolsRoot }, { host, log, cleanup }) {
    if (!volumesOf(plan).some(({ encrypted }) => encrypted)) return;
    log.info(`getting ${KEY_BYTES} random bytes`);
    const key = randomBytes(KEY_BYTES);
    const path = `${toolsRoot}${KEY_FILE}`;
    cleanup.defer(async () => {
      await host.files.writeAt(path, 0, new Uint8Array(KEY_BYTES));
      await host.files.removeFile(path);
    });
    await host.files.writeFile(path, key, { mode: 0o600 });
    key.fill(0);
  },
};
