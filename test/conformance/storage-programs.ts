import { InstallerError } from "../../src/core/errors.ts";
import { acceptEnding, commandCancelled } from "../../src/system/command-endings.ts";
import { formatCommand } from "../../src/system/command-line.ts";
import type { Command, CommandResult, CommandRunner } from "../../src/system/commands.ts";
import { type PartitionTable, parseCommand } from "./storage-commands.ts";
import type { MachineFileSystem } from "./storage-devices.ts";
import type { MachineEvent } from "./storage-events.ts";
import { volumePath } from "./storage-mounts.ts";

const MIB = 2 ** 20;
const MAPPING_HEADER_BYTES = 16 * MIB;

export interface ProgramsOptions {
  readonly files: MachineFileSystem;
  readonly note: (event: MachineEvent) => void;
  /** Whether the original's command of these words was made to fail. */
  readonly fails: (line: string) => boolean;
  /** What the drive selector prints. */
  readonly selection: string;
}

export const DRIVE_SELECTOR = "/usr/local/sbin/drive-selector";

/** Runs the programs of the tools root by what they do to the machine: nodes appear, file-systems become empty. */
export class MachinePrograms implements CommandRunner {
  /** Commands on the way, to tell which ran at the same time. */
  readonly running = new Set<Command>();
  readonly overlaps: string[] = [];
  readonly #options: ProgramsOptions;

  constructor(options: ProgramsOptions) {
    this.#options = options;
  }

  async run(command: Command, signal: AbortSignal): Promise<CommandResult> {
    if (signal.aborted) throw commandCancelled(command, signal.reason);
    const argv = [command.program, ...command.args];
    if (command.program === DRIVE_SELECTOR) return this.#end(command, 0, this.#options.selection);
    const meaning = parseCommand(argv, command.chroot);
    // Programs that the original does not run look at the machine; they never fail.
    const fails = meaning.kind !== "other" && this.#options.fails(argv.join(" "));
    const event = {
      kind: "run",
      argv,
      ...(command.chroot === undefined ? {} : { chroot: command.chroot }),
      fails,
    } as const;
    this.#options.note(event);
    this.#noteOverlaps(command);
    this.running.add(command);
    try {
      await new Promise((resolve) => setImmediate(resolve));
      if (!fails) await this.#takeEffect(argv, command.chroot);
    } finally {
      this.running.delete(command);
    }
    return this.#end(command, fails ? 1 : 0, "");
  }

  runInteractive(): Promise<number> {
    throw new InstallerError("E_COMMAND_NOT_FOUND", "there is no terminal");
  }

  #end(command: Command, exitCode: number, stdout: string): CommandResult {
    return acceptEnding(command, { exitCode }, { stdout, stderr: "", durationMs: 1 });
  }

  #noteOverlaps(command: Command): void {
    const drive = formattedDrive(command);
    if (drive === undefined) return;
    for (const other of this.running)
      if (formattedDrive(other) === drive)
        this.overlaps.push(`${formatCommand(other)} and ${formatCommand(command)}`);
  }

  async #takeEffect(argv: readonly string[], chroot: string | undefined): Promise<void> {
    const { files } = this.#options;
    const meaning = parseCommand(argv, chroot);
    switch (meaning.kind) {
      case "table":
        await addPartitions(meaning.device, meaning.table, files);
        return;
      case "open":
        await files.addDevice(
          `/dev/mapper/${meaning.mapping}`,
          Math.max(0, (files.sizeOf(meaning.device) ?? 0) - MAPPING_HEADER_BYTES),
        );
        return;
      case "close":
        await files.removeDevice(`/dev/mapper/${meaning.mapping}`);
        return;
      case "make":
        await files.removeTree(volumePath(meaning.device));
        await files.makeDirectory(volumePath(meaning.device));
        return;
      case "other":
        if (["blockdev", "partprobe"].includes(meaning.program)) await this.#rereadTable(argv.at(-1) ?? "");
        return;
      default:
        return;
    }
  }

  /** The kernel forgets the partitions of a table that is not there any more. */
  async #rereadTable(device: string): Promise<void> {
    const { files } = this.#options;
    if (!files.isBlank(device)) return;
    const drive = device.slice("/dev/".length);
    const directory = `/sys/class/block/${drive}`;
    const names = await files.readDirectoryText(directory);
    for (const name of names.filter((each) => each.startsWith(drive))) {
      await files.removeTree(`${directory}/${name}`);
      await files.removeTree(`/sys/class/block/${name}`);
      await files.removeDevice(`/dev/${name}`);
    }
  }
}

/** The drive that a mkfs works on; undefined for other commands. */
function formattedDrive(command: Command): string | undefined {
  const meaning = parseCommand([command.program, ...command.args]);
  return meaning.kind === "make"
    ? meaning.device.replace(/^\/dev\/(mapper\/)?/, "").replace(/(?<=\d)p\d+$|(?<=[a-z])\d+$/, "")
    : undefined;
}

/** The kernel shows partitions under its own names, whatever the original took them for. */
async function addPartitions(device: string, table: PartitionTable, files: MachineFileSystem): Promise<void> {
  const drive = device.slice("/dev/".length);
  const link = (await files.readLink(`/sys/class/block/${drive}`)).toString();
  files.writeTable(device);
  const driveMebibytes = (files.sizeOf(device) ?? 0) / MIB;
  for (const [index, { start, end }] of table.partitions.entries()) {
    const name = `${drive}${/\d$/.test(drive) ? "p" : ""}${index + 1}`;
    const mebibytes = (end === "end" ? driveMebibytes - 1 : Number(end)) - Number(start);
    await files.addBlockClass({
      name,
      link: `${link}/${name}`,
      isLink: true,
      hasDevice: false,
      isReadable: true,
      sizeBytes: Math.floor(mebibytes) * MIB,
      attributes: {
        partition: `${index + 1}\n`,
        start: `${Number(start) * 2048}\n`,
        size: `${Math.floor(mebibytes) * 2048}\n`,
        dev: `259:${index}\n`,
      },
    });
  }
}
