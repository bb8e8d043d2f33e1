import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { TargetFile } from "../../../src/network/target/target-file.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** Where they are, as in the root directory of a machine that had them installed. */
export const NETWORK_TOOLS = join(ROOT, ".cache/network-tools");

/** Fetches the programs that read network configuration (scripts/fetch-network-tools); quick when they are there. */
export async function fetchNetworkTools(): Promise<void> {
  await execa(join(ROOT, "scripts/fetch-network-tools"));
}

export interface ToolResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of the fetched programs, with its own libraries; rejects when it fails. */
export async function runNetworkTool(path: string, args: readonly string[], input = ""): Promise<ToolResult> {
  const libraries = ["usr/lib", "lib"].map((directory) => join(NETWORK_TOOLS, directory, "x86_64-linux-gnu"));
  const env = { LC_ALL: "C.UTF-8", LD_LIBRARY_PATH: libraries.join(":") };
  return execa(join(NETWORK_TOOLS, path), args, { env, input });
}

/** Writes the files below `directory`, with their modes whatever the umask. */
export async function writeTargetFiles(directory: string, files: readonly TargetFile[]): Promise<void> {
  for (const { path, text, mode } of files) {
    const full = join(directory, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, text);
    await chmod(full, mode);
  }
}

/** `[section]` and `key=value` lines as `section.key=value`, without comments. */
export function iniEntries(text: string): readonly string[] {
  let section = "";
  const entries: string[] = [];
  for (const line of text.split("\n")) {
    const heading = /^\[(.+)\]$/.exec(line);
    if (heading !== null) section = heading[1] ?? "";
    else if (/^[^#\s].*=/.test(line)) entries.push(`${section}.${line}`);
  }
  return entries;
}
