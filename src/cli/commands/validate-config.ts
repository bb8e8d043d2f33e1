import { errnoOf, InstallerError } from "../../core/errors.ts";
import type { CommandContext } from "../command.ts";
import { exitCodeOfKind } from "../exit-code.ts";
import type { ValidateFlags } from "../flags/validate-flags.ts";
import { checkFolder, type FolderReport } from "../validate/check-folder.ts";
import { countOf, renderReportJson, renderReportText } from "../validate/render-report.ts";
import { writeOutput } from "../write-output.ts";

/** Checks the configuration files in a directory; needs nothing of this machine. */
export async function run(
  context: CommandContext,
  [directory = ""]: readonly string[],
  { json }: ValidateFlags,
): Promise<number> {
  const report = await check(context, directory);
  await writeOutput(
    context.stdout,
    json ? renderReportJson(directory, report) : renderReportText(directory, report),
  );
  return countOf(report.diagnostics, "error") === 0 ? 0 : exitCodeOfKind("config");
}

async function check({ flags, openHost }: CommandContext, directory: string): Promise<FolderReport> {
  const { files } = await openHost();
  const isImageServerGiven = flags.imageServerHostname !== "";
  try {
    return await checkFolder(files, { directory: directory.replace(/(?<=.)\/+$/, ""), isImageServerGiven });
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new InstallerError("E_CONFIG_MISSING", `reading the directory ${directory}`, {
      cause,
      hint: "name the directory that holds config.json and the other files",
    });
  }
}
