import { fetchHttpConfiguration } from "../config/http-source.ts";
import { loadConfigurationByTftp } from "../config/load-by-tftp.ts";
import { runConfigurationLoader } from "../config/loader-plugin.ts";
import { readSerialNumber } from "../config/serial-number.ts";
import { writeFetchedFiles } from "../config/store-files.ts";
import { InstallerError } from "../core/errors.ts";
import { findKernelParameter } from "../core/kernel-command-line.ts";
import type { Step, StepContext } from "../engine/step.ts";
import type { DhcpLease } from "../network/dhcp/lease.ts";
import { chooseTftpServer } from "../network/tftp-server-choice.ts";
import type { NetworkState } from "./bring-up-network.step.ts";
import type { InstallOptions } from "./install-options.ts";

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
    const { lease } = network;
    if (lease === undefined) {
      context.log.info(`using the configuration found in ${options.tftpDirectory}`);
      return;
    }
    if (options.configurationLoader !== "") await loadByProgram(options, lease, context);
    else if (options.configurationBaseUrl !== "") await loadByHttp(options, network, context);
    else await loadByTftp(options, lease, context);
  },
};

async function loadByProgram(
  { configurationLoader: program, tftpDirectory: directory }: InstallOptions,
  { interfaceName }: DhcpLease,
  { host, log, signal }: StepContext,
): Promise<void> {
  await host.files.makeDirectory(directory, { parents: true });
  await runConfigurationLoader(host.commands, { program, directory, interfaceName }, signal);
  log.info(`loaded the configuration with: ${program}`);
}

async function loadByHttp(
  options: InstallOptions,
  network: NetworkState,
  { host, log, signal }: StepContext,
): Promise<void> {
  const serial = await readSerialNumber(host.files);
  if (serial !== undefined) log.info(`serial number from ${serial.origin}: ${serial.text}`);
  const request = {
    baseUrl: options.configurationBaseUrl,
    macAddresses: network.interfaces.map(({ macAddress }) => macAddress),
    ...(serial === undefined ? {} : { serialNumber: serial.text }),
  };
  const fetched = await fetchHttpConfiguration(request, { fetch: globalThis.fetch, log }, signal);
  await writeFetchedFiles(host.files, options.tftpDirectory, fetched);
}

async function loadByTftp(
  options: InstallOptions,
  lease: DhcpLease,
  { host, log, signal }: StepContext,
): Promise<void> {
  const commandLine = await host.files.readText("/proc/cmdline");
  const server = chooseTftpServer({
    flag: options.tftpServerHostname,
    kernelParameter: findKernelParameter(commandLine, "tftpserver", "last"),
    lease,
  });
  if (server === undefined) throw new InstallerError("E_TFTP_NO_SERVER", "no TFTP server given");
  log.info(`tftpServer from ${server.origin}: ${server.host}`);
  const ports = { files: host.files, clock: host.clock, log };
  await loadConfigurationByTftp(server.host, options.tftpDirectory, ports, signal);
}
