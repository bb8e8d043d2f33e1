import { InstallerError, messageChain } from "../../core/errors.ts";
import { connectInstaller } from "../../rpc/grpc/client.ts";
import type { InstallerMethod } from "../../rpc/installer-methods.ts";
import type { ClientCredentials } from "../../rpc/tls/credentials.ts";
import type { CommandContext } from "../command.ts";
import type { ConversationOptions } from "./converse.ts";
import { findCredentials } from "./find-credentials.ts";
import { formatHostAddress, type HostAddress, parseHostAddress } from "./host-address.ts";
import type { Machine } from "./machine.ts";

export interface RemoteTarget extends ConversationOptions {
  readonly machine: Machine;
  readonly address: HostAddress;
  readonly credentials: ClientCredentials | undefined;
}

interface RemoteRequest {
  /** The argument HOST. */
  readonly host: string;
  /** Flag -certDirectory. */
  readonly certDirectory: string;
  readonly limitMs: number;
  /** What a certificate has to grant; undefined: anonymous people may try as well. */
  readonly grant?: InstallerMethod;
}

/**
 * The machine that a command is about, with what is needed to talk to it. Says on the log what is being waited for.
 * Rejects with E_USAGE for a host that is none, and with E_TLS_CERTIFICATE_MISSING when a grant is needed and there is
 * no certificate that could have it.
 */
export async function openMachine(context: CommandContext, request: RemoteRequest): Promise<RemoteTarget> {
  const { flags, log, signal, openHost } = context;
  const address = parseHostAddress(request.host, flags.portNum);
  const host = await openHost();
  const { certDirectory, limitMs, grant } = request;
  const found = await findCredentials(host, { flags, certDirectory, home: process.env["HOME"] });
  for (const problem of found.problems) log.warn(messageChain(problem));
  if (grant !== undefined && found.client === undefined) throw missingCertificate(certDirectory, grant);
  const name = formatHostAddress(address);
  let isWaiting = false;
  return {
    machine: machineAt(address, found.client),
    address,
    credentials: found.client,
    clock: host.clock,
    signal,
    limitMs,
    onWait: (reason) => {
      isWaiting = true;
      log.info(`${reason}; trying again until it answers`);
    },
    onConnected: () => {
      if (isWaiting) log.info(`connected to ${name}`);
      isWaiting = false;
    },
  };
}

function machineAt(address: HostAddress, credentials: ClientCredentials | undefined): Machine {
  return {
    address: formatHostAddress(address),
    connect: async (timeoutMs, signal) =>
      connectInstaller(
        { ...address, connectTimeoutMs: timeoutMs, ...(credentials === undefined ? {} : { credentials }) },
        signal,
      ),
  };
}

function missingCertificate(directory: string, grant: InstallerMethod): InstallerError {
  return new InstallerError(
    "E_TLS_CERTIFICATE_MISSING",
    `missing certificate: there is none in ${directory}`,
    {
      hint: `put NAME.cert and NAME.key there, or name them with -certFile and -keyFile before the command; the certificate has to grant ${grant}`,
    },
  );
}
