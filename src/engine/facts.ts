/** What happens after the installation (spec/lifecycle.md section 10). Times as in events. */
export interface HandOverState {
  readonly phase: "waiting" | "waiting-for-shells" | "held" | "restarting";
  readonly rebooter: "default" | "kexec";
  /** When the phase ends by itself; undefined when it does not. */
  readonly until?: number;
}

/** What an operator should know for as long as it holds. A notice with empty text takes the one of the same id back. */
export interface Notice {
  /** Stable name, such as `no-credentials`. */
  readonly id: string;
  readonly severity: "info" | "warning";
  readonly text: string;
}

export interface DriveFacts {
  readonly name: string;
  readonly model: string;
  readonly serial: string;
  readonly sizeBytes: number;
  /** Such as `nvme`; empty: unknown. */
  readonly transport: string;
}

/** The machine itself; empty texts and zeroes: unknown. */
export interface MachineFacts {
  readonly vendor: string;
  readonly model: string;
  readonly serial: string;
  readonly cpu: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  /** What programs can still use. */
  readonly availableMemoryBytes: number;
  readonly firmware: "efi" | "bios";
  readonly kernel: string;
  readonly drives: readonly DriveFacts[];
}

export interface InterfaceFacts {
  readonly name: string;
  readonly macAddress: string;
  readonly isUp: boolean;
  readonly hasCarrier: boolean;
  /** Bits a second; 0: unknown. */
  readonly speedBps: number;
  readonly mtu: number;
  /** Each with its prefix length. */
  readonly addresses: readonly string[];
  readonly isPhysical: boolean;
}
