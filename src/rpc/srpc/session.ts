import { hasCode, InstallerError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Channel } from "../channel.ts";
import { decideAccess, type Identity } from "./access.ts";
import type { CoderName } from "./coder.ts";
import { type CallContext, type Method, ServerCall, toLine } from "./method.ts";
import type { MethodRegistry } from "./method-registry.ts";
import type { SrpcRecorder } from "./recorder.ts";

/** What holds for all calls of one connection. */
export interface Session {
  readonly registry: MethodRegistry;
  readonly coder: CoderName;
  readonly identity: Identity;
  readonly isInsecureServer: boolean;
  readonly withoutPowers: boolean;
  readonly trustedUsers: readonly string[];
  readonly trustedGroups: readonly string[];
  /** How long a connection may lie idle between calls; 0: for ever. */
  readonly idleTimeoutMs: number;
  /** How long a call waits for its caller, unless the method says otherwise; 0: for ever. */
  readonly callTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly recorder: SrpcRecorder;
  readonly log: Logger;
}

/** The original has no limit; ours is far above any method name. */
const CALL_LINE_LIMIT_BYTES = 4096;

/**
 * Serves calls one after the other until the client leaves or a call ends the connection (spec/srpc.md section 5).
 * Rejects when the connection breaks, when the client keeps silent for too long, or when a handler fails after the
 * acknowledgement.
 */
export async function serveSession(channel: Channel, session: Session): Promise<void> {
  while (!channel.hasEnded) {
    const line = await readCallLine(channel, session.idleTimeoutMs);
    if (line === undefined) return;
    if (line === "") {
      await channel.write("\n");
      continue;
    }
    const found = session.registry.find(line);
    if (typeof found === "string") await channel.write(`${toLine(found)}\n`);
    else await serveCall(channel, found, session);
  }
}

/** Undefined when the client has closed the connection. */
async function readCallLine(channel: Channel, idleTimeoutMs: number): Promise<string | undefined> {
  channel.readTimeoutMs = idleTimeoutMs;
  try {
    return (await channel.reader.readLine(CALL_LINE_LIMIT_BYTES)).trim();
  } catch (error) {
    if (hasCode(error, "E_STREAM_ENDED", "E_CONNECTION_LOST")) return undefined;
    throw error;
  }
}

async function serveCall(channel: Channel, method: Method, session: Session): Promise<void> {
  const { isAllowed, hasMethodAccess } = decideAccess({ ...session, ...method, method: method.name });
  const { identity, signal, recorder, log } = session;
  const context: CallContext = { identity, hasMethodAccess, peer: channel.peer, signal, log };
  if (!isAllowed) {
    recorder.deniedCall(method.name);
    log.info("access to method denied", { method: method.name, user: identity.userName, peer: channel.peer });
    await channel.write("access to method denied\n");
    return;
  }
  const record = recorder.permittedCall(method.name);
  channel.readTimeoutMs = session.callTimeoutMs;
  try {
    await channel.write("\n");
    await method.serve(new ServerCall(channel, session.coder, method.requestLimitBytes), context);
    record.end("successful");
  } catch (error) {
    record.end("failed");
    throw new InstallerError("E_SRPC_CALL_FAILED", `serving ${method.name}`, { cause: error });
  }
}
