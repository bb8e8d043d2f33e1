import { editFileSystem, editFstab } from "./storage-edit.ts";
import { cutLabel, isDerived } from "./storage-labels.ts";
import { bootDriveOf, originalPartitions } from "./storage-layout-facts.ts";
import type { StorageRule } from "./storage-rules.ts";

/** Rules about layouts that this program understands better. */
export const LAYOUT_RULES: readonly StorageRule[] = [
  {
    id: "R-STO-DATA-BASENAME",
    apply(expectation, context) {
      if (context.layout?.extraMountPointsBasename !== "") return false;
      const rename = (text: string): string => (/^\d+$/.test(text) ? `/data/${text}` : text);
      expectation.log = expectation.log.map((line) =>
        line.replace(/^(adding implied last partition: )0$/, "$1/data/0"),
      );
      editFstab(expectation, ([source = "", mountPoint = "", ...rest]) => [
        `LABEL=${rename(source.replace("LABEL=", ""))}`,
        rename(mountPoint),
        ...rest,
      ]);
      for (const [device, { fileSystem }] of expectation.meaning?.volumes ?? [])
        if (expectation.meaning !== undefined)
          editFileSystem(expectation.meaning, device, { label: rename(fileSystem?.["label"] ?? "") });
      return expectation.error === undefined || expectation.meaning !== undefined;
    },
  },
  {
    id: "R-STO-DERIVED-LABELS",
    apply(expectation, context) {
      const { meaning } = expectation;
      if (meaning === undefined) return false;
      let applied = false;
      for (const [device, { fileSystem }] of meaning.volumes) {
        const label = fileSystem?.["label"] ?? "";
        if (cutLabel(label) === label || !isDerived(label, context)) continue;
        applied = editFileSystem(meaning, device, { label: cutLabel(label) }) || applied;
      }
      editFstab(expectation, ([source = "", ...rest]) => {
        const label = source.replace("LABEL=", "");
        return [isDerived(label, context) ? `LABEL=${cutLabel(label)}` : source, ...rest];
      });
      return applied;
    },
  },
  {
    id: "R-STO-KEYS-HONOURED",
    apply(expectation, context) {
      const { meaning } = expectation;
      const boot = bootDriveOf(context);
      if (meaning === undefined || boot === undefined) return false;
      let applied = false;
      for (const [index, { configured }] of originalPartitions(context).entries()) {
        if (configured === undefined) continue;
        const { bytesPerInode, reservedBlocksPercentage, rootUserId, rootGroupId } = configured;
        const changes = {
          ...(bytesPerInode > 0 ? { "bytes per inode": String(bytesPerInode) } : {}),
          ...(reservedBlocksPercentage > 0 ? { "reserved percent": String(reservedBlocksPercentage) } : {}),
          ...(rootUserId + rootGroupId > 0 ? { root_owner: `root_owner=${rootUserId}:${rootGroupId}` } : {}),
        };
        for (const separator of ["", "p"])
          applied = editFileSystem(meaning, `/dev/${boot}${separator}${index + 1}`, changes) || applied;
      }
      return applied;
    },
  },
];
