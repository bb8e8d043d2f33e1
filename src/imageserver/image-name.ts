import { posix } from "node:path";

const MAX_COMPONENT_BYTES = 200;
const MAX_NAME_BYTES = 1024;
/** The directory that holds images whose names have no slash. */
export const ROOT_DIRECTORY = ".";

/**
 * Whether `name` can be the name of an image or of a directory of images (spec/imageservice.md 2). Stricter than the
 * original where a name would leave the image directory, be taken for a temporary, or break the text lists.
 */
export function isImageName(name: string): boolean {
  return Buffer.byteLength(name) <= MAX_NAME_BYTES && name.split("/").every(isNameComponent);
}

/** Whether `component` can stand between the slashes of an image name. */
export function isNameComponent(component: string): boolean {
  return (
    component !== "" &&
    !component.startsWith(".") &&
    !component.endsWith("~") &&
    component.isWellFormed() &&
    !/[\p{Cc}\u{fffd}/]/u.test(component) &&
    Buffer.byteLength(component) <= MAX_COMPONENT_BYTES
  );
}

/** The directory of an image; `.` at the top. */
export function directoryOfImage(name: string): string {
  return posix.dirname(name);
}

/** The name of a directory of images as its clean path (`./a//b/` is `a/b`, nothing is `.`); undefined when it has none. */
export function normaliseDirectory(name: string): string | undefined {
  const clean = posix.normalize(name).replace(/\/$/, "");
  return clean === ROOT_DIRECTORY || isImageName(clean) ? clean : undefined;
}
