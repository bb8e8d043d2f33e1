import { hasCode, InstallerError } from "../../core/errors.ts";
import type { Clock } from "../../system/power.ts";
import { findHostAddress, type HostAddress } from "../host-address.ts";
import { openTftpConnection } from "./connection.ts";
import { parseTftpReply } from "./packet.ts";
import { PLAIN_BLOCK_BYTES, TftpTransfer } from "./transfer.ts";

/** A file to read from a TFTP server. */
export interface TftpRequest {
  /** Name or address of the server. */
  readonly host: string;
  /** Default 69. */
  readonly port?: number;
  readonly name: string;
  /** Default 64 MiB. */
  readonly limitBytes?: number;
  /** Give up after this long without progress; default 30 s. Silence alone is normal: servers wait for seconds. */
  readonly stallMs?: number;
}

const DEFAULT_PORT = 69;
const DEFAULT_LIMIT_BYTES = 64 * 1024 * 1024;
const DEFAULT_STALL_MS = 30_000;
const RETRANSMIT_MS = 1000;
/** Several retransmissions: that the first block was lost each time is unlikely. Blocks of 512 bytes are tried then. */
const LARGE_BLOCK_PATIENCE_MS = 5000;

/**
 * Reads a whole file into memory. Rejects with E_NAME_LOOKUP, E_TFTP_NOT_FOUND, E_TFTP_ACCESS, E_TFTP_SERVER,
 * E_TFTP_PROTOCOL, E_TFTP_TIMEOUT, E_TFTP_TOO_LARGE, or the abort reason; socket errors as they are.
 */
export async function readTftpFile(request: TftpRequest, clock: Clock, signal: AbortSignal): Promise<Buffer> {
  const { name, host, limitBytes = DEFAULT_LIMIT_BYTES } = request;
  const server = await findHostAddress(host);
  const run = async (transfer: TftpTransfer) => runTransfer(transfer, request, server, clock, signal);
  const transfer = new TftpTransfer(name, limitBytes);
  try {
    return await run(transfer).catch((error: unknown) => {
      if (!transfer.awaitsLargeBlocks || !hasCode(error, "E_TFTP_TIMEOUT")) throw error;
      return run(new TftpTransfer(name, limitBytes, PLAIN_BLOCK_BYTES));
    });
  } catch (error) {
    if (!(error instanceof InstallerError)) throw error;
    throw new InstallerError(error.code, `receiving ${name} from ${host} by TFTP`, { cause: error });
  }
}

async function runTransfer(
  transfer: TftpTransfer,
  request: TftpRequest,
  server: HostAddress,
  clock: Clock,
  signal: AbortSignal,
): Promise<Buffer> {
  await using connection = await openTftpConnection(server, request.port ?? DEFAULT_PORT, clock);
  const stallMs = request.stallMs ?? DEFAULT_STALL_MS;
  let lastProgressMs = clock.monotonicMs();
  for (let reaction = transfer.start(); ; ) {
    if (reaction.send !== undefined) await connection.send(reaction.send, reaction.isRequest === true);
    if (reaction.failure !== undefined) throw reaction.failure;
    if (reaction.done === true) return transfer.content();
    if (reaction.progress === true) lastProgressMs = clock.monotonicMs();
    const limitMs = transfer.awaitsLargeBlocks ? Math.min(stallMs, LARGE_BLOCK_PATIENCE_MS) : stallMs;
    if (clock.monotonicMs() - lastProgressMs >= limitMs)
      throw new InstallerError("E_TFTP_TIMEOUT", `no progress for ${limitMs / 1000} s`, {
        cause: connection.sendFailure,
      });
    const packet = await connection.next(RETRANSMIT_MS, signal);
    reaction = packet === undefined ? transfer.onSilence() : transfer.onReply(parseTftpReply(packet));
  }
}
