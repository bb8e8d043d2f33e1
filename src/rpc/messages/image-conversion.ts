import { InstallerError } from "../../core/errors.ts";
import type {
  Annotation,
  DirectoryInode,
  FileSystemTree,
  Image,
  ImageTime,
  Inode,
  InodeNumber,
  Trigger,
} from "../../images/model.ts";
import { type GobTime, isZeroTime, ZERO_TIME } from "../gob/time.ts";
import type { WireAnnotation, WireDirectoryInode, WireFileSystem, WireImage, WireInode } from "./image.ts";

/**
 * The image of a message as the rest of the program knows it. Throws E_IMAGE_INVALID, naming the field, for numbers
 * that cannot be. The tree is as the sender made it: `validateTree` must still prove that it can be walked.
 */
export function imageFromWire(wire: WireImage): Image {
  return {
    buildBranch: wire.BuildBranch,
    buildCommitId: wire.BuildCommitId,
    buildGitUrl: wire.BuildGitUrl,
    createdBy: wire.CreatedBy,
    createdFor: wire.CreatedFor,
    ...given("filter", wire.Filter?.FilterLines),
    ...given("fileSystem", wire.FileSystem && treeFromWire(wire.FileSystem)),
    ...given("triggers", wire.Triggers && triggersFromWire(wire.Triggers.Triggers)),
    ...given("releaseNotes", wire.ReleaseNotes && annotationFromWire(wire.ReleaseNotes)),
    ...given("buildLog", wire.BuildLog && annotationFromWire(wire.BuildLog)),
    ...given("createdOn", timeFromWire(wire.CreatedOn)),
    ...given("expiresAt", timeFromWire(wire.ExpiresAt)),
    ownerGroups: wire.OwnerGroups,
    ownerUsers: wire.OwnerUsers,
    packages: wire.Packages.map(({ Name, Size, Version }) => ({
      name: Name,
      sizeBytes: Size,
      version: Version,
    })),
    sourceImage: wire.SourceImage,
    tags: wire.Tags,
  };
}

/** The message form of an image; `imageFromWire` gives the same image back. */
export function imageToWire(image: Image): WireImage {
  return {
    BuildBranch: image.buildBranch,
    BuildCommitId: image.buildCommitId,
    BuildGitUrl: image.buildGitUrl,
    CreatedBy: image.createdBy,
    CreatedFor: image.createdFor,
    Filter: image.filter && { FilterLines: image.filter },
    FileSystem: image.fileSystem && treeToWire(image.fileSystem),
    Triggers: image.triggers && { Triggers: triggersToWire(image.triggers) },
    ReleaseNotes: image.releaseNotes && annotationToWire(image.releaseNotes),
    BuildLog: image.buildLog && annotationToWire(image.buildLog),
    CreatedOn: image.createdOn ?? ZERO_TIME,
    ExpiresAt: image.expiresAt ?? ZERO_TIME,
    OwnerGroups: image.ownerGroups,
    OwnerUsers: image.ownerUsers,
    Packages: image.packages.map(({ name, sizeBytes, version }) => ({
      Name: name,
      Size: sizeBytes,
      Version: version,
    })),
    SourceImage: image.sourceImage,
    Tags: image.tags,
  };
}

function treeFromWire(wire: WireFileSystem): FileSystemTree {
  const inodes = new Map<InodeNumber, Inode>();
  for (const [number, inode] of wire.InodeTable) {
    // An entry without an inode counts as missing; whoever refers to it is told so.
    if (inode !== undefined) inodes.set(number, inodeFromWire(number, inode));
  }
  return {
    inodes,
    root: directoryFromWire(wire.DirectoryInode),
    statedRegularInodes: wire.NumRegularInodes,
    statedDataBytes: wire.TotalDataBytes,
    statedDirectories: wire.DirectoryCount,
  };
}

function inodeFromWire(number: InodeNumber, wire: NonNullable<WireInode>): Inode {
  switch (wire.type) {
    case "*filesystem.RegularInode": {
      const { Mode, Uid, Gid, MtimeNanoSeconds, MtimeSeconds, Size, Hash } = wire.value;
      return {
        kind: "regular",
        mode: Mode,
        uid: Uid,
        gid: Gid,
        mtimeSeconds: MtimeSeconds,
        mtimeNanoseconds: MtimeNanoSeconds,
        sizeBytes: exactNumber(Size, () => `Size of inode ${number}`),
        objectId: Hash,
      };
    }
    case "*filesystem.ComputedRegularInode": {
      const { Mode, Uid, Gid, Source } = wire.value;
      return { kind: "computed", mode: Mode, uid: Uid, gid: Gid, source: Source };
    }
    case "*filesystem.SymlinkInode": {
      const { Uid, Gid, Symlink } = wire.value;
      return { kind: "symlink", uid: Uid, gid: Gid, target: Symlink };
    }
    case "*filesystem.SpecialInode": {
      const { Mode, Uid, Gid, MtimeNanoSeconds, MtimeSeconds, Rdev } = wire.value;
      return {
        kind: "special",
        mode: Mode,
        uid: Uid,
        gid: Gid,
        mtimeSeconds: MtimeSeconds,
        mtimeNanoseconds: MtimeNanoSeconds,
        rdev: Rdev,
      };
    }
    case "*filesystem.DirectoryInode":
      return directoryFromWire(wire.value);
  }
}

function directoryFromWire({ EntryList, Mode, Uid, Gid }: WireDirectoryInode): DirectoryInode {
  return {
    kind: "directory",
    mode: Mode,
    uid: Uid,
    gid: Gid,
    entries: EntryList.map(({ Name, InodeNumber: inode }) => ({ name: Name, inode })),
  };
}

function treeToWire(tree: FileSystemTree): WireFileSystem {
  const table = new Map<InodeNumber, WireInode>();
  for (const [number, inode] of tree.inodes) table.set(number, inodeToWire(inode));
  return {
    InodeTable: table,
    NumRegularInodes: tree.statedRegularInodes,
    TotalDataBytes: tree.statedDataBytes,
    DirectoryCount: tree.statedDirectories,
    DirectoryInode: directoryToWire(tree.root),
  };
}

function inodeToWire(inode: Inode): WireInode {
  if (inode.kind === "directory")
    return { type: "*filesystem.DirectoryInode", value: directoryToWire(inode) };
  const owner = { Uid: inode.uid, Gid: inode.gid };
  switch (inode.kind) {
    case "regular":
      return {
        type: "*filesystem.RegularInode",
        value: {
          ...owner,
          Mode: inode.mode,
          MtimeNanoSeconds: inode.mtimeNanoseconds,
          MtimeSeconds: inode.mtimeSeconds,
          Size: BigInt(inode.sizeBytes),
          Hash: inode.objectId,
        },
      };
    case "computed":
      return {
        type: "*filesystem.ComputedRegularInode",
        value: { ...owner, Mode: inode.mode, Source: inode.source },
      };
    case "symlink":
      return { type: "*filesystem.SymlinkInode", value: { ...owner, Symlink: inode.target } };
    case "special":
      return {
        type: "*filesystem.SpecialInode",
        value: {
          ...owner,
          Mode: inode.mode,
          MtimeNanoSeconds: inode.mtimeNanoseconds,
          MtimeSeconds: inode.mtimeSeconds,
          Rdev: inode.rdev,
        },
      };
  }
}

function directoryToWire({ entries, mode, uid, gid }: DirectoryInode): WireDirectoryInode {
  return {
    EntryList: entries.map(({ name, inode }) => ({ Name: name, InodeNumber: inode })),
    Mode: mode,
    Uid: uid,
    Gid: gid,
  };
}

type WireTriggers = NonNullable<WireImage["Triggers"]>["Triggers"];

function triggersFromWire(triggers: WireTriggers): readonly Trigger[] {
  return triggers.map((trigger) => ({
    matchLines: trigger.MatchLines,
    service: trigger.Service,
    sortName: trigger.SortName,
    doReboot: trigger.DoReboot,
    doReload: trigger.DoReload,
    highImpact: trigger.HighImpact,
  }));
}

function triggersToWire(triggers: readonly Trigger[]): WireTriggers {
  return triggers.map((trigger) => ({
    MatchLines: trigger.matchLines,
    Service: trigger.service,
    SortName: trigger.sortName,
    DoReboot: trigger.doReboot,
    DoReload: trigger.doReload,
    HighImpact: trigger.highImpact,
  }));
}

function annotationFromWire({ Object: object, URL: url }: WireAnnotation): Annotation {
  return { ...given("object", object), url };
}

function annotationToWire({ object, url }: Annotation): WireAnnotation {
  return { Object: object, URL: url };
}

function timeFromWire(time: GobTime): ImageTime | undefined {
  return isZeroTime(time) ? undefined : time;
}

function exactNumber(value: bigint, field: () => string): number {
  if (value > Number.MAX_SAFE_INTEGER)
    throw new InstallerError("E_IMAGE_INVALID", `reading an image: ${field()} is ${value}`);
  return Number(value);
}

/** A property to spread: absent when there is no value. */
function given<Name extends string, T>(name: Name, value: T | undefined): { readonly [N in Name]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: T };
}
