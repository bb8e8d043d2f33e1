import { InstallerError } from "../../core/errors.ts";
import type { Clock } from "../../system/power.ts";
import { findHostAddress } from "../host-address.ts";
import { openTftpConnection, type TftpConnection } from "./connection.ts";
import { parseTftpReply } from "./packet.ts";
import { TftpTransfer } from "./transfer.ts";

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

/**
 * Reads a whole file into memory. Rejects with E_NAME_LOOKUP, E_TFTP_NOT_FOUND, E_TFTP_ACCESS, E_TFTP_SERVER,
 * E_TFTP_PROTOCOL, E_TFTP_TIMEOUT, E_TFTP_TOO_LARGE, or the abort reason; socket errors as they are.
 */
export async function readTftpFile(request: TftpRequest, clock: Clock, signal: AbortSignal): Promise<Buffer> {
  const server = await findHostAddress(request.host);
  try {
    await using connection = await openTftpConnection(server, request.port ?? DEFAULT_PORT, clock);
    return await receive(request, connection, clock, signal);
  } catch (error) {
    if (!(error instanceof InstallerError)) throw error;
    throw new InstallerError(error.code, `receiving ${request.name} from ${request.host} by TFTP`, {
      cause: error,
    });
  }
}

async function receive(
  request: TftpRequest,
  connection: TftpConnection,
  clock: Clock,
  signal: AbortSignal,
): Promise<Buffer> {
  const stallMs = request.stallMs ?? DEFAULT_STALL_MS;
  const transfer = new TftpTransfer(request.name, request.limitBytes ?? DEFAULT_LIMIT_BYTES);
  let lastProgressMs = clock.monotonicMs();
  for (let reaction = transfer.start(); ; ) {
    if (reaction.send !== undefined) await connection.send(reaction.send, reaction.isRequest === true);
    if (reaction.failure !== undefined) throw reaction.failure;
    if (reaction.done === true) return transfer.content();
    if (reaction.progress === true) lastProgressMs = clock.monotonicMs();
    if (clock.monotonicMs() - lastProgressMs >= stallMs)
      throw new InstallerError("E_TFTP_TIMEOUT", `no progress for ${stallMs / 1000} s`, {
        cause: connection.sendFailure,
      });
    const packet = await connection.next(RETRANSMIT_MS, signal);
    reaction = packet === undefined ? transfer.onSilence() : transfer.onReply(parseTftpReply(packet));
  }
}
