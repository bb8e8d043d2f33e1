import type { TargetConfiguration } from "../config/read-configuration.ts";
import { formatBytes } from "../core/byte-size.ts";
import { hasCode, InstallerError } from "../core/errors.ts";
import type { Step, StepContext } from "../engine/step.ts";
import type { FileSystemTree } from "../images/model.ts";
import { countTree } from "../images/tree.ts";
import { validateTree } from "../images/validate-tree.ts";
import type { ImageServerAddress, ImageServerConnector } from "./image-server-access.ts";
import type { InstallOptions } from "./install-options.ts";

export interface FetchImageInput {
  readonly options: InstallOptions;
  readonly configuration: TargetConfiguration;
  readonly connector: ImageServerConnector;
}

/** An image without its content. */
export interface ImageMetadata {
  /** The name that was found, which may not be the one asked for (spec/storage.md section 5.1). */
  readonly name: string;
  readonly tree: FileSystemTree;
}

export interface FetchedImages {
  readonly server: ImageServerAddress;
  readonly target: ImageMetadata;
  /** The image whose programs make the target; the target image itself unless another is configured. */
  readonly tools: ImageMetadata;
}

/** Fetches the metadata of the target image and of the tools image; nothing of their content. */
export const fetchImageMetadata: Step<FetchImageInput, FetchedImages> = {
  id: "fetch-image-metadata",
  title: "Fetch the image's metadata",
  destructive: false,
  async run({ options, configuration, connector }, context) {
    const server = chooseImageServer(options, configuration);
    using _wait = context.progress.waitFor(`the image server ${server.host}:${server.port}`);
    await using client = await connector.connect(server, context);
    const fetch = async (name: string): Promise<ImageMetadata> => {
      const { name: foundName, image } = await client
        .resolveImage(name, context.signal)
        .catch((error: unknown) => {
          throw nameImage(error, name, server);
        });
      if (foundName !== name)
        context.log.warn(`image ${name} does not exist: using the newest of its stream: ${foundName}`);
      return checkImage(foundName, image.fileSystem, context);
    };
    const target = await fetch(configuration.imageName);
    const tools = configuration.toolsImageName === "" ? target : await fetch(configuration.toolsImageName);
    return { server, target, tools };
  },
};

/** The server speaks of the directory that it looked into last; an operator looks for the name that was typed. */
function nameImage(error: unknown, name: string, { host, port }: ImageServerAddress): unknown {
  if (!hasCode(error, "E_IMAGE_NOT_FOUND")) return error;
  return new InstallerError("E_IMAGE_NOT_FOUND", `finding image ${name} on ${host}:${port}`, {
    cause: error,
  });
}

function checkImage(name: string, tree: FileSystemTree | undefined, { log }: StepContext): ImageMetadata {
  if (tree === undefined) throw new InstallerError("E_IMAGE_INVALID", `image ${name} has no file-system`);
  validateTree(tree);
  const { regularInodes, dataBytes, directories } = countTree(tree);
  log.info(
    `got image: ${name} (${regularInodes} files with ${formatBytes(dataBytes)}, ${directories} directories)`,
  );
  return { name, tree };
}

function chooseImageServer(options: InstallOptions, configuration: TargetConfiguration): ImageServerAddress {
  if (options.imageServerHostname !== "")
    return { host: options.imageServerHostname, port: options.imageServerPort };
  if (configuration.imageServer !== undefined) return configuration.imageServer;
  throw new InstallerError(
    "E_CONFIG_MISSING",
    `no image server: neither -imageServerHostname nor ${options.tftpDirectory}/imageserver`,
  );
}
