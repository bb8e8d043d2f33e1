import type { CallContext } from "../rpc/srpc/method.ts";
import type { ImageFacts } from "./image-file.ts";

type Owners = Pick<ImageFacts, "CreatedBy" | "CreatedFor" | "OwnerGroups" | "OwnerUsers">;

/** Whether a caller may change this image: it has the right to the method, or the image is its own (spec/imageservice.md 5.3). */
export function mayChangeImage(
  { identity, hasMethodAccess }: Pick<CallContext, "identity" | "hasMethodAccess">,
  { CreatedBy, CreatedFor, OwnerGroups, OwnerUsers }: Owners,
): boolean {
  if (hasMethodAccess) return true;
  const { userName, groups } = identity;
  if (userName !== "" && [CreatedBy, CreatedFor, ...OwnerUsers].includes(userName)) return true;
  return groups.some((group) => OwnerGroups.includes(group));
}
