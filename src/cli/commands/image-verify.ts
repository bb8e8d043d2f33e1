import { posix } from "node:path";
import { displayOf } from "../../core/byte-string.ts";
import { InstallerError } from "../../core/errors.ts";
import { validateTree } from "../../images/validate-tree.ts";
import { compareTreeWithDirectory, type TreeDifference } from "../../images/verify.ts";
import { ImageRepository } from "../../imageserver/image-repository.ts";
import { imageFromWire } from "../../rpc/messages/image-conversion.ts";
import type { CommandContext } from "../command.ts";
import type { ImageStoreFlags } from "../flags/image-flags.ts";
import { requireTree } from "../require-tree.ts";
import { writeOutput } from "../write-output.ts";

const EXIT_DIFFERENT = 6;

/** Compares a directory with an image, path by path. */
export async function run(
  context: CommandContext,
  args: readonly string[],
  own: ImageStoreFlags,
): Promise<number> {
  const { log, signal, stdout, openHost } = context;
  const [name = "", directory = ""] = args;
  const { files, hashing, clock } = await openHost();
  const repository = new ImageRepository({ root: posix.resolve(own.imageDir), files, clock, log });
  if ((await repository.find(name)) === undefined) {
    throw new InstallerError("E_IMAGE_NOT_FOUND", `there is no image ${name} in ${own.imageDir}`);
  }
  const { tree } = requireTree({ name, image: imageFromWire(await repository.read(name)) });
  validateTree(tree);
  const differences = await compareTreeWithDirectory({
    tree,
    directory: posix.resolve(directory),
    files,
    hashing,
    signal,
  });
  await writeOutput(stdout, differences.map((difference) => `${formatDifference(difference)}\n`).join(""));
  log.info(`${tree.inodes.size + 1} inodes compared, ${differences.length} differences`);
  return differences.length === 0 ? 0 : EXIT_DIFFERENT;
}

function formatDifference({ path, aspect, expected, found }: TreeDifference): string {
  const values = aspect === "missing" || aspect === "extra" ? "" : `: expected ${expected}, found ${found}`;
  return `${aspect} ${displayOf(path)}${values}`;
}
