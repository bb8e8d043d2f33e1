import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRawAsset, isSea } from "node:sea";

/** The name under which the build embeds koffi's native library in the executable. */
const ASSET_NAME = "koffi.node";

/** A C function bound to JavaScript: called directly, or off the main thread by `async`. */
export interface NativeFunction {
  (...args: readonly unknown[]): number;
  async(...args: readonly unknown[]): void;
}

/** The part of koffi's native exports that we use. */
export interface Koffi {
  load(path: null): { func(definition: string): NativeFunction };
  /** errno of the last call; inside the callback of an `async` call, that of this call. */
  errno(): number;
  /** Where the content of `buffer` is in memory; it stays there as long as `buffer` is referenced. */
  address(buffer: Buffer): bigint;
}

/**
 * Loads koffi's native library by itself: koffi's own loader finds files, and in a single executable there are none.
 */
export function loadKoffi(): Koffi {
  return isSea() ? loadFromExecutable() : openLibrary(findInstalledLibrary());
}

function loadFromExecutable(): Koffi {
  const directory = mkdtempSync(join(tmpdir(), "installer-native-"));
  try {
    const path = join(directory, ASSET_NAME);
    writeFileSync(path, new Uint8Array(getRawAsset(ASSET_NAME)), { mode: 0o600, flag: "wx" });
    return openLibrary(path);
  } finally {
    // Once mapped, the library needs its name no more.
    rmSync(directory, { recursive: true, force: true });
  }
}

function findInstalledLibrary(): string {
  const platform = `linux-${process.arch}`;
  // A bundle run by plain node has no import.meta.url; its own path serves as well.
  const require = createRequire(import.meta.url ?? process.argv[1]);
  return require.resolve(`@koromix/koffi-${platform}/${platform.replace("-", "_")}/koffi.node`);
}

function openLibrary(path: string): Koffi {
  const library = { exports: {} };
  process.dlopen(library, path);
  return library.exports as Koffi;
}
