import type { Host } from "../host.ts";
import { ExecaCommandRunner } from "./execa-command-runner.ts";
import { createLazyNativeCalls } from "./native/lazy-native-calls.ts";
import { NodeClock } from "./node-clock.ts";
import { NodeFileSystem } from "./node-file-system.ts";
import { NodeInterfaces } from "./node-interfaces.ts";
import { NodeMounts } from "./node-mounts.ts";
import { NodePower } from "./node-power.ts";
import { NodeRandomPool } from "./node-random-pool.ts";
import { NodeSockets } from "./node-sockets.ts";
import { NodeTerminals } from "./node-terminals.ts";
import { WorkerHashing } from "./worker-hashing.ts";

/** The machine that this process runs on. Dispose it to end the hashing threads. */
export function createNodeHost(): Host & AsyncDisposable {
  const native = createLazyNativeCalls();
  const hashing = new WorkerHashing();
  return {
    commands: new ExecaCommandRunner(),
    files: new NodeFileSystem(native),
    hashing,
    mounts: new NodeMounts(native),
    interfaces: new NodeInterfaces(native),
    sockets: new NodeSockets(native),
    clock: new NodeClock(native),
    power: new NodePower(native),
    randomPool: new NodeRandomPool(native),
    terminals: new NodeTerminals(native),
    [Symbol.asyncDispose]: async () => hashing[Symbol.asyncDispose](),
  };
}
