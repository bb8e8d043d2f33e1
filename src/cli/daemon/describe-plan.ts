import type { DrivesPlan, PlannedDrive, PlannedVolume } from "../../engine/drives-plan.ts";
import type { Drive } from "../../storage/drives/drives.ts";
import type { PartitionPlan, StoragePlan, Volume } from "../../storage/plan/plan.ts";

/** The plan as views show it. */
export function describePlan({ bootDrive, dataDrives }: StoragePlan): DrivesPlan {
  return [
    describeDrive(bootDrive.drive, "boot", bootDrive.partitions.map(describePartition)),
    ...dataDrives.map(({ drive, volume }) => describeDrive(drive, "data", [describeWholeDrive(volume)])),
  ];
}

function describeDrive(
  { name, model, serial, sizeBytes }: Drive,
  role: PlannedDrive["role"],
  volumes: readonly PlannedVolume[],
): PlannedDrive {
  return { name, model, serial, sizeBytes, role, volumes };
}

function describePartition({ number, startBytes, endBytes, volume }: PartitionPlan): PlannedVolume {
  const place = { number, startBytes, sizeBytes: endBytes - startBytes };
  if (volume !== undefined) return { ...place, ...describeVolume(volume) };
  return { ...place, type: "", label: "", isEncrypted: false, mountPoint: "", purpose: "bios-boot" };
}

function describeWholeDrive(volume: Volume): PlannedVolume {
  return { number: 0, startBytes: 0, sizeBytes: volume.sizeBytes, ...describeVolume(volume) };
}

function describeVolume({ purpose, encrypted, fileSystem }: Volume) {
  const { type, label, mountPoint } = fileSystem;
  return {
    type,
    label,
    isEncrypted: encrypted,
    mountPoint: purpose === "swap" ? "" : mountPoint,
    purpose,
  };
}
