import type { InstallerClient } from "../../rpc/grpc/client.ts";

/** Where a machine is and how to talk to it. */
export interface Machine {
  /** `host:port`, for messages. */
  readonly address: string;
  /** One attempt. */
  connect(timeoutMs: number, signal: AbortSignal): Promise<InstallerClient>;
}
