import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Console } from "./console.ts";
import { type DiskOptions, diskArguments, makeDisk } from "./disks.ts";
import { type FirmwareKind, firmwareArguments } from "./firmware.ts";

const DEFAULT_DISKS: readonly DiskOptions[] = [{ sizeBytes: 8 * 2 ** 30 }];

export interface MachineOptions {
  /** Default 2048. */
  readonly memoryMiB?: number;
  /** In attach order; default one virtio disk of 8 GiB. */
  readonly disks?: readonly DiskOptions[];
  /** Short for `disks` on virtio that have nothing but a size. */
  readonly disksBytes?: readonly number[];
  /** Position in `disks` of the one that `firstBoot: "disk"` boots from; default the first. */
  readonly bootDisk?: number;
  /** Default `bios`. */
  readonly firmware?: FirmwareKind;
  /**
   * Where the first boot comes from, default `network`; later boots are from a disk, with BIOS the first that it finds. EFI firmware
   * goes by its own boot order: the disks, then the network.
   */
  readonly firstBoot?: "network" | "disk";
  /** Record what the machine writes to its second serial port, /dev/ttyS1, in `Machine.recorderLog`. */
  readonly recorder?: boolean;
  /** Stop the machine when it restarts for the first time, until `continueRestart`; default: let it go on. */
  readonly pauseAtRestart?: boolean;
  /** In the order of eth0, eth1 …; default one on the lab's own network. The machine boots from the first only. */
  readonly networkCards?: readonly NetworkCard[];
  /** Told of each line of the console. */
  readonly onLine?: (line: string) => void;
}

/** A virtio network card whose cable ends in a socket that speaks the protocol of QEMU's `-netdev stream`. */
export interface NetworkCard {
  readonly macAddress: string;
  readonly socketPath: string;
}

/** How often to look whether the machine has stopped. */
const POLL_MS = 100;

/** What the lab provides to a machine. */
interface Surroundings {
  readonly directory: string;
  /** Differs between the starts of machines in one lab. */
  readonly name: string;
  readonly macAddress: string;
  readonly tap: string;
  readonly spawn: (program: string, args: readonly string[]) => ChildProcess;
}

interface MachineFiles {
  readonly disks: readonly (DiskOptions & { readonly image: string })[];
  readonly controlSocket: string;
  readonly consoleLog: string;
  readonly recorderLog: string;
}

/** A running virtual machine. */
export class Machine {
  readonly console: Console;
  readonly consoleLog: string;
  /** Empty without `recorder`. */
  readonly recorderLog: string;
  /** Paths of the disks' images in attach order. */
  readonly disks: readonly string[];
  readonly #process: ChildProcess;
  readonly #controlSocket: string;
  readonly #exited: Promise<unknown>;

  private constructor(qemu: ChildProcess, output: Console, files: MachineFiles) {
    this.#process = qemu;
    this.disks = files.disks.map(({ image }) => image);
    this.console = output;
    this.consoleLog = files.consoleLog;
    this.recorderLog = files.recorderLog;
    this.#controlSocket = files.controlSocket;
    this.#exited = once(qemu, "exit");
  }

  static async start(surroundings: Surroundings, options: MachineOptions): Promise<Machine> {
    const { directory, name } = surroundings;
    const disks = options.disks ?? options.disksBytes?.map((sizeBytes) => ({ sizeBytes })) ?? DEFAULT_DISKS;
    const files: MachineFiles = {
      disks: disks.map((disk, index) => ({ ...disk, image: makeDisk(directory, disk, index) })),
      controlSocket: path.join(directory, `${name}.qmp`),
      consoleLog: path.join(directory, `${name}.log`),
      recorderLog: options.recorder === true ? path.join(directory, `${name}-recorder.log`) : "",
    };
    const qemu = surroundings.spawn("qemu-system-x86_64", qemuArguments(surroundings, options, files));
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
    const output = new Console(
      qemu.stdout,
      qemu.stdin,
      files.consoleLog,
      options.onLine ?? (() => undefined),
    );
    return new Machine(qemu, output, files);
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

  /** Pulls out the cable of a network card, counted from 0, or puts it in again. */
  async setLink(card: number, up: boolean): Promise<void> {
    await this.#control("set_link", { name: `net${card}`, up });
  }

  /** Pulls the plug, and resolves when the disks belong to nobody. */
  async powerOff(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.#control("quit");
    await this.#exited;
  }

  /** One command of the QEMU Machine Protocol; resolves with everything that was answered. */
  #control(execute: string, arguments_?: Readonly<Record<string, string | boolean>>): Promise<string> {
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
  surroundings: Surroundings,
  options: MachineOptions,
  files: MachineFiles,
): readonly string[] {
  const firmware = options.firmware ?? "bios";
  const order = (options.firstBoot ?? "network") === "network" ? "order=c,once=n" : "order=c";
  const bootDisk = options.bootDisk ?? 0;
  const isOrderGiven = firmware === "bios" && options.firstBoot === "disk";
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
    firmwareArguments(firmware, surroundings.directory),
    ["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"],
    files.recorderLog === "" ? [] : ["-serial", `file:${files.recorderLog}`],
    ["-qmp", `unix:${files.controlSocket},server=on,wait=off`],
    networkArguments(surroundings, options),
    ["-device", "virtio-rng-pci"],
    diskArguments(files.disks, (index) => (isOrderGiven && index === bootDisk ? 0 : undefined)),
    ["-boot", order],
    options.pauseAtRestart === true ? ["-action", "reboot=shutdown,shutdown=pause"] : [],
  ].flat();
}

function networkArguments(
  { macAddress, tap }: Surroundings,
  { networkCards }: MachineOptions,
): readonly string[] {
  if (networkCards === undefined) {
    return [
      ["-netdev", `tap,id=net0,ifname=${tap},script=no,downscript=no`],
      ["-device", `virtio-net-pci,netdev=net0,mac=${macAddress}`],
    ].flat();
  }
  return networkCards.flatMap((card, index) => [
    "-netdev",
    `stream,id=net${index},server=off,addr.type=unix,addr.path=${card.socketPath}`,
    "-device",
    [
      `virtio-net-pci,netdev=net${index},mac=${card.macAddress}`,
      // A bond by LACP does not take a card back whose speed it does not know.
      "speed=10000,duplex=full",
      // Without the program in its ROM a card is none to boot from.
      ...(index === 0 ? [] : ["romfile="]),
    ].join(","),
  ]);
}
