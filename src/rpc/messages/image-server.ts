import { bool, int64, map, optional, slice, struct, text } from "../gob/schema.ts";
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
