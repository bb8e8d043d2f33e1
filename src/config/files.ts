/** The files of a configuration, all directly inside the `-tftpDirectory` (spec/configuration.md section 1). */
export const CONFIG_FILE = {
  machine: "config.json",
  imageName: "imagename",
  imageServer: "imageserver",
  storageLayout: "storage-layout.json",
  toolsImageName: "tools-imagename",
  randomSeed: "random-seed",
} as const;

/** Content by file name. */
export type FetchedFiles = ReadonlyMap<string, Buffer>;

/** A file larger than this is not a configuration file. */
export const MAXIMUM_FILE_BYTES = 4 * 1024 * 1024;
