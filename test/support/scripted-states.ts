import type { DrivesPlan, PlannedVolume } from "../../src/engine/drives-plan.ts";
import type { InterfaceFacts, MachineFacts } from "../../src/engine/facts.ts";
import { ScriptedRun } from "./scripted-run.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const MACHINE: MachineFacts = {
  vendor: "Supermicro",
  model: "SYS-110P-WTR",
  serial: "S481520X3C21734",
  cpu: "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz",
  cpuCount: 64,
  memoryBytes: 256 * GIB,
  availableMemoryBytes: 251 * GIB,
  firmware: "efi",
  kernel: "6.1.0-32-amd64",
  drives: [
    {
      name: "nvme0n1",
      model: "SAMSUNG MZQL21T9HCJR-00A07",
      serial: "S64GNE0R603914",
      sizeBytes: 1.92e12,
      transport: "nvme",
    },
    {
      name: "nvme1n1",
      model: "SAMSUNG MZQL21T9HCJR-00A07",
      serial: "S64GNE0R603902",
      sizeBytes: 1.92e12,
      transport: "nvme",
    },
  ],
};

const INTERFACES: readonly InterfaceFacts[] = [
  nic("eno1", "3c:ec:ef:7a:10:22", 25e9, ["10.12.7.41/22", "fe80::3eec:efff:fe7a:1022/64"]),
  nic("eno2", "3c:ec:ef:7a:10:23", 25e9, []),
  { ...nic("enp65s0", "b4:96:91:b1:04:9c", 0, []), hasCarrier: false },
  { ...nic("enp65s1", "b4:96:91:b1:04:9d", 0, []), hasCarrier: false, isUp: false },
];

function nic(
  name: string,
  macAddress: string,
  speedBps: number,
  addresses: readonly string[],
): InterfaceFacts {
  return { name, macAddress, isUp: true, hasCarrier: true, speedBps, mtu: 1500, addresses, isPhysical: true };
}

function volume(
  number: number,
  startMib: number,
  sizeMib: number,
  details: Partial<PlannedVolume>,
): PlannedVolume {
  return {
    number,
    startBytes: startMib * MIB,
    sizeBytes: sizeMib * MIB,
    type: "ext4",
    label: "",
    isEncrypted: false,
    mountPoint: "",
    purpose: "other",
    ...details,
  };
}

const LAST_MIB = Math.floor(1.92e12 / MIB) - 1;

const PLAN: DrivesPlan = [
  {
    name: "nvme0n1",
    model: "SAMSUNG MZQL21T9HCJR-00A07",
    serial: "S64GNE0R603914",
    sizeBytes: 1.92e12,
    role: "boot",
    volumes: [
      volume(1, 1, 512, { type: "vfat", label: "EFI", mountPoint: "/boot/efi", purpose: "efi" }),
      volume(2, 513, 1024, { label: "boot", mountPoint: "/boot", purpose: "boot" }),
      volume(3, 1537, 65_536, { label: "rootfs", mountPoint: "/", purpose: "root", isEncrypted: true }),
      volume(4, 67_073, 32_768, { type: "swap", label: "swap", purpose: "swap", isEncrypted: true }),
      volume(5, 99_841, 512_000, { label: "/var/log", mountPoint: "/var/log", isEncrypted: true }),
    ],
  },
  {
    name: "nvme1n1",
    model: "SAMSUNG MZQL21T9HCJR-00A07",
    serial: "S64GNE0R603902",
    sizeBytes: 1.92e12,
    role: "data",
    volumes: [
      volume(0, 0, LAST_MIB, {
        type: "xfs",
        label: "/data/0",
        mountPoint: "/data/0",
        purpose: "data",
        isEncrypted: true,
      }),
    ],
  },
];

/** A step of which nothing is to be seen but that it was done. */
function quick(run: ScriptedRun, id: string, title: string, ms: number, ...lines: readonly string[]): void {
  run.start(id, title);
  for (const line of lines) run.log(line);
  run.pass(ms).end(id);
}

function beforeNetwork(): ScriptedRun {
  const run = new ScriptedRun();
  run.hostname = "r12n07.fra2.example.net";
  run.machine = MACHINE;
  run.pass(38).log("installer started 6s after system bootup");
  quick(run, "fix-clock", "Check the clock", 2);
  run.log("starting shell on console").log("status page on port 6978");
  return run;
}

function beforePlan(run: ScriptedRun): ScriptedRun {
  run.interfaces = INTERFACES;
  quick(
    run,
    "bring-up-network",
    "Bring up the network",
    3_140,
    "requesting an address by DHCP on: eno1, eno2",
    "logged DHCP response in: dhcp-response.log",
    "set hostname=r12n07.fra2.example.net",
    "Writing /etc/resolv.conf with nameservers: 10.12.4.10 10.12.4.11",
  );
  quick(
    run,
    "fetch-configuration",
    "Fetch the configuration",
    212,
    "tftpServer from DHCP: 10.12.4.5",
    "downloaded: config.json",
    "downloaded: imagename",
    "downloaded: storage-layout.json",
  );
  quick(run, "read-configuration", "Check the configuration", 9);
  quick(run, "plan-network", "Plan the new system's network", 3);
  quick(run, "find-drives", "Find the drives", 61, "no drive selector: all usable drives in bus order");
  quick(
    run,
    "fetch-image-metadata",
    "Fetch the image's metadata",
    438,
    "got image: debian-13/base/2026-11-18:06:00:02 in 312ms",
  );
  quick(
    run,
    "plan-storage",
    "Plan the storage",
    7,
    "adding implied last partition: /var/log",
    "nvme0n1 (1.92 TB) will be erased; 5 partitions",
    "nvme1n1 (1.92 TB) will be erased; whole drive",
  );
  run.publish("drives-planned", { plan: PLAN });
  quick(run, "check-images", "Check the images against the plan", 14);
  return run;
}

function downloading(doneMib: number): ScriptedRun {
  const run = beforePlan(beforeNetwork());
  quick(
    run,
    "reuse-objects",
    "Re-use objects of the booted system",
    912,
    "object cache already has 1148/24311 objects (61 MiB/1843 MiB)",
  );
  run.start("reuse-old-root", "Re-use objects of the old system");
  run.publish("step-progress", { id: "reuse-old-root", done: 412 * MIB, unit: "bytes" });
  run.log("cannot mount /dev/nvme0n1p3: wrong fs type, trying the next", "warn");
  run.pass(1_830).end("reuse-old-root");
  run.start("download-objects", "Download the missing objects");
  run.log("downloading 23163 objects (1782 MiB)").log("dialling imageserver.fra2.example.net:6971", "debug");
  const details = { id: "download-objects", total: 1782 * MIB, unit: "bytes" } as const;
  run.publish("step-progress", { ...details, done: 0 });
  run.publish("step-waiting", {
    id: "download-objects",
    waitingFor: "objects from the image server imageserver.fra2.example.net:6971",
  });
  for (let mib = 0; mib < doneMib; mib += 90)
    run.pass(500).publish("step-progress", { ...details, done: Math.min(doneMib, mib + 90) * MIB });
  return run;
}

function afterDownload(): ScriptedRun {
  const run = downloading(1782);
  run.log("downloaded 23163 objects (1782 MiB) in 9.91s (180 MiB/s)");
  run.publish("step-waiting", { id: "download-objects", waitingFor: "" }).pass(50).end("download-objects");
  quick(run, "make-tools-root", "Unpack the tools", 1_460, "unpacked 8231 inodes in 1.45s");
  quick(run, "make-disk-key", "Make the disk key", 31);
  quick(run, "release-drives", "Release the drives", 118);
  quick(run, "prove-drives-idle", "Check that the drives are not in use", 12);
  run.start("prepare-drives", "Partition and format the drives", true);
  run.log("discarded nvme0n1 in 1.1s").log("partitioned nvme0n1").pass(2_710);
  return run;
}

function stalled(): ScriptedRun {
  const run = afterDownload();
  run.log("made ext4 for / in 812ms");
  run.publish("step-waiting", {
    id: "prepare-drives",
    waitingFor: "mkfs.xfs -f -L /data/0 /dev/mapper/nvme1n1",
  });
  return run.pass(23_400);
}

function failed(): ScriptedRun {
  const run = afterDownload();
  run.log("made ext4 for / in 812ms").pass(4_120);
  const message =
    "running mkfs.xfs -f -L /data/0 /dev/mapper/nvme1n1: exit status 1: mkfs.xfs: pwrite failed: Input/output error";
  run.publish("step-failed", {
    id: "prepare-drives",
    durationMs: 6_830,
    code: "E_COMMAND_FAILED",
    message,
    hint: "Read the program's output in the log; for input/output errors check the drive (smartctl, dmesg) and its cable, or take it out of the drive selector.",
  });
  run.log(`error installing: ${message}`, "error");
  run.publish("run-ended", { outcome: "failed", message: `error installing: ${message}` });
  run.log("waiting 5m0s before rebooting with default rebooter");
  run.publish("hand-over", {
    state: { phase: "waiting", rebooter: "default", until: run.snapshot().at + 300_000 },
  });
  run.publish("notice", {
    notice: {
      id: "no-credentials",
      severity: "warning",
      text: "There are no usable certificates: remote shell and control are switched off.",
    },
  });
  return run.pass(28_000);
}

function held(): ScriptedRun {
  const run = afterDownload();
  run.end("prepare-drives").start("unpack-image", "Unpack the image", true);
  run.publish("step-progress", { id: "unpack-image", done: 1843 * MIB, total: 1843 * MIB, unit: "bytes" });
  run.pass(6_310).log("unpacked 24102 inodes in 6.3s").end("unpack-image");
  quick(run, "write-system-files", "Write fstab and records", 42, "/etc/fstab: 5 file-systems");
  quick(run, "configure-network", "Configure the new system's network", 66);
  quick(run, "copy-logs", "Copy the log to the new system", 18);
  quick(run, "install-boot-loader", "Install the boot loader", 2_920, "installed GRUB in 2.9s");
  quick(run, "unmount-target", "Unmount the new system", 340);
  quick(run, "notify-completion", "Notify of the completion", 4);
  run.log("installation complete").publish("run-ended", { outcome: "succeeded", message: "" });
  run.sessions = [
    {
      device: "pts/2",
      userName: "alice",
      peer: "10.1.4.22:51514",
      protocol: "SRPC",
      startedAt: run.snapshot().at,
    },
    {
      device: "pts/10",
      userName: "deploy-bot",
      peer: "10.1.4.9:40122",
      protocol: "gRPC",
      startedAt: run.snapshot().at - 9_000,
    },
  ];
  run.log("reboot blocked, waiting for SIGCONT");
  run.publish("hand-over", { state: { phase: "held", rebooter: "kexec" } });
  return run.pass(95_000);
}

function manyDrives(): ScriptedRun {
  const run = afterDownload();
  const names = Array.from({ length: 24 }, (_, index) => `sd${String.fromCharCode(97 + index)}`);
  const facts = (name: string) => ({
    model: "SEAGATE ST18000NM004J",
    serial: `ZR5${name.toUpperCase()}7XK4`,
    sizeBytes: 18e12,
  });
  const data = names.map((name, index) => ({
    name,
    ...facts(name),
    role: "data" as const,
    volumes: [
      volume(0, 0, Math.floor(18e12 / MIB), {
        type: "xfs",
        label: `/data/${index}`,
        mountPoint: `/data/${index}`,
        purpose: "data",
        isEncrypted: true,
      }),
    ],
  }));
  run.publish("drives-planned", { plan: [...PLAN.slice(0, 1), ...data] });
  run.machine = {
    ...MACHINE,
    drives: [
      ...MACHINE.drives.slice(0, 1),
      ...names.map((name) => ({ name, ...facts(name), transport: "sas" })),
    ],
  };
  run.publish("step-waiting", {
    id: "prepare-drives",
    waitingFor: "mkfs.xfs -f -L /data/3 /dev/mapper/sdd (and 20 more)",
  });
  return run.pass(7_300);
}

function early(): ScriptedRun {
  const run = beforeNetwork();
  run.interfaces = INTERFACES.map((facts) => ({ ...facts, addresses: [] }));
  run.start("bring-up-network", "Bring up the network");
  run.log("requesting an address by DHCP on: eno1, eno2");
  run.publish("step-waiting", {
    id: "bring-up-network",
    waitingFor: "a DHCP server that leads to a configuration",
  });
  run.publish("notice", {
    notice: {
      id: "insecure",
      severity: "warning",
      text: "Started with -insecure: anybody on the network can open a shell as root on this machine.",
    },
  });
  return run.pass(2_400);
}

/** Installations as they look at telling moments. */
export const SCRIPTED_STATES = {
  early,
  downloading: () => downloading(1170),
  stalled,
  failed,
  held,
  "many-drives": manyDrives,
} as const satisfies Readonly<Record<string, () => ScriptedRun>>;
