import { describe, expect, it } from "vitest";
import { mayChangeImage } from "../../../src/imageserver/image-access.ts";

const OWNERS = { CreatedBy: "maker", CreatedFor: "client", OwnerUsers: ["ann"], OwnerGroups: ["team"] };

function may(
  userName: string,
  groups: readonly string[] = [],
  owners = OWNERS,
  hasMethodAccess = false,
): boolean {
  return mayChangeImage({ identity: { userName, groups, permittedMethods: [] }, hasMethodAccess }, owners);
}

describe("mayChangeImage", () => {
  it.each(["maker", "client", "ann"])("lets the owner %s", (user) => {
    expect(may(user)).toBe(true);
  });

  it("lets groups that own the image, and whoever has the right to the method", () => {
    expect(may("bob", ["others", "team"])).toBe(true);
    expect(may("bob", [], OWNERS, true)).toBe(true);
  });

  it("lets nobody else, least of all the nameless at an image of nobody", () => {
    expect(may("bob", ["others"])).toBe(false);
    expect(may("", [], { CreatedBy: "", CreatedFor: "", OwnerUsers: [""], OwnerGroups: [] })).toBe(false);
  });
});
