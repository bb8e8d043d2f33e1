import type { FlagTable, FlagValues } from "./flag-table.ts";

/** What the defaults of some flags depend on. */
export interface ProcessIdentity {
  readonly effectiveUserId: number;
  readonly processId: number;
}

/** The values of the common flags. */
export type Flags = FlagValues<ReturnType<typeof installerFlags>>;

/** The flags that stand before the command (spec/cli.md section 6). */
export function installerFlags(identity: ProcessIdentity) {
  return {
    CAfile: {
      type: "string",
      default: "/etc/ssl/CA.pem",
      description: "PEM file of the authorities that are trusted for identity and for method grants",
    },
    alsoLogToStderr: {
      type: "bool",
      default: false,
      description: "Accepted for compatibility: the daemon always logs to standard error as well",
    },
    certFile: {
      type: "string",
      default: "/etc/ssl/installer/cert.pem",
      description: "PEM file of the certificate shown to image servers and to RPC clients",
    },
    completionNotifier: {
      type: "string",
      default: "",
      description: "Program to run when the new system is unmounted, just before the restart",
    },
    configurationBaseUrl: {
      type: "string",
      default: "",
      description: "Base URL of the configuration files, in place of TFTP",
    },
    configurationLoader: {
      type: "string",
      default: "",
      description: "Program that fetches the configuration files, in place of TFTP",
    },
    cpuProfileFilename: {
      type: "string",
      default: "",
      description: "File to write a CPU profile of the command to",
    },
    dhcpTimeout: {
      type: "duration",
      default: 300_000_000_000n,
      description: "Time allowed for finding a DHCP server that leads to a configuration; 0: no limit",
    },
    driveSelector: {
      type: "string",
      default: "",
      description: "Program that chooses the drives to install to, and their order",
    },
    dryRun: {
      type: "bool",
      default: identity.effectiveUserId !== 0,
      description: "Print what would be done and change nothing; the default unless run as root",
    },
    efiBootEntry: {
      type: "bootEntryPlace",
      default: "last",
      description:
        "Place of the new system in the order of EFI boot entries: last, first, or none for no entry",
    },
    eventUrl: {
      type: "string",
      default: "",
      description: "URL to which every event is posted as JSON while the machine is installed",
    },
    generateMissingWebcert: {
      type: "bool",
      default: false,
      description: "Serve with a self-signed certificate when there is none",
    },
    identityCAfile: {
      type: "string",
      default: "/etc/ssl/IdentityCA.pem",
      description: "PEM file of the authorities that are trusted for identity only; need not exist",
    },
    idleMarkTimeout: {
      type: "duration",
      default: 0n,
      description: "Silence after which a MARK line is written to the log file; 0: never",
    },
    imageServerHostname: {
      type: "string",
      default: "",
      description: "Image server to use, whatever the configuration says",
    },
    imageServerPortNum: {
      type: "port",
      default: 6971,
      description: "Port of the image server that -imageServerHostname names",
    },
    insecure: {
      type: "bool",
      default: false,
      description:
        "Without certificates let everybody who reaches -portNum open a root shell, as the original does",
    },
    keyFile: {
      type: "string",
      default: "/etc/ssl/installer/key.pem",
      description: "PEM file of the private key of -certFile",
    },
    logDebugLevel: {
      type: "int",
      default: -1,
      description:
        "Log debug messages up to this level: 0 steps, 1 findings, 2 what is skipped, 3 command output",
    },
    logDir: {
      type: "string",
      default: "/var/log/installer",
      description: "Directory of the log files; empty: no files",
    },
    logFileMaxSize: {
      type: "size",
      default: 10 * 2 ** 20,
      description: "Size at which a new log file is started, at least 16KiB",
    },
    logQuota: {
      type: "size",
      default: 100 * 2 ** 20,
      description: "Size of all log files together above which the oldest are deleted, at least 64KiB",
    },
    logbufLines: {
      type: "uint",
      default: 1024,
      description: "Number of log messages kept in memory for the status page, at least 100",
    },
    mountPoint: {
      type: "string",
      default: "/mnt",
      description: "Directory where the new system is mounted while it is being made",
    },
    networkConfigurator: {
      type: "string",
      default: "",
      description: "Program that writes the network configuration of the new system",
    },
    networkRenderer: {
      type: "networkRenderer",
      default: "auto",
      description:
        "Software that the new system's network is written for: ifupdown, netplan, networkd, networkmanager, or auto for what the image has",
    },
    portNum: {
      type: "port",
      default: 6978,
      description: "Port of the status page and the RPC server",
    },
    procDirectory: {
      type: "string",
      default: "/proc",
      description: "Directory whose file cmdline is searched for hostname=",
    },
    shellCommand: {
      type: "list",
      default: ["/bin/busybox", "sh", "-i"],
      description: "Shell of the console and of remote sessions, with its arguments; empty: no shell",
    },
    skipNetwork: {
      type: "bool",
      default: false,
      description: "Do not configure the network of the new system",
    },
    skipStorage: {
      type: "bool",
      default: false,
      description: "Do not touch any drive",
    },
    srpcClientDoNotUseMethodPowers: {
      type: "bool",
      default: false,
      description: "Call RPC servers without the method grants of the certificate",
    },
    srpcDefaultConnectTimeout: {
      type: "duration",
      default: 15_000_000_000n,
      description: "Time allowed for connecting to an RPC server",
    },
    srpcDefaultKeepAlivePeriod: {
      type: "duration",
      default: 300_000_000_000n,
      description: "Interval of TCP keep-alive probes on RPC connections",
    },
    srpcDefaultTlsHandshakeTimeout: {
      type: "duration",
      default: 60_000_000_000n,
      description: "Time allowed for the TLS handshake of an RPC connection",
    },
    srpcProxy: {
      type: "string",
      default: "",
      description: "Proxy for RPC connections",
    },
    srpcTrustVmOwners: {
      type: "bool",
      default: true,
      description: "Let the owners of this virtual machine call every RPC method",
    },
    srpcTrustedGroups: {
      type: "list",
      default: [],
      description: "Groups, separated by commas, whose members may call every RPC method",
    },
    srpcTrustedUsers: {
      type: "set",
      default: new Set<string>(),
      description: "Users, separated by commas, who may call every RPC method",
    },
    srpcUnixSocketPath: {
      type: "string",
      default: `@SRPC.${identity.processId}`,
      description: "Unix socket of the RPC server; @ stands for the abstract name space",
    },
    statusAccess: {
      type: "statusAccess",
      default: "open",
      description:
        "Who may look at status, events and logs: open for everybody, authenticated for holders of a certificate",
    },
    sysfsDirectory: {
      type: "string",
      default: "/sys",
      description: "Directory where drives are looked for",
    },
    syslog: {
      type: "string",
      default: "",
      description:
        "Syslog server to which the log is sent, such as udp://logs.example.com or tcp://10.0.0.1:601",
    },
    tftpDirectory: {
      type: "string",
      default: "/tftpdata",
      description: "Directory of the configuration files, injected or downloaded",
    },
    tftpServerHostname: {
      type: "string",
      default: "",
      description: "TFTP server to use, whatever DHCP says",
    },
    tmpRoot: {
      type: "string",
      default: "/tmproot",
      description: "Directory where the programs that do the work are unpacked, in memory",
    },
    version: {
      type: "bool",
      default: false,
      description: "Print the version and exit",
    },
  } as const satisfies FlagTable;
}
