import type { ErrorCodeTable } from "./entry.ts";

/** Images and objects. */
export const IMAGE_ERRORS = {
  E_IMAGE_NOT_FOUND: {
    kind: "config",
    meaning: "The image server has no image of that name, and no image stream that it could stand for.",
    hint: "`installer list-images` shows what the server has",
  },
  E_IMAGE_INVALID: {
    kind: "integrity",
    meaning: "The metadata of an image is damaged or could not be unpacked safely.",
    hint: "publish the image again; nothing was written",
  },
  E_IMAGE_TOO_LARGE: {
    kind: "target",
    meaning: "The file-system has too few free blocks or inodes for the image.",
    hint: "enlarge the partition in the storage layout, or use a smaller image",
  },
  E_IMAGE_UNPACK: {
    kind: "target",
    meaning: "An entry of the image could not be made in the target directory.",
    hint: "the target is incomplete; the cause names the entry",
  },
  E_IMAGE_SCAN: {
    kind: "environment",
    meaning: "A directory or archive could not be read as an image.",
    hint: "the cause names the entry",
  },
  E_FILTER_INVALID: {
    kind: "config",
    meaning: "A line of an image filter is not a valid expression.",
    hint: "filters hold one RE2 expression a line, matched from the start of the path",
  },
  E_OBJECT_CORRUPT: {
    kind: "integrity",
    meaning: "The content of an object is not what its SHA-512 names.",
    hint: "check the disks and memory of the image server; nothing was kept",
  },
  E_OBJECT_MISSING: {
    kind: "integrity",
    meaning: "An object of the image is neither here nor on the image server.",
    hint: "publish the image again, or use another one",
  },
  E_IMAGE_FILE: {
    kind: "integrity",
    meaning: "A file of the image server's image directory is not an image, or is damaged.",
    hint: "remove the file and publish the image again",
  },
  E_IMAGE_LACKS: {
    kind: "target",
    meaning: "An image lacks a program or files that the plan needs.",
    hint: "use an image that contains it, or name another tools image (tools-imagename) for programs; nothing was changed",
  },
  E_IMAGE_NAME: {
    kind: "usage",
    meaning: "A name cannot be that of an image.",
    hint: "use path components without leading dot, trailing tilde or control characters, as in stream/2026-08-22",
  },
  E_IMAGE_REQUEST: {
    kind: "usage",
    meaning: "A caller of the image server asked for something that it does not do.",
    hint: "the message is the answer that the caller got",
  },
  E_IMAGE_EXISTS: {
    kind: "usage",
    meaning: "There is an image of that name already; images never change.",
    hint: "publish under a new name",
  },
} as const satisfies ErrorCodeTable;
