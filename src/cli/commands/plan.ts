import { CONFIG_FILE } from "../../config/files.ts";
import { readTargetConfiguration, type TargetConfiguration } from "../../config/read-configuration.ts";
import { hasCode, InstallerError } from "../../core/errors.ts";
import { type Logger, silentLogger } from "../../core/logger.ts";
import { EventStream, type InstallerEvent } from "../../engine/events.ts";
import { createRunner } from "../../engine/runner.ts";
import { planDrives } from "../../steps/install.ts";
import { planTarget } from "../../steps/plan-storage.step.ts";
import { formatDriveTable } from "../../storage/drives/format-drives.ts";
import { inspectDrives } from "../../storage/drives/inspect-drives.ts";
import { formatPlan } from "../../storage/plan/format-plan.ts";
import type { StorageLayout } from "../../storage/plan/layout.ts";
import type { Firmware } from "../../storage/plan/plan.ts";
import { renderPlanJson } from "../../storage/plan/plan-json.ts";
import type { Host } from "../../system/host.ts";
import type { CommandContext } from "../command.ts";
import type { Flags } from "../flags/installer-flags.ts";
import type { PlanFlags } from "../flags/plan-flags.ts";
import { connectorFromFlags } from "../image-server-connector.ts";
import { installOptions } from "../install-options.ts";
import { readFlagCredentials } from "../read-flag-credentials.ts";
import { writeOutput } from "../write-output.ts";

/** What an installation would do to the drives of this machine, by the steps of the installation itself. */
export async function run(
  context: CommandContext,
  _args: readonly string[],
  own: PlanFlags,
): Promise<number> {
  const { flags, log, signal, stdout, openHost } = context;
  const firmware = parseFirmware(own.firmware);
  const host = await openHost();
  const { configuration, layout } = await readInput(host, flags, own, log);
  const credentials = await readFlagCredentials(host, flags, log);
  const connector = connectorFromFlags(flags, credentials.client, host.clock);
  const options = installOptions(flags);

  const events = new EventStream();
  using _forwarding = events.subscribe((event) => forward(event, log));
  await using cleanup = new AsyncDisposableStack();
  const runStep = createRunner({ host, events, debugLevel: flags.logDebugLevel, signal, cleanup });
  const input = { options, configuration, layout, connector, firmware };
  const plan = await planDrives(runStep, input).catch(async (error: unknown) => {
    // A declared selection that fails says of each drive why it was not taken.
    if (layout.bootDrive === undefined) await showDrives(error, host, context);
    throw error;
  });
  const text = own.json
    ? renderPlanJson(plan.images.target.name, plan.storage, plan.facts)
    : formatPlan(plan.storage, plan.facts)
        .map((line) => `${line}\n`)
        .join("");
  await writeOutput(stdout, text);
  return 0;
}

function parseFirmware(text: string): Firmware | undefined {
  if (text === "") return undefined;
  if (text === "bios" || text === "efi") return text;
  throw new InstallerError("E_USAGE", `-firmware is bios or efi, not ${JSON.stringify(text)}`);
}

interface PlanInput {
  readonly configuration: TargetConfiguration;
  readonly layout: StorageLayout;
}

async function readInput(
  { files }: Pick<Host, "files">,
  { tftpDirectory }: Pick<Flags, "tftpDirectory">,
  own: PlanFlags,
  log: Logger,
): Promise<PlanInput> {
  const layoutFile = own.layout === "" ? `${tftpDirectory}/${CONFIG_FILE.storageLayout}` : own.layout;
  const found = await readTargetConfiguration(files, tftpDirectory, layoutFile);
  for (const warning of found.warnings) log.warn(warning);
  const configuration = own.image === "" ? found : { ...found, imageName: own.image };
  if (configuration.storageLayout === undefined)
    throw new InstallerError("E_CONFIG_MISSING", `there is no ${layoutFile}`, {
      hint: "name a storage layout with -layout FILE, or fetch the configuration: installer load-configuration-from-tftp",
    });
  if (configuration.imageName === "")
    throw new InstallerError(
      "E_CONFIG_MISSING",
      `no image: ${tftpDirectory}/${CONFIG_FILE.imageName} names none`,
      {
        hint: "name it with -image NAME; `installer list-images` prints the names",
      },
    );
  return { configuration, layout: configuration.storageLayout };
}

/** What the steps say, but for the plan itself, which goes to standard output. */
function forward(event: InstallerEvent, log: Logger): void {
  if (event.kind !== "log") return;
  const { level, message, fields, stepId } = event;
  // The runner publishes only those debug messages that were asked for.
  if (level === "debug") log.debug(0, message, fields);
  else if (level !== "info" || stepId !== planTarget.id) log[level](message, fields);
}

/** After a selection that failed: what there is to select from. */
async function showDrives(error: unknown, host: Host, { flags, stderr }: CommandContext): Promise<void> {
  if (!hasCode(error, "E_DRIVE_SELECTION") && !hasCode(error, "E_NO_DRIVES")) return;
  const { sysfsDirectory, procDirectory, mountPoint, tmpRoot } = flags;
  const environment = { ...host, log: silentLogger, sysfsDirectory, procDirectory };
  const reports = await inspectDrives([mountPoint, tmpRoot], environment);
  if (reports.length > 0) stderr.write(formatDriveTable(reports));
}
