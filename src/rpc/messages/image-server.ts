import {
  bool,
  int64,
  map,
  optional,
  safeUint,
  slice,
  struct,
  text,
  time,
  uint64,
  type ValueOf,
} from "../gob/schema.ts";
import { image } from "./image.ts";

/** Requests and replies of the receiver ImageServer (spec/gob.md B1, spec/imageservice.md). */

const tagsToMatch = map(text, slice(text));

export const listSelectedImagesRequest = struct("ListSelectedImagesRequest", {
  DirectoryName: text,
  IgnoreExpiringImages: bool,
  TagsToMatch: tagsToMatch,
});

export const checkImageRequest = struct("CheckImageRequest", { ImageName: text });
export const checkImageResponse = struct("CheckImageResponse", { ImageExists: bool });

export const checkDirectoryRequest = struct("CheckDirectoryRequest", { DirectoryName: text });
export const checkDirectoryResponse = struct("CheckDirectoryResponse", { DirectoryExists: bool });

export const findLatestImageRequest = struct("FindLatestImageRequest", {
  BuildCommitId: text,
  DirectoryName: text,
  IgnoreExpiringImages: bool,
  TagsToMatch: tagsToMatch,
});
/** An empty ImageName without an Error: there is none. */
export const findLatestImageResponse = struct("FindLatestImageResponse", { ImageName: text, Error: text });

export const getImageRequest = struct("GetImageRequest", {
  ImageName: text,
  IgnoreFilesystem: bool,
  IgnoreFilesystemIfExpiring: bool,
  /** Nanoseconds to wait for the image to appear. */
  Timeout: int64,
});
/** Without Image: there is no such image. */
export const getImageResponse = struct("GetImageResponse", {
  Image: optional(image),
  InformationDatabaseURL: text,
});

export const addImageRequest = struct("AddImageRequest", { ImageName: text, Image: optional(image) });
export const addImageResponse = struct("AddImageResponse", {});

export const makeDirectoryRequest = struct("MakeDirectoryRequest", { DirectoryName: text, MakeAll: bool });
export const makeDirectoryResponse = struct("MakeDirectoryResponse", {});

export const deleteDirectoryRequest = struct("DeleteDirectoryRequest", { DirectoryName: text });
export const deleteDirectoryResponse = struct("DeleteDirectoryResponse", { Error: text });

export const deleteImageRequest = struct("DeleteImageRequest", { ImageName: text });
export const deleteImageResponse = struct("DeleteImageResponse", {});

export const changeImageExpirationRequest = struct("ChangeImageExpirationRequest", {
  /** Absent: never. */
  ExpiresAt: time,
  ImageName: text,
});
export const changeImageExpirationResponse = struct("ChangeImageExpirationResponse", { Error: text });

export const getImageExpirationRequest = struct("GetImageExpirationRequest", { ImageName: text });
/** Without ExpiresAt: never. */
export const getImageExpirationResponse = struct("GetImageExpirationResponse", {
  Error: text,
  ExpiresAt: time,
});

export const getImageUsageEstimateRequest = struct("GetImageUsageEstimateRequest", { ImageName: text });
export const getImageUsageEstimateResponse = struct("GetImageUsageEstimateResponse", {
  ImageExists: bool,
  /** In bytes. */
  UsageEstimate: uint64,
});

export const getReplicationMasterRequest = struct("GetReplicationMasterRequest", {});
export const getReplicationMasterResponse = struct("GetReplicationMasterResponse", {
  Error: text,
  ReplicationMaster: text,
});

/** In a list of directories, one without a name ends it. */
export const directory = struct("Directory", {
  Name: text,
  Metadata: struct("DirectoryMetadata", { OwnerGroup: text }),
});

export const getFilteredImageUpdatesRequest = struct("GetFilteredImageUpdatesRequest", {
  IgnoreExpiring: bool,
});

/** One without anything ends the initial list (spec/imageservice.md 4.8). */
export const imageUpdate = struct("ImageUpdate", {
  Name: text,
  Directory: optional(directory),
  Operation: safeUint,
});
export type ImageUpdate = ValueOf<typeof imageUpdate>;

/** The values of Operation. */
export const IMAGE_OPERATION = { addImage: 0, deleteImage: 1, makeDirectory: 2, deleteDirectory: 3 } as const;
