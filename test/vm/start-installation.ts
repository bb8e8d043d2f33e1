import { copyFileSync, globSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import {
  buildNetboot,
  type ConfigurationOptions,
  type Credentials,
  configurationFiles,
  type ImageStore,
  makeCredentials,
  publishDebian,
  startImageServer,
} from "./installation.ts";
import { Lab } from "./lab.ts";
import type { Machine, MachineOptions } from "./machine.ts";

export interface Scenario extends ConfigurationOptions {
  /** Names the console logs that outlive the lab, `.cache/vm-logs/NAME-*.log`. */
  readonly name: string;
  readonly machine: MachineOptions;
  /** Debian package of the kernel that is netbooted. */
  readonly kernel?: string;
  /** Adds to what is laid over the initramfs (overlay.ts). */
  readonly prepareOverlay?: (overlay: string) => void;
}

export interface StartedInstallation {
  readonly lab: Lab;
  readonly machine: Machine;
  readonly store: ImageStore;
  readonly credentials: Credentials;
}

const KEPT_LOGS = path.resolve(import.meta.dirname, "../../.cache/vm-logs");

/** A lab with an image server, and a machine that has just been switched on in it; all of it ends with `cleanup`. */
export async function startInstallation(
  cleanup: AsyncDisposableStack,
  scenario: Scenario,
): Promise<StartedInstallation> {
  const scratch = mkdtempSync(path.join(tmpdir(), "installer-vm-test-"));
  cleanup.defer(() => rmSync(scratch, { recursive: true, force: true }));
  const credentials = makeCredentials(scratch);
  scenario.prepareOverlay?.(credentials.overlay);
  const store = publishDebian();
  const kernel = scenario.kernel === undefined ? {} : { kernel: scenario.kernel };
  const lab = cleanup.use(
    await Lab.create({
      netbootDirectory: buildNetboot(scratch, { overlay: credentials.overlay, ...kernel }),
      tftpFiles: configurationFiles(scenario),
    }),
  );
  cleanup.defer(() => keepLogs(lab.directory, scenario.name));
  await startImageServer(lab, store, credentials);
  return { lab, machine: await lab.startMachine(scenario.machine), store, credentials };
}

/** Keeps what a failed test can be understood by. */
export function keepLogs(directory: string, name: string): void {
  mkdirSync(KEPT_LOGS, { recursive: true });
  for (const log of globSync("machine*.log", { cwd: directory }))
    copyFileSync(path.join(directory, log), path.join(KEPT_LOGS, `${name}-${log}`));
}
