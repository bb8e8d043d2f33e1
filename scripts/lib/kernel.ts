import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

import { CACHE } from "./paths.ts";
import { run } from "./run.ts";

/** An unpacked Debian kernel package, never installed on the machine that builds. */
export interface Kernel {
  readonly release: string;
  /** The last word of the package name, `cloud-amd64` or `amd64`. */
  readonly flavour: string;
  readonly image: string;
  /** /lib/modules/RELEASE of the package, with the lists that depmod makes. */
  readonly moduleDirectory: string;
}

/** Fetches and unpacks the kernel that the Debian package `metaPackage` (`linux-image-cloud-amd64`) stands for now. */
export function fetchKernel(metaPackage: string): Kernel {
  const packageName = resolvePackage(metaPackage);
  const version = candidateVersion(packageName);
  const directory = path.join(CACHE, "kernel", `${packageName}_${version.replaceAll(":", "%3a")}`);
  if (!existsSync(directory)) unpackPackage(packageName, directory);
  const [release] = readdirSync(path.join(directory, "lib/modules"));
  if (release === undefined) throw new Error(`${packageName} contains no kernel modules`);
  return {
    release,
    flavour: metaPackage.replace("linux-image-", ""),
    image: path.join(directory, "boot", `vmlinuz-${release}`),
    moduleDirectory: path.join(directory, "lib/modules", release),
  };
}

function resolvePackage(metaPackage: string): string {
  const depends = () => /Depends: (linux-image-\S+)/.exec(run("apt-cache", ["depends", metaPackage]))?.[1];
  try {
    const name = depends();
    if (name !== undefined) return name;
  } catch {
    // The package lists are absent on a fresh machine; fetched below.
  }
  run("apt-get", ["-q", "update"]);
  const name = depends();
  if (name === undefined) throw new Error(`${metaPackage} does not depend on a kernel package`);
  return name;
}

function candidateVersion(packageName: string): string {
  const version = /^Version: (\S+)/m.exec(run("apt-cache", ["show", "--no-all-versions", packageName]))?.[1];
  if (version === undefined) throw new Error(`${packageName} is not in the package lists`);
  return version;
}

function unpackPackage(packageName: string, directory: string): void {
  const scratch = `${directory}.new`;
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  run("apt-get", ["-q", "download", packageName], { cwd: scratch });
  const [archive] = readdirSync(scratch).filter((name) => name.endsWith(".deb"));
  if (archive === undefined) throw new Error(`apt-get did not download ${packageName}`);
  run("dpkg-deb", ["-x", path.join(scratch, archive), scratch]);
  rmSync(path.join(scratch, archive));
  for (const release of readdirSync(path.join(scratch, "lib/modules")))
    run("depmod", ["-b", scratch, release]);
  renameSync(scratch, directory);
}
