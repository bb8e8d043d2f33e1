/** How somebody looks at a machine that is being installed. */
export type WatcherKind = "page" | "events" | "metrics" | "grpc-events" | "grpc-logs" | "shell";

export interface Watcher {
  readonly kind: WatcherKind;
  /** By TLS with a certificate, as shells and gRPC are in any case. */
  readonly isSecure: boolean;
  /** Stops reading as soon as it has seen something. In a shell it starts a program before that which shows 100 MB. */
  readonly isStuck: boolean;
}

/** Everybody who looks at the same time. */
export type Crowd = readonly Watcher[];

export const STUCK_SHELL: Crowd = [{ kind: "shell", isSecure: true, isStuck: true }];
export const READING_SHELL: Crowd = [{ kind: "shell", isSecure: true, isStuck: false }];

/** Half of them by TLS, one in five stuck. */
export const FIFTY_WATCHERS: Crowd = [
  ...watchers("page", 20),
  ...watchers("events", 10),
  ...watchers("grpc-events", 10),
  ...watchers("grpc-logs", 5),
  // One that polls and does not read would only ask once.
  ...watchers("metrics", 5).map((watcher) => ({ ...watcher, isStuck: false })),
];

function watchers(kind: WatcherKind, count: number): Crowd {
  return Array.from({ length: count }, (_, index) => ({
    kind,
    isSecure: index % 2 === 0,
    isStuck: index % 5 === 4,
  }));
}

/** What tells the process of watchers what to do. */
export type WatcherRequest =
  | { readonly act: "open"; readonly crowd: Crowd }
  /** Closes all; those who read a shell first read until there is `until`, a regular expression. */
  | { readonly act: "close"; readonly until: string };

export interface WatcherAnswer {
  /** What was shown in the shells that were read. */
  readonly shown: readonly string[];
  /** Those that ended before they were closed. */
  readonly lost: readonly string[];
  readonly error?: string;
}

/** The only argument of the process of watchers. */
export interface WatcherSettings {
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
}
