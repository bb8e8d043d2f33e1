import { hasCode, InstallerError } from "../../core/errors.ts";
import type { RemoteShell } from "../../rpc/grpc/client.ts";
import type { CommandContext } from "../command.ts";
import type { ShellFlags } from "../flags/remote-flags.ts";
import { attachShell, type NearEnd } from "../remote/attach-shell.ts";
import { inputTerminal, outputTerminal } from "../remote/local-terminal.ts";
import { openMachine, type RemoteTarget } from "../remote/open-machine.ts";
import { persist } from "../remote/persist.ts";
import { connectSrpcShell } from "../remote/srpc-shell.ts";

/** A shell on a machine that is being installed. */
export async function run(
  context: CommandContext,
  [host = ""]: readonly string[],
  { certDirectory, insecure }: ShellFlags,
): Promise<number> {
  const { stdin, stdout, signal, stderr } = context;
  const limitMs = Number.POSITIVE_INFINITY;
  const grant = insecure ? {} : { grant: "Installer.Shell" as const };
  const target = await openMachine(context, { host, certDirectory, limitMs, ...grant });
  const { commands } = await context.openHost();
  const near: NearEnd = {
    stdin,
    stdout,
    input: inputTerminal(stdin),
    output: outputTerminal(stdout),
    // Node's raw mode leaves it on, and puts it back with the rest at the end.
    stopOutputProcessing: async () => {
      const stty = { program: "stty", args: ["-opost"], changesNothing: true };
      await commands.runInteractive(stty, signal).catch(() => undefined);
    },
  };
  const attach = async (shell: RemoteShell): Promise<number> => {
    using _shell = shell;
    if (near.input !== undefined) stderr.write("Press control-\\ to disconnect\n");
    const exitCode = await attachShell(shell, near, signal);
    if (exitCode !== "disconnected") return exitCode;
    stderr.write("\ndisconnected\n");
    return 0;
  };
  try {
    return await overGrpc(target, near, insecure, attach);
  } catch (error) {
    if (!isForeign(error)) throw error;
    return overSrpc(target, insecure, attach).catch((other: unknown) => {
      throw isForeign(other) ? error : other;
    });
  }
}

type Attach = (shell: RemoteShell) => Promise<number>;

/** The other side does not speak the protocol. */
function isForeign(error: unknown): boolean {
  return hasCode(error, "E_SRPC_NO_ENDPOINT", "E_SRPC_PROTOCOL", "E_SRPC_HEAD");
}

async function overGrpc(
  target: RemoteTarget,
  { output }: NearEnd,
  allowClear: boolean,
  attach: Attach,
): Promise<number> {
  const { machine, signal, onConnected } = target;
  const size = output === undefined ? {} : { size: output.size() };
  const terminalType = process.env["TERM"];
  const options = { ...size, allowClear, ...(terminalType === undefined ? {} : { terminalType }) };
  const { client, shell } = await persist(async (timeoutMs) => {
    const connected = await machine.connect(timeoutMs, signal);
    try {
      if (!connected.isSecure && !allowClear) throw notEncrypted(machine.address);
      return { client: connected, shell: await connected.openShell(options, signal) };
    } catch (error) {
      connected.close();
      throw error;
    }
  }, target);
  using _client = client;
  onConnected?.();
  return await attach(shell);
}

/** An original installer, which does not know gRPC. */
async function overSrpc(target: RemoteTarget, allowClear: boolean, attach: Attach): Promise<number> {
  const { address, credentials, machine, signal } = target;
  const tls = credentials === undefined ? {} : { tls: credentials };
  const connection = await connectSrpcShell({ ...address, ...tls }, signal);
  try {
    if (!connection.isSecure && !allowClear) throw notEncrypted(machine.address);
    return await attach(await connection.open());
  } finally {
    connection.close();
  }
}

function notEncrypted(address: string): InstallerError {
  return new InstallerError("E_TLS_HANDSHAKE", `connecting to ${address}: it offers no encryption`, {
    hint: "what is typed could be read and changed on its way; -insecure after the word shell accepts that",
  });
}
