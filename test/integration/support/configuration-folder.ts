import { createHash, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What the client asks for as block size; what the servers grant. */
const BLOCK_BYTES = 1428;

/** The folder of a TFTP server, and what its files contain. */
export interface ConfigurationFolder {
  readonly path: string;
  /** SHA-256 by name. */
  readonly digests: ReadonlyMap<string, string>;
  readonly randomSeedBytes: number;
}

/** Fills a text up to `sizeBytes` with comment lines that differ from each other, so that no two blocks are the same. */
function padded(text: string, sizeBytes: number): string {
  let result = text;
  for (let line = 0; result.length < sizeBytes; line++) result += `# ${line} ${"-".repeat(line % 90)}\n`;
  return `${result.slice(0, sizeBytes - 1)}\n`;
}

/**
 * Makes a folder of about 1 MiB: the files of a configuration, whose sizes are at the edges of the protocol's blocks, and
 * further files of such sizes.
 */
export async function makeConfigurationFolder(
  directory: string,
  hostname = "host7",
): Promise<ConfigurationFolder> {
  const machine = {
    Machine: { Hostname: hostname, HostIpAddress: "10.55.0.2", HostMacAddress: "02:00:00:00:00:01" },
    Subnets: [{ Id: "Lab", IpGateway: "10.55.0.1", IpMask: "255.255.255.0" }],
  };
  const contents = new Map<string, string | Buffer>([
    ["config.json", padded(`${JSON.stringify(machine)}\n`, BLOCK_BYTES * 250)],
    ["storage-layout.json", padded('{"BootDriveLayout": [{"MountPoint": "/"}]}\n', 512 * 700 + 1)],
    ["imagename", "debian/13".padEnd(511)],
    ["imageserver", "10.55.0.1:6971".padEnd(512)],
    ["tools-imagename", "debian/tools".padEnd(513)],
    ["random-seed", randomBytes(BLOCK_BYTES * 230 - 1)],
    ...[0, 1, 511, 512, 513, BLOCK_BYTES, BLOCK_BYTES + 1, BLOCK_BYTES * 16, 512 * 16].map(
      (size) => [`file-${size}`, randomBytes(size)] as const,
    ),
  ]);
  const path = join(directory, "root");
  await mkdir(path);
  const digests = new Map<string, string>();
  for (const [name, content] of contents) {
    await writeFile(join(path, name), content);
    digests.set(name, createHash("sha256").update(content).digest("hex"));
  }
  return { path, digests, randomSeedBytes: contents.get("random-seed")?.length ?? 0 };
}

/** The names of the files that belong to no configuration. */
export function furtherNames(folder: ConfigurationFolder): readonly string[] {
  return [...folder.digests.keys()].filter((name) => name.startsWith("file-"));
}

/** What the client has to have in the end, with these further files: all but the seed, which it gives to the kernel. */
export function expectedDigests(
  folder: ConfigurationFolder,
  further: readonly string[],
): Readonly<Record<string, string>> {
  const isExpected = (name: string): boolean => !name.startsWith("file-") || further.includes(name);
  return Object.fromEntries(
    [...folder.digests].filter(([name]) => name !== "random-seed" && isExpected(name)),
  );
}
