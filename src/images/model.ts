import type { ByteString } from "../core/byte-string.ts";
import type { ObjectId } from "../core/object-id.ts";

/**
 * The image model (spec/image.md). An image is metadata plus a tree of inodes; the bytes of regular files are objects
 * that live elsewhere, named by their SHA-512.
 *
 * Values of this type that came from outside have passed `validateTree` (tree.ts): every entry resolves, there are no
 * cycles, names are single components and unique within their directory.
 */
export interface Image {
  readonly buildBranch: string;
  readonly buildCommitId: string;
  readonly buildGitUrl: string;
  readonly createdBy: string;
  readonly createdFor: string;
  /** Absent: a sparse image; present without lines: full coverage. */
  readonly filter?: readonly string[];
  readonly fileSystem?: FileSystemTree;
  readonly triggers?: readonly Trigger[];
  readonly releaseNotes?: Annotation;
  readonly buildLog?: Annotation;
  readonly createdOn?: ImageTime;
  /** Absent: never. */
  readonly expiresAt?: ImageTime;
  readonly ownerGroups: readonly string[];
  readonly ownerUsers: readonly string[];
  readonly packages: readonly Package[];
  readonly sourceImage: string;
  readonly tags: ReadonlyMap<string, string>;
}

/** Seconds since 1970 and nanoseconds (0..999999999), with the zone it was written in. */
export interface ImageTime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
  readonly offsetSeconds: number;
}

export interface Annotation {
  readonly object?: ObjectId;
  readonly url: string;
}

export interface Package {
  readonly name: string;
  readonly sizeBytes: bigint;
  readonly version: string;
}

export interface Trigger {
  readonly matchLines: readonly string[];
  readonly service: string;
  readonly sortName: string;
  readonly doReboot: boolean;
  readonly doReload: boolean;
  readonly highImpact: boolean;
}

/** Inode numbers are arbitrary 64-bit labels. */
export type InodeNumber = bigint;

export interface FileSystemTree {
  /** Every inode except the root directory. */
  readonly inodes: ReadonlyMap<InodeNumber, Inode>;
  readonly root: DirectoryInode;
  /** As stated by whoever made the image; never trusted for decisions. */
  readonly statedRegularInodes: bigint;
  readonly statedDataBytes: bigint;
  readonly statedDirectories: bigint;
}

export type Inode = RegularInode | ComputedInode | SymlinkInode | SpecialInode | DirectoryInode;

export interface RegularInode {
  readonly kind: "regular";
  /** st_mode, type bits included. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: bigint;
  readonly mtimeNanoseconds: number;
  readonly sizeBytes: number;
  /** Meaningless when `sizeBytes` is 0: there is no object for the empty file. */
  readonly objectId: ObjectId;
}

/** Content comes from a file generator later in the machine's life; unpacked as an empty file. */
export interface ComputedInode {
  readonly kind: "computed";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly source: string;
}

export interface SymlinkInode {
  readonly kind: "symlink";
  readonly uid: number;
  readonly gid: number;
  readonly target: ByteString;
}

export interface SpecialInode {
  readonly kind: "special";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: bigint;
  readonly mtimeNanoseconds: number;
  /** st_rdev in its 32-bit form. */
  readonly rdev: bigint;
}

export interface DirectoryInode {
  readonly kind: "directory";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly entries: readonly DirectoryEntry[];
}

export interface DirectoryEntry {
  readonly name: ByteString;
  readonly inode: InodeNumber;
}
