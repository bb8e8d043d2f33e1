import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory of its own, removed with everything that was mounted in it. */
export class Scratch implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "installer-test-"));
  readonly #mounts: string[] = [];

  /** An absolute path inside. */
  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** Mounts a tmpfs at a new directory. */
  mountTmpfs(name: string, options = "size=64m"): string {
    const path = this.#makeDirectory(name);
    return this.#mount(path, ["-t", "tmpfs", "-o", options, "none", path]);
  }

  /** Mounts a new ext4 file-system, in a file on a loop device, at a new directory. */
  mountExt4(name: string, sizeMegabytes: number, mkfsOptions: readonly string[] = []): string {
    const image = this.at(`${name}.img`);
    run("truncate", ["-s", `${sizeMegabytes}M`, image]);
    run("mkfs.ext4", ["-q", "-F", "-m", "0", ...mkfsOptions, image]);
    const path = this.#makeDirectory(name);
    return this.#mount(path, ["-t", "ext4", "-o", "loop", image, path]);
  }

  [Symbol.dispose](): void {
    for (const path of this.#mounts.toReversed()) run("umount", [path]);
    rmSync(this.path, { recursive: true });
  }

  #makeDirectory(name: string): string {
    const path = this.at(name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  #mount(path: string, args: readonly string[]): string {
    run("mount", args);
    this.#mounts.push(path);
    return path;
  }
}

/** Runs a program to its end and returns its standard output. */
export function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
