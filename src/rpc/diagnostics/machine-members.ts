import { hasCode } from "../../core/errors.ts";
import type { CommandRunner } from "../../system/commands.ts";
import type { FileSystem } from "../../system/files.ts";
import { redactLines } from "../redaction/redact-lines.ts";
import type { KnownSecrets } from "./known-secrets.ts";
import { MEMBER_LIMIT_BYTES, type PlannedMember } from "./member.ts";
import { redactJsonText } from "./redact-file.ts";

export interface MachineSources {
  readonly files: Pick<FileSystem, "readHead" | "readDirectoryText">;
  readonly commands: Pick<CommandRunner, "run">;
  readonly procDirectory: string;
  readonly sysfsDirectory: string;
  readonly secrets: KnownSecrets;
}

/** Programs that describe the machine; they only look. */
const PROGRAMS: readonly {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}[] = [
  { name: "dmesg.txt", program: "dmesg", args: [] },
  { name: "lsblk.json", program: "lsblk", args: ["-O", "-J"] },
  { name: "ip-address.json", program: "ip", args: ["-d", "-j", "addr"] },
  { name: "ip-route.json", program: "ip", args: ["-d", "-j", "route"] },
  { name: "ip-link.json", program: "ip", args: ["-d", "-j", "link"] },
];

const PROC_FILES = [
  "cmdline",
  "cpuinfo",
  "interrupts",
  "mdstat",
  "meminfo",
  "modules",
  "mounts",
  "net/dev",
  "net/route",
  "partitions",
  "swaps",
  "version",
] as const;

const PROGRAM_TIMEOUT_MS = 15_000;

/** What programs and procfs tell about the machine; a program that is not there is no error. */
export function planMachineMembers(sources: MachineSources): readonly PlannedMember[] {
  return [
    ...PROGRAMS.map(({ name, program, args }) => ({
      name,
      read: async (signal: AbortSignal) => readProgram(sources, name, program, args, signal),
    })),
    ...PROC_FILES.map((file) => ({
      name: `proc/${file.replace("/", "-")}`,
      read: async () => readProc(sources, file),
    })),
    { name: "sys/block.txt", read: async () => readBlockDevices(sources) },
  ];
}

async function readProgram(
  { commands, secrets }: MachineSources,
  name: string,
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const command = { program, args, changesNothing: true, timeoutMs: PROGRAM_TIMEOUT_MS };
    const { stdout } = await commands.run(command, signal);
    return name.endsWith(".json") ? await redactJsonText(stdout, secrets) : await redactLines(stdout);
  } catch (error) {
    if (hasCode(error, "E_COMMAND_NOT_FOUND")) return undefined;
    throw error;
  }
}

async function readProc({ files, procDirectory }: MachineSources, file: string): Promise<string | undefined> {
  const content = await files.readHead(`${procDirectory}/${file}`, MEMBER_LIMIT_BYTES).catch(() => undefined);
  return content === undefined ? undefined : redactLines(content.toString("utf8"));
}

/** For machines without lsblk: size and kind of each block device, as the kernel has them. */
async function readBlockDevices({ files, sysfsDirectory }: MachineSources): Promise<string> {
  const directory = `${sysfsDirectory}/class/block`;
  const lines: string[] = [];
  for (const name of (await files.readDirectoryText(directory)).slice(0, 1_000)) {
    const read = async (attribute: string): Promise<string> =>
      (await files.readHead(`${directory}/${name}/${attribute}`, 256).catch(() => ""))
        .toString("utf8")
        .trim();
    lines.push(
      `${name} sectors=${await read("size")} removable=${await read("removable")} model=${JSON.stringify(await read("device/model"))}\n`,
    );
  }
  return lines.join("");
}
