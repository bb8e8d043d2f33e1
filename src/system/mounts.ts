/** A line of /proc/self/mountinfo or /proc/mounts. */
export interface MountEntry {
  readonly source: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly options: string;
}

/** Mount and unmount; system errors as they are (EBUSY, EINVAL, ENOENT …). */
export interface Mounts {
  mount(request: MountRequest): Promise<void>;
  /** Non-recursive bind mount. */
  bind(source: string, target: string): Promise<void>;
  unmount(mountPoint: string): Promise<void>;
  /** The mount table in kernel order (later lines hide earlier ones at the same place), escapes decoded. */
  read(): Promise<readonly MountEntry[]>;
}

export interface MountRequest {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly readOnly?: boolean;
  /** Nothing on it is run, and its device nodes are no devices (nodev, nosuid, noexec). */
  readonly untrusted?: boolean;
  /** Option text for the file-system driver, e.g. `size=75%`. */
  readonly data?: string;
}
