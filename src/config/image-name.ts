import { InstallerError } from "../core/errors.ts";

/** The image name that a file holds; "" for an empty or absent one. Throws E_CONFIG_VALUE, naming `origin`. */
export function parseImageName(origin: string, text: string | undefined): string {
  const name = text?.trim() ?? "";
  if (!/\p{Cc}/u.test(name)) return name;
  throw new InstallerError("E_CONFIG_VALUE", `${origin}: the name has several lines or control characters`, {
    hint: "the file holds one image name and nothing else",
  });
}
