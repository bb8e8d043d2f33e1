import type { StepContext } from "../../../src/engine/step.ts";
import type { StoragePlan } from "../../../src/storage/plan/plan.ts";
import { acceptEnding } from "../../../src/system/command-endings.ts";
import { formatCommand } from "../../../src/system/command-line.ts";
import type { Command, CommandResult } from "../../../src/system/commands.ts";
import type { FileSystem, Path } from "../../../src/system/files.ts";
import { createFakeHost, FakeHashing, FakeMounts } from "../../support/fake-host.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";
import { silentProgress } from "../../support/silent-progress.ts";
import { SparseDevice } from "../../support/sparse-device.ts";

const S_IFBLK = 0o060000;

/** INT 18h: the code that hands on to the next boot device. */
const REFUSING = "cd18";

/** How a program is made to fail: before it did anything, or with all its work done. */
export type Fault = { readonly line: string; readonly when: "at once" | "at the end" };

/**
 * A machine with drives that keep what is written to them, and with the programs of an installation, each of which does
 * to the machine what matters here: partitions and mappings appear, boot code is written.
 */
export class TargetMachine {
  /** Each program that ran, as `formatCommand` writes it. */
  readonly lines: string[] = [];
  readonly log = createRecordingLogger();
  readonly files: MemoryFileSystem;
  readonly mounts: FakeMounts;
  readonly #plan: StoragePlan;
  readonly #fault: Fault | undefined;
  readonly #devices = new Map<string, { readonly device: SparseDevice; readonly startBytes: number }>();

  constructor(plan: StoragePlan, fault?: Fault) {
    this.#plan = plan;
    this.#fault = fault;
    const directories = ["dev/mapper", "proc", "sys", "tmp", "tmproot/etc", "tftpdata"];
    this.files = new MemoryFileSystem({
      files: {
        ...Object.fromEntries(directories.map((path) => [`/${path}/`, ""])),
        "/proc/cmdline": "console=tty0 console=ttyS0,115200n8\n",
        "/tftpdata/config.json": "{}",
      },
    });
    this.mounts = new FakeMounts(this.files);
  }

  /** Plugs in the plan's drives; the boot drive has boot code and a partition of an old system. */
  async start(): Promise<void> {
    const drives = [this.#plan.bootDrive.drive, ...this.#plan.dataDrives.map((data) => data.drive)];
    for (const { name, sizeBytes } of drives) {
      await this.#addDevice(`/dev/${name}`, new SparseDevice(sizeBytes), 0);
      await this.#writeSysfs(`/sys/class/block/${name}`, { size: sizeBytes / 512 });
    }
    const { name, devicePath } = this.#plan.bootDrive.drive;
    this.#device(devicePath).device.write(0, Buffer.from("OLD BOOT CODE"));
    await this.#addPartition(name, 1, 2 ** 20, 2 ** 21);
  }

  context(cleanup: AsyncDisposableStack): StepContext {
    const files = this.#filesWithDevices();
    const host = {
      ...createFakeHost(),
      files,
      mounts: this.mounts,
      hashing: new FakeHashing(files),
      commands: {
        run: async (command: Command) => this.#run(command),
        runInteractive: async () => Promise.reject(new Error("there is nobody at the terminal")),
      },
    };
    return {
      host,
      log: this.log,
      progress: silentProgress,
      signal: new AbortController().signal,
      cleanup,
    };
  }

  /** Whether the firmware would start anything from the boot drive. */
  async bootsFromDrive(): Promise<boolean> {
    const { devicePath } = this.#plan.bootDrive.drive;
    if (this.#plan.firmware === "bios") {
      const code = this.#device(devicePath).device.read(0, 440);
      return code.some((byte) => byte !== 0) && !code.toString("hex").startsWith(REFUSING);
    }
    const esp = this.#devices.get(`${devicePath}1`);
    const hasFileSystem = esp?.device.read(esp.startBytes, 3).some((byte) => byte !== 0) ?? false;
    return hasFileSystem && (await this.files.exists(this.#efiLoader()));
  }

  async #run(command: Command): Promise<CommandResult> {
    const line = formatCommand(command);
    this.lines.push(line);
    const output = { stdout: "", stderr: "made to fail", durationMs: 1 };
    const fails = this.#fault?.line === line;
    if (!fails || this.#fault?.when === "at the end") await this.#effect(command);
    return acceptEnding(command, { exitCode: fails ? 7 : 0 }, output);
  }

  async #effect({ program, args }: Command): Promise<void> {
    const { drive, partitions } = this.#plan.bootDrive;
    switch (program.split("/").at(-1)) {
      case "parted":
        this.#device(drive.devicePath).device.write(0, Buffer.from("PARTED'S BOOT CODE"));
        for (const { number, startBytes, endBytes } of partitions)
          await this.#addPartition(drive.name, number, startBytes, endBytes - startBytes);
        break;
      case "blockdev":
      case "partprobe":
        await this.#forgetPartitions(drive.name);
        break;
      case "mkfs.vfat": {
        const at = this.#device(args.at(-1) ?? "");
        at.device.write(at.startBytes, Buffer.from("FAT"));
        break;
      }
      case "cryptsetup": {
        const name = args.at(-1) ?? "";
        if (args[0] === "open") await this.#addDevice(`/dev/mapper/${name}`, new SparseDevice(2 ** 30), 0);
        if (args[0] === "close") await this.files.removeFile(`/dev/mapper/${name}`);
        break;
      }
      case "grub-install":
        if (this.#plan.firmware === "bios")
          this.#device(drive.devicePath).device.write(0, Buffer.from("GRUB"));
        else {
          await this.files.makeDirectory(this.#efiLoader().replace(/\/[^/]+$/, ""), { parents: true });
          await this.files.writeFile(this.#efiLoader(), "GRUB");
        }
        break;
      default:
    }
  }

  #efiLoader(): string {
    return "/mnt/mnt/efi/EFI/BOOT/BOOTX64.EFI";
  }

  #device(path: string) {
    const found = this.#devices.get(path);
    if (found === undefined) throw new Error(`no such device: ${path}`);
    return found;
  }

  async #addDevice(path: string, device: SparseDevice, startBytes: number): Promise<void> {
    this.#devices.set(path, { device, startBytes });
    await this.files.removeTree(path);
    await this.files.makeNode(path, S_IFBLK | 0o600, 0n);
  }

  async #addPartition(drive: string, number: number, startBytes: number, sizeBytes: number): Promise<void> {
    const name = `${drive}${number}`;
    await this.#addDevice(`/dev/${name}`, this.#device(`/dev/${drive}`).device, startBytes);
    for (const directory of [`/sys/class/block/${name}`, `/sys/class/block/${drive}/${name}`])
      await this.#writeSysfs(directory, {
        partition: number,
        start: startBytes / 512,
        size: sizeBytes / 512,
      });
  }

  async #forgetPartitions(drive: string): Promise<void> {
    for (const name of await this.files.readDirectoryText(`/sys/class/block/${drive}`)) {
      if (!name.startsWith(drive)) continue;
      for (const directory of [`/sys/class/block/${name}`, `/sys/class/block/${drive}/${name}`])
        await this.files.removeTree(directory);
      await this.files.removeFile(`/dev/${name}`);
    }
  }

  async #writeSysfs(directory: string, attributes: Readonly<Record<string, number>>): Promise<void> {
    await this.files.makeDirectory(directory, { parents: true });
    for (const [name, value] of Object.entries(attributes))
      await this.files.writeFile(`${directory}/${name}`, `${value}\n`);
  }

  /** The files of the machine, where reading and writing a device means its content. */
  #filesWithDevices(): FileSystem {
    const read = async (path: Path, offsetBytes: number, lengthBytes: number) => {
      await this.files.stat(path);
      const { device, startBytes } = this.#device(String(path));
      return device.read(startBytes + offsetBytes, lengthBytes);
    };
    const isDevice = (path: Path) => this.#devices.has(String(path));
    const changed: Partial<FileSystem> = {
      readHead: async (path, lengthBytes) =>
        isDevice(path) ? read(path, 0, lengthBytes) : this.files.readHead(path, lengthBytes),
      readAt: async (path, offsetBytes, lengthBytes) =>
        isDevice(path)
          ? read(path, offsetBytes, lengthBytes)
          : this.files.readAt(path, offsetBytes, lengthBytes),
      writeAt: async (path, offsetBytes, content) => {
        if (!isDevice(path)) return this.files.writeAt(path, offsetBytes, content);
        await this.files.stat(path);
        const { device, startBytes } = this.#device(String(path));
        device.write(startBytes + offsetBytes, content);
      },
    };
    return new Proxy<FileSystem>(this.files, {
      get: (target, name) => {
        const value: unknown = Reflect.get(changed, name) ?? Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
}
