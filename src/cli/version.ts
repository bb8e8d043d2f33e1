import type { BuildInformation } from "../core/build-information.ts";

/** What `-version` prints; every value is `unknown` in a program that was not built (spec/cli.md section 6.1). */
export function renderVersion(build: BuildInformation | undefined, nodeVersion: string): string {
  const details = [
    ["Commit:", build?.commit ?? "unknown"],
    ["Branch:", build?.branch ?? "unknown"],
    ["Built:", build?.builtAt ?? "unknown"],
    ["Node:", nodeVersion],
  ] as const;
  const lines = details
    .filter(([label, value]) => label !== "Branch:" || value !== "master")
    .map(([label, value]) => `  ${label.padEnd(8)}${value}\n`);
  return `installer ${build?.version ?? "unknown"}\n${lines.join("")}`;
}
