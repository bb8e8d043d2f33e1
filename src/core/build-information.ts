/** Where this program comes from, as `-version` tells it (spec/cli.md section 6.1). */
export interface BuildInformation {
  readonly version: string;
  /** Full commit hash, with `-dirty` when the tree had uncommitted changes. */
  readonly commit: string;
  readonly branch: string;
  /** RFC 3339, UTC, whole seconds. */
  readonly builtAt: string;
}

declare const __BUILD_INFORMATION__: BuildInformation | undefined;

/** What scripts/build wrote into the binary; undefined when the sources run unbuilt. */
export function buildInformation(): BuildInformation | undefined {
  return typeof __BUILD_INFORMATION__ === "undefined" ? undefined : __BUILD_INFORMATION__;
}
