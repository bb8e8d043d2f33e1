import { InstallerError } from "../core/errors.ts";
import type { FileSystemTree, Image } from "../images/model.ts";

/** The tree of an image that the server sent; E_IMAGE_INVALID when it came without one. */
export function requireTree(resolved: { readonly name: string; readonly image: Image }): {
  readonly name: string;
  readonly tree: FileSystemTree;
} {
  const { name, image } = resolved;
  if (image.fileSystem === undefined)
    throw new InstallerError("E_IMAGE_INVALID", `image ${name} has no file-system`);
  return { name, tree: image.fileSystem };
}
