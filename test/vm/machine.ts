import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, truncateSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Console } from "./console.ts";

const DEFAULT_DISKS_BYTES = [8 * 2 ** 30];

export interface MachineOptions {
  /** Default 2048. */
  readonly memoryMiB?: number;
  /** Sizes of the virtio disks, which are empty unless they exist from an earlier start; default one of 8 GiB. */
  readonly disksBytes?: readonly number[];
  /** Where the first boot comes from; later boots are always from the first disk. Default `network`. */
  readonly firstBoot?: "network" | "disk";
  /** Stop the machine when it restarts for the first time, until `continueRestart`; default: let it go on. */
  readonly pauseAtRestart?: boolean;
  /** Told of each line of the console. */
  readonly onLine?: (line: string) => void;
}

/** How often to look whether the machine has stopped. */
const POLL_MS = 100;

/** What the lab provides to a machine. */
interface Surroundings {
  readonly directory: string;
  readonly macAddress: string;
  readonly tap: string;
  readonly spawn: (program: string, args: readonly string[]) => ChildProcess;
}

/** A running virtual machine. */
export class Machine {
  readonly console: Console;
  readonly consoleLog: string;
  /** Paths of the disks, the boot disk first. */
  readonly disks: readonly string[];
  readonly #process: ChildProcess;
  readonly #controlSocket: string;
  readonly #exited: Promise<unknown>;

  private constructor(
    qemu: ChildProcess,
    output: Console,
    {
      consoleLog,
      controlSocket,
      disks,
    }: { consoleLog: string; controlSocket: string; disks: readonly string[] },
  ) {
    this.#process = qemu;
    this.disks = disks;
    this.console = output;
    this.consoleLog = consoleLog;
    this.#controlSocket = controlSocket;
    this.#exited = once(qemu, "exit");
  }

  static async start(surroundings: Surroundings, options: MachineOptions): Promise<Machine> {
    const { directory } = surroundings;
    const disks = (options.disksBytes ?? DEFAULT_DISKS_BYTES).map((sizeBytes, index) =>
      makeDisk(path.join(directory, `disk${index}.raw`), sizeBytes),
    );
    const controlSocket = path.join(directory, "qmp");
    const consoleLog = path.join(directory, "console.log");
    const qemu = surroundings.spawn(
      "qemu-system-x86_64",
      qemuArguments(surroundings, options, disks, controlSocket),
    );
    let complaints = "";
    qemu.stderr?.on("data", (chunk: Buffer) => {
      complaints += chunk.toString();
    });
    await once(qemu, "spawn");
    qemu.on("exit", (code) => {
      if (code !== 0 && code !== null)
        process.stderr.write(`qemu ended with exit code ${code}: ${complaints}\n`);
    });
    if (qemu.stdout === null || qemu.stdin === null) throw new Error("qemu was started without a console");
    const output = new Console(qemu.stdout, qemu.stdin, consoleLog, options.onLine ?? (() => undefined));
    return new Machine(qemu, output, { consoleLog, controlSocket, disks });
  }

  /** Presses the reset button. */
  async reset(): Promise<void> {
    await this.#control("system_reset");
  }

  /** With `pauseAtRestart`: resolves when the machine has stopped, and its disks hold what it has written. */
  async waitForRestart(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!(await this.#control("query-status")).includes('"running": false')) {
      if (performance.now() > deadline)
        throw new Error(`the machine did not restart:\n${this.console.tail()}`);
      await sleep(POLL_MS);
    }
  }

  /** Lets a machine that stopped at its restart start again. */
  async continueRestart(): Promise<void> {
    await this.#control("set-action", { reboot: "reset", shutdown: "poweroff" });
    await this.#control("system_reset");
    await this.#control("cont");
  }

  /** Pulls the plug, and resolves when the disks belong to nobody. */
  async powerOff(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.#control("quit");
    await this.#exited;
  }

  /** One command of the QEMU Machine Protocol; resolves with everything that was answered. */
  #control(execute: string, arguments_?: Readonly<Record<string, string>>): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#controlSocket);
      let answers = "";
      socket.on("connect", () => {
        const command = JSON.stringify(
          arguments_ === undefined ? { execute } : { execute, arguments: arguments_ },
        );
        socket.write(`{"execute":"qmp_capabilities"}\n${command}\n`);
      });
      socket.setEncoding("utf8").on("data", (text: string) => {
        answers += text;
        if ((answers.match(/"return"/g) ?? []).length >= 2) socket.end();
      });
      socket.on("error", (error) => (execute === "quit" ? resolve(answers) : reject(error)));
      socket.on("close", () => resolve(answers));
    });
  }
}

/**
 * Hardware virtualisation is not asked for: it is absent, or worse, broken, on many build machines. Without AVX the
 * emulation is faster: SHA-512 by half, as OpenSSL and V8 then choose code that is cheaper to translate.
 */
function qemuArguments(
  { macAddress, tap }: Surroundings,
  options: MachineOptions,
  disks: readonly string[],
  controlSocket: string,
): readonly string[] {
  const order = (options.firstBoot ?? "network") === "network" ? "order=c,once=n" : "order=c";
  return [
    ["-nodefaults", "-no-user-config", "-display", "none"],
    // Without graphics the firmware and its network boot program show their messages on the serial console as well.
    ["-machine", "pc,graphics=off"],
    [
      "-accel",
      "tcg,thread=multi",
      "-cpu",
      "max,-avx,-avx2",
      "-smp",
      "2",
      "-m",
      String(options.memoryMiB ?? 2048),
    ],
    ["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"],
    ["-qmp", `unix:${controlSocket},server=on,wait=off`],
    ["-netdev", `tap,id=net0,ifname=${tap},script=no,downscript=no`],
    ["-device", `virtio-net-pci,netdev=net0,mac=${macAddress}`],
    ["-device", "virtio-rng-pci"],
    ...disks.map((file) => ["-drive", `file=${file},if=virtio,format=raw,cache=unsafe,discard=unmap`]),
    ["-boot", order],
    options.pauseAtRestart === true ? ["-action", "reboot=shutdown,shutdown=pause"] : [],
  ].flat();
}

/** A sparse file: it takes the space of what is written to it. */
function makeDisk(file: string, sizeBytes: number): string {
  if (!existsSync(file)) {
    writeFileSync(file, "");
    truncateSync(file, sizeBytes);
  }
  return file;
}
