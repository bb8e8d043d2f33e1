import { hasCode, InstallerError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Channel } from "../channel.ts";
import { decideAccess, type Identity } from "./access.ts";
import { type CallContext, type Method, ServerCall, toLine } from "./method.ts";
import type { MethodRegistry } from "./method-registry.ts";

/** What holds for all calls of one connection. */
export interface Session {
  readonly registry: MethodRegistry;
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
  readonly log: Logger;
}

/** The original has no limit; ours is far above any method name. */
const CALL_LINE_LIMIT_BYTES = 4096;

/**
 * Serves calls one after the other until the client leaves (spec/srpc.md section 5). Rejects when the connection
 * breaks, when the client keeps silent for too long, or when a handler fails after the acknowledgement.
 */
export async function serveSession(channel: Channel, session: Session): Promise<void> {
  for (;;) {
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
  const { identity, signal, log } = session;
  const context: CallContext = { identity, hasMethodAccess, peer: channel.peer, signal, log };
  if (!isAllowed) {
    log.info("access to method denied", { method: method.name, user: identity.userName, peer: channel.peer });
    await channel.write("access to method denied\n");
    return;
  }
  channel.readTimeoutMs = session.callTimeoutMs;
  await channel.write("\n");
  try {
    await method.serve(new ServerCall(channel), context);
  } catch (error) {
    throw new InstallerError("E_SRPC_CALL_FAILED", `serving ${method.name}`, { cause: error });
  }
}
