/** Something done to a machine, by the original or by this program. */
export type MachineEvent =
  | {
      readonly kind: "run";
      readonly argv: readonly string[];
      readonly chroot?: string;
      readonly fails?: boolean;
    }
  | ({ readonly kind: "mount"; readonly fails?: boolean; readonly readOnly?: boolean } & MountMeaning)
  | { readonly kind: "unmount"; readonly on: string }
  /** Bytes at the start or the end of a device; `bytes` is how many. */
  | {
      readonly kind: "zero" | "write";
      readonly device: string;
      readonly at: "start" | "end";
      readonly bytes: number;
    }
  | { readonly kind: "file"; readonly path: string };

/** The events of an installation: until the first drive is changed, the making, and the release of everything. */
export interface PhasedEvents {
  readonly before: readonly MachineEvent[];
  readonly making: readonly MachineEvent[];
  readonly end: readonly MachineEvent[];
}

export interface MountMeaning {
  readonly source: string;
  readonly on: string;
  /** `bind` for a bind mount. */
  readonly type: string;
}
