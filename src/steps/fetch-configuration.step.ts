import { prepareFetching } from "../config/fetched-configuration.ts";
import { fetchHttpConfiguration } from "../config/http-source.ts";
import { loadConfigurationByTftp } from "../config/load-by-tftp.ts";
import { stirRandomSeedFile } from "../config/random-seed.ts";
import { writeFetchedFiles } from "../config/store-files.ts";
import type { Step, StepContext } from "../engine/step.ts";
import type { NetworkState } from "./bring-up-network.step.ts";
import { describeHttpRequest, findTftpServer, makeHttpGet } from "./configuration-source.ts";
import type { InstallOptions } from "./install-options.ts";
import { runPlugIn } from "./run-plug-in.ts";

export interface FetchConfigurationInput {
  readonly options: InstallOptions;
  readonly network: NetworkState;
}

/**
 * Puts the configuration files into `-tftpDirectory`: from the operator's loader, else from the base URL, else by TFTP
 * (spec/configuration.md section 7). Nothing to do when they came with the boot medium.
 */
export const fetchConfiguration: Step<FetchConfigurationInput, void> = {
  id: "fetch-configuration",
  title: "Fetch the configuration",
  destructive: false,
  async run({ options, network }, context) {
    if (network.isConfigurationInjected) {
      context.log.info(`using the configuration found in ${options.tftpDirectory}`);
      await stirSeed(options, context);
      return;
    }
    await prepareFetching(context.host.files, options.tftpDirectory);
    if (options.configurationLoader !== "") await loadByProgram(options, network, context);
    else if (options.configurationBaseUrl !== "") await loadByHttp(options, network, context);
    else await loadByTftp(options, network, context);
  },
};

async function loadByProgram(
  { configurationLoader: program, tftpDirectory: directory }: InstallOptions,
  { active: { interfaceName } }: NetworkState,
  context: StepContext,
): Promise<void> {
  await context.host.files.makeDirectory(directory, { parents: true });
  await runPlugIn({ role: "configuration loader", program, args: [directory, interfaceName] }, context);
  context.log.info(`loaded the configuration with: ${program}`);
  await stirSeed({ tftpDirectory: directory }, context);
}

/** TFTP brings the seed by itself; here it may lie beside the configuration. */
async function stirSeed(
  { tftpDirectory }: Pick<InstallOptions, "tftpDirectory">,
  { host, log }: StepContext,
): Promise<void> {
  await stirRandomSeedFile({ randomPool: host.randomPool, files: host.files, log }, tftpDirectory);
}

async function loadByHttp(
  options: InstallOptions,
  network: NetworkState,
  { host, log, progress, signal }: StepContext,
): Promise<void> {
  using _wait = progress.waitFor("the server of -configurationBaseUrl");
  const request = await describeHttpRequest(options, network.interfaces, { host, log });
  if (request.serialNumber !== undefined) log.info(`serial number: ${request.serialNumber}`);
  const fetched = await fetchHttpConfiguration(request, { get: await makeHttpGet(host), log }, signal);
  await writeFetchedFiles(host.files, options.tftpDirectory, fetched);
}

async function loadByTftp(
  options: InstallOptions,
  network: NetworkState,
  { host, log, progress, signal }: StepContext,
): Promise<void> {
  const server = await findTftpServer(options, network, { host });
  log.info(`tftpServer from ${server.origin}: ${server.host}`);
  using _wait = progress.waitFor(`the TFTP server ${server.host}`);
  const ports = { files: host.files, clock: host.clock, randomPool: host.randomPool, log };
  await loadConfigurationByTftp(server.host, options.tftpDirectory, ports, signal);
}
