import {
  bool,
  byteString,
  int32,
  int64,
  map,
  objectId,
  oneOf,
  optional,
  slice,
  struct,
  text,
  time,
  uint32,
  uint64,
  type ValueOf,
} from "../gob/schema.ts";

/** The image as it travels (spec/gob.md B2, B3). Field names are those on the wire. */

const directoryEntry = struct("DirectoryEntry", { Name: byteString, InodeNumber: uint64 });

const directoryInode = struct("DirectoryInode", {
  EntryList: slice(directoryEntry),
  Mode: uint32,
  Uid: uint32,
  Gid: uint32,
});

const regularInode = struct("RegularInode", {
  Mode: uint32,
  Uid: uint32,
  Gid: uint32,
  MtimeNanoSeconds: int32,
  MtimeSeconds: int64,
  Size: uint64,
  Hash: objectId,
});

const computedRegularInode = struct("ComputedRegularInode", {
  Mode: uint32,
  Uid: uint32,
  Gid: uint32,
  Source: text,
});

const symlinkInode = struct("SymlinkInode", { Uid: uint32, Gid: uint32, Symlink: byteString });

const specialInode = struct("SpecialInode", {
  Mode: uint32,
  Uid: uint32,
  Gid: uint32,
  MtimeNanoSeconds: int32,
  MtimeSeconds: int64,
  Rdev: uint64,
});

const inode = oneOf({
  "*filesystem.RegularInode": regularInode,
  "*filesystem.ComputedRegularInode": computedRegularInode,
  "*filesystem.SymlinkInode": symlinkInode,
  "*filesystem.SpecialInode": specialInode,
  "*filesystem.DirectoryInode": directoryInode,
});

const fileSystem = struct(
  "FileSystem",
  {
    InodeTable: map(uint64, inode),
    NumRegularInodes: uint64,
    TotalDataBytes: uint64,
    DirectoryCount: uint64,
    DirectoryInode: directoryInode,
  },
  { embedded: ["DirectoryInode"] },
);

const annotation = struct("Annotation", { Object: optional(objectId), URL: text });

const trigger = struct("Trigger", {
  MatchLines: slice(text),
  Service: text,
  SortName: text,
  DoReboot: bool,
  DoReload: bool,
  HighImpact: bool,
});

const packageRecord = struct("Package", { Name: text, Size: uint64, Version: text });

export const image = struct("Image", {
  BuildBranch: text,
  BuildCommitId: text,
  BuildGitUrl: text,
  CreatedBy: text,
  CreatedFor: text,
  Filter: optional(struct("Filter", { FilterLines: slice(text) })),
  FileSystem: optional(fileSystem),
  Triggers: optional(struct("Triggers", { Triggers: slice(trigger) })),
  ReleaseNotes: optional(annotation),
  BuildLog: optional(annotation),
  CreatedOn: time,
  ExpiresAt: time,
  OwnerGroups: slice(text),
  OwnerUsers: slice(text),
  Packages: slice(packageRecord),
  SourceImage: text,
  Tags: map(text, text),
});

export type WireImage = ValueOf<typeof image>;
export type WireFileSystem = ValueOf<typeof fileSystem>;
export type WireInode = ValueOf<typeof inode>;
export type WireDirectoryInode = ValueOf<typeof directoryInode>;
export type WireAnnotation = ValueOf<typeof annotation>;
