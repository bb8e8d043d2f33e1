import type { InstallerClient } from "../../rpc/grpc/client.ts";
import type { Machine } from "./machine.ts";
import { type PersistOptions, persist } from "./persist.ts";

/** How a command talks to a machine, and how long it goes on when the machine cannot be reached. */
export interface ConversationOptions extends PersistOptions {
  readonly machine: Machine;
  /** Told when there is a connection, and when there is one again. */
  readonly onConnected?: () => void;
}

/**
 * Connects and talks. When the machine cannot be reached yet, or goes away in the middle, both are done again from the
 * start, so `talk` has to know where it stood. Rejects with the errors of `connectInstaller` and of its calls.
 */
export async function converse<T>(
  talk: (client: InstallerClient) => Promise<T>,
  options: ConversationOptions,
): Promise<T> {
  const { machine, signal, onConnected } = options;
  return persist(async (timeoutMs) => {
    using client = await machine.connect(timeoutMs, signal);
    onConnected?.();
    return await talk(client);
  }, options);
}

/** As `converse`, but what was begun is not begun again: for what must not be done twice. */
export async function converseOnce<T>(
  talk: (client: InstallerClient) => Promise<T>,
  options: ConversationOptions,
): Promise<T> {
  const { machine, signal, onConnected } = options;
  using client = await persist(async (timeoutMs) => machine.connect(timeoutMs, signal), options);
  onConnected?.();
  return await talk(client);
}
