import { readAuthorities } from "../config/authorities.ts";
import { MAXIMUM_FILE_BYTES } from "../config/files.ts";
import type { HttpConfigurationOptions, HttpConfigurationPorts } from "../config/http-source.ts";
import { readSerialNumber } from "../config/serial-number.ts";
import { InstallerError } from "../core/errors.ts";
import { findKernelParameter } from "../core/kernel-command-line.ts";
import type { StepContext } from "../engine/step.ts";
import type { DhcpLease } from "../network/dhcp/lease.ts";
import { httpGet } from "../network/http-get.ts";
import { chooseTftpServer, type TftpServerChoice } from "../network/tftp-server-choice.ts";
import type { Host } from "../system/host.ts";
import type { NetworkInterface } from "../system/interfaces.ts";
import type { InstallOptions } from "./install-options.ts";

/** For one attempt at one file. */
const HTTP_TIMEOUT_MS = 30_000;

/** What the network says about servers. */
export interface ServerHints {
  readonly lease?: DhcpLease;
  /** The boot server in `ip=` of the kernel command line. */
  readonly bootServer?: string;
}

/** The TFTP server for this machine (spec/configuration.md 6.7). Rejects with E_TFTP_NO_SERVER. */
export async function findTftpServer(
  options: InstallOptions,
  hints: ServerHints,
  { host }: Pick<StepContext, "host">,
): Promise<TftpServerChoice> {
  const commandLine = await host.files.readText("/proc/cmdline");
  const server = chooseTftpServer({
    flag: options.tftpServerHostname,
    kernelParameter: findKernelParameter(commandLine, "tftpserver", "last"),
    ...hints,
  });
  if (server === undefined) throw new InstallerError("E_TFTP_NO_SERVER", "no TFTP server given");
  return server;
}

/** What a web server is told about this machine (spec/configuration.md 7.2). */
export async function describeHttpRequest(
  options: InstallOptions,
  interfaces: readonly NetworkInterface[],
  { host, log }: Pick<StepContext, "host" | "log">,
): Promise<HttpConfigurationOptions> {
  const serial = await readSerialNumber(host.files);
  if (serial !== undefined) log.debug(1, `serial number from ${serial.origin}: ${serial.text}`);
  return {
    baseUrl: options.configurationBaseUrl,
    macAddresses: interfaces.map(({ macAddress }) => macAddress),
    ...(serial === undefined ? {} : { serialNumber: serial.text }),
  };
}

/** How a file is got from a web server, with the authorities of this machine behind it. */
export async function makeHttpGet({ files }: Pick<Host, "files">): Promise<HttpConfigurationPorts["get"]> {
  const limits = { timeoutMs: HTTP_TIMEOUT_MS, limitBytes: MAXIMUM_FILE_BYTES };
  const authorities = await readAuthorities(files);
  return (url, signal) => httpGet({ url, authorities, ...limits, environment: process.env }, signal);
}
