import { displayOf } from "../../core/byte-string.ts";
import { InstallerError } from "../../core/errors.ts";
import type { FileSystemTree, RegularInode } from "../../images/model.ts";
import { validateTree } from "../../images/validate-tree.ts";
import { DirectoryObjectStore } from "../../objectcache/directory-object-store.ts";
import { fetchMissing } from "../../objectcache/fetch-missing.ts";
import type { CommandContext } from "../command.ts";
import { openImageServer } from "../open-image-server.ts";
import { requireTree } from "../require-tree.ts";

const CONSOLES = "console=tty0 console=ttyS0,115200n8";
/** A drive that does not answer must not keep the machine from its rescue. */
const SYNC_TIMEOUT_MS = 5_000;

/** Starts kernel and initial RAM disk that lie in the root of an image (spec/cli.md section 7.1). */
export async function run(context: CommandContext, args: readonly string[]): Promise<number> {
  const { flags, log, signal } = context;
  const [imageName = ""] = args;
  const { host, server, connector } = await openImageServer(context);
  const { tree } = await (async () => {
    await using client = await connector.connect(server, context);
    return requireTree(await client.resolveImage(imageName, signal));
  })();
  validateTree(tree);
  const bootFiles = [findRegularFile(tree, "initrd.img"), findRegularFile(tree, "vmlinuz")] as const;

  await using cleanup = new AsyncDisposableStack();
  const directory = await host.files.makeTemporaryDirectory("/tmp", "kexec");
  cleanup.defer(async () => host.files.removeTree(directory));
  const store = new DirectoryObjectStore({
    root: directory,
    files: host.files,
    hashing: host.hashing,
    durability: "volatile",
  });
  const wanted = new Map(bootFiles.map(({ objectId, sizeBytes }) => [objectId, sizeBytes]));
  await fetchMissing({ wanted, store, source: connector.objectSource(server, log), signal });
  const [initrd, kernel] = await Promise.all(bootFiles.map(async ({ objectId }) => store.pathOf(objectId)));

  await Promise.race([host.files.syncAll(), failAfter(SYNC_TIMEOUT_MS, signal, host.clock)]);
  const append =
    flags.tftpServerHostname === "" ? CONSOLES : `${CONSOLES} tftpserver=${flags.tftpServerHostname}`;
  const kexec = [
    "kexec",
    "-l",
    kernel ?? "",
    `--append=${append}`,
    "--console-serial",
    "--serial-baud=115200",
    "--console-vga",
    `--initrd=${initrd ?? ""}`,
    "-f",
  ];
  const [program = "", ...programArgs] = process.geteuid?.() === 0 ? kexec : ["sudo", ...kexec];
  log.info(`running: ${[program, ...programArgs].join(" ")}`);
  return await host.commands.runInteractive({ program, args: programArgs }, signal);
}

function findRegularFile(tree: FileSystemTree, name: string): RegularInode {
  const entry = tree.root.entries.find((candidate) => displayOf(candidate.name) === name);
  const inode = entry === undefined ? undefined : tree.inodes.get(entry.inode);
  if (inode === undefined) throw new InstallerError("E_BOOT_FILES", `file: "/${name}" not present in image`);
  if (inode.kind !== "regular")
    throw new InstallerError("E_BOOT_FILES", `file: "/${name}" is not a regular file`);
  return inode;
}

async function failAfter(
  timeoutMs: number,
  signal: AbortSignal,
  clock: { sleep(ms: number, signal: AbortSignal): Promise<void> },
): Promise<never> {
  await clock.sleep(timeoutMs, signal);
  throw new InstallerError("E_TIMEOUT", "syncing file-systems before kexec");
}
