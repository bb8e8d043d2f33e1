import type { FlagValues } from "./flag-table.ts";

/** Flags of the commands that work on a store of images. */
export const IMAGE_STORE_FLAGS = {
  imageDir: {
    type: "string",
    default: "/var/lib/installer/images",
    description: "Directory of the images' metadata, one file an image",
  },
  objectDir: {
    type: "string",
    default: "/var/lib/installer/objects",
    description: "Directory of the objects (file contents), named by their SHA-512",
  },
} as const;

/** Flags of `image-server`. */
export const IMAGE_SERVER_FLAGS = {
  ...IMAGE_STORE_FLAGS,
  portNum: { type: "port", default: 6971, description: "TCP port to serve on, on all addresses" },
  allowUnauthenticatedReads: {
    type: "bool",
    default: false,
    description: "Serve images to anybody who can reach the port, without certificates",
  },
  permitInsecureMode: {
    type: "bool",
    default: false,
    description:
      "Without certificates of its own, let anybody who can reach the port add, change and delete images",
  },
} as const;

export type ImageStoreFlags = FlagValues<typeof IMAGE_STORE_FLAGS>;
export type ImageServerFlags = FlagValues<typeof IMAGE_SERVER_FLAGS>;
