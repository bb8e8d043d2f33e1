import { messageChain } from "../../core/errors.ts";
import { readPartitionNames } from "../drives/drive-partitions.ts";
import { readMachineUse } from "../drives/machine-use.ts";
import type { StorageEnvironment } from "../environment.ts";
import { type BootDrivePlan, bootDriveVolumes, type StoragePlan } from "../plan/plan.ts";
import { type OldFileSystem, PROBE_BYTES, probeFileSystem } from "./probe-file-system.ts";

/** A device with a file-system that may be the root of the system that is about to be replaced. */
export interface OldRootCandidate extends OldFileSystem {
  /** `/dev/sda2` */
  readonly devicePath: string;
  /** Number of the partition now; undefined for the drive itself. */
  readonly partition: number | undefined;
  /** The kernel refuses writes to it already. */
  readonly readOnly: boolean;
}

type CandidateEnvironment = Pick<
  StorageEnvironment,
  "files" | "mounts" | "log" | "sysfsDirectory" | "procDirectory"
>;

interface OldDevice {
  readonly name: string;
  readonly partition: number | undefined;
  readonly readOnly: boolean;
  readonly holders: readonly string[];
}

/**
 * Where the old root may be, the likeliest first: on the boot drive of the plan and no other drive. None when something is
 * built on that drive (LVM, RAID, encryption): what is in use is not touched, and what is stacked is not taken apart for this.
 */
export async function findOldRootCandidates(
  plan: StoragePlan,
  environment: CandidateEnvironment,
): Promise<readonly OldRootCandidate[]> {
  const { log } = environment;
  const devices = await readDevices(plan.bootDrive.drive.name, environment);
  const held = devices.find(({ holders }) => holders.length > 0);
  if (held !== undefined) {
    log.debug(1, `not looking for an old root: /dev/${held.name} is held by ${held.holders.join(", ")}`);
    return [];
  }
  const candidates: OldRootCandidate[] = [];
  for (const { name, partition, readOnly } of devices) {
    const devicePath = `/dev/${name}`;
    const found = await probe(devicePath, environment);
    if (found !== undefined) candidates.push({ ...found, devicePath, partition, readOnly });
  }
  return rankCandidates(candidates, plan);
}

/** The planned root's label first, then the planned root's place, then the others as they lie on the drive. */
export function rankCandidates(
  candidates: readonly OldRootCandidate[],
  plan: StoragePlan,
): readonly OldRootCandidate[] {
  const label = bootDriveVolumes(plan).find(({ purpose }) => purpose === "root")?.fileSystem.label;
  const number = rootPartitionNumber(plan.bootDrive);
  const rank = ({ label: found, partition }: OldRootCandidate): number => {
    if (found !== "" && found === label) return 0;
    return partition !== undefined && partition === number ? 1 : 2;
  };
  const position = ({ partition }: OldRootCandidate): number => partition ?? Number.POSITIVE_INFINITY;
  return candidates.toSorted((a, b) => rank(a) - rank(b) || Math.sign(position(a) - position(b)) || 0);
}

function rootPartitionNumber({ partitions }: BootDrivePlan): number | undefined {
  return partitions.find(({ volume }) => volume?.purpose === "root")?.number;
}

/** What the device carries; undefined when that is nothing to mount, cannot be read, or is mounted already. */
async function probe(
  devicePath: string,
  environment: CandidateEnvironment,
): Promise<OldFileSystem | undefined> {
  const { files, log } = environment;
  try {
    const found = probeFileSystem(await files.readHead(devicePath, PROBE_BYTES));
    if (found === undefined) return undefined;
    const { mounted } = await readMachineUse(environment);
    const use = mounted.find(({ source }) => source === devicePath);
    if (use === undefined) return found;
    log.debug(1, `not looking for an old root on ${devicePath}: it is mounted on ${use.mountPoint}`);
  } catch (error) {
    log.debug(1, `not looking for an old root on ${devicePath}: ${messageChain(error)}`);
  }
  return undefined;
}

/** The partitions that the drive has now, then the drive itself, as sysfs shows them. */
async function readDevices(
  driveName: string,
  environment: CandidateEnvironment,
): Promise<readonly OldDevice[]> {
  const names = [...(await readPartitionNames(driveName, environment)), driveName];
  return Promise.all(names.map(async (name) => readDevice(name, environment)));
}

async function readDevice(name: string, { files, sysfsDirectory }: CandidateEnvironment): Promise<OldDevice> {
  const directory = `${sysfsDirectory}/class/block/${name}`;
  const number = await files.readText(`${directory}/partition`).catch(() => undefined);
  const readOnly = await files.readText(`${directory}/ro`).catch(() => "0");
  return {
    name,
    partition: number === undefined ? undefined : Number(number),
    readOnly: Number(readOnly) === 1,
    holders: await files.readDirectoryText(`${directory}/holders`).catch(() => []),
  };
}
