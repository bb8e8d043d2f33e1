import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { DiskOptions } from "./disks.ts";
import { configurationFiles, waitForInstallation, waitForLogin } from "./installation.ts";
import { LAB_NETWORK } from "./lab.ts";
import { makeEmpty, makeLvmMember, makeStick, makeZfsMember, sha256 } from "./old-contents.ts";
import { addFile, addHook } from "./overlay.ts";
import { SerialShell } from "./serial-shell.ts";
import { startInstallation } from "./start-installation.ts";

const MIB = 2 ** 20;
const SELECTIONS_TIMEOUT_MS = 900_000;
/** The one for physical machines: that for virtual ones has no drivers for USB and SATA. */
const KERNEL = "linux-image-amd64";

const TWIN_BYTES = 3072 * MIB;
const LVM_BYTES = 1024 * MIB;
const ZFS_BYTES = 1280 * MIB;

/** Six drives; the installer may have none of them but a twin. */
const DRIVES = {
  stick: { bus: "usb", sizeBytes: 64 * MIB, serial: "STICK-1" },
  twinA: { bus: "scsi", sizeBytes: TWIN_BYTES, serial: "TWIN-A", wwn: 0x5000c500a1b2c301n, model: "TWIN" },
  twinB: { bus: "scsi", sizeBytes: TWIN_BYTES, serial: "TWIN-B", wwn: 0x5000c500a1b2c302n, model: "TWIN" },
  lvm: { bus: "sata", sizeBytes: LVM_BYTES, serial: "ARCHIVE-1", wwn: 0x5000c500a1b2c303n, model: "ARCHIVE" },
  zfs: { bus: "virtio", sizeBytes: ZFS_BYTES, serial: "POOL-1" },
  nvme: { bus: "nvme", sizeBytes: 256 * MIB, serial: "CACHE-1" },
} as const satisfies Record<string, DiskOptions>;

type DriveName = keyof typeof DRIVES;
const ORDER: readonly DriveName[] = ["stick", "twinA", "twinB", "lvm", "zfs", "nvme"];
const OTHER_ORDER: readonly DriveName[] = ["nvme", "zfs", "twinB", "lvm", "stick", "twinA"];

/** QEMU gives PCI slots in attach order; the stick's adapter is the third device, after the network and the random numbers. */
const STICK_PATH = "pci-0000:00:04.0-usb-0:1:1.0-scsi-0:0:0:0";

interface Selection {
  readonly title: string;
  /** Keys of storage-layout.json. */
  readonly layout?: object;
  /** What a program given as -driveSelector prints, as a format of printf. */
  readonly selector?: string;
  /** What the refusal has to say. */
  readonly reasons: readonly RegExp[];
}

const sized = (sizeBytes: number) => ({ MinimumBytes: sizeBytes, MaximumBytes: sizeBytes });

/** What must be refused: by `installer plan`, with these reasons. */
const REFUSED: readonly Selection[] = [
  {
    title: "a size that two drives have",
    layout: { BootDrive: sized(TWIN_BYTES) },
    reasons: [/exactly 1 drive and matches 2/, /"TWIN-A".*: matches$/m, /"TWIN-B".*: matches$/m],
  },
  {
    title: "a model that two drives have",
    layout: { BootDrive: { Model: "TWIN" } },
    reasons: [/exactly 1 drive and matches 2/, /"TWIN-A".*: matches$/m, /"ARCHIVE-1".*: no match: Model is/],
  },
  {
    title: "the stick that is in use, by its path",
    layout: { BootDrive: { Path: STICK_PATH } },
    reasons: [/-usb-.*: matches, but cannot be used: in use: .* is mounted on \/media$/m],
  },
  {
    title: "the stick that is in use, by its serial number",
    layout: { BootDrive: { Serial: DRIVES.stick.serial } },
    reasons: [/"STICK-1".*: matches, but cannot be used: in use: .* is mounted on \/media$/m],
  },
  {
    title: "a member of an LVM group by its size",
    layout: { BootDrive: sized(LVM_BYTES) },
    reasons: [/"ARCHIVE-1".*: matches, but is a member of LVM .*; name it by Serial, Wwn or Path$/m],
  },
  {
    title: "a member of a ZFS pool by its size",
    layout: { BootDrive: sized(ZFS_BYTES) },
    reasons: [/"POOL-1".*: matches, but is a member of ZFS .*; name it by Serial, Wwn or Path$/m],
  },
  {
    title: "a serial number that no drive has",
    layout: { BootDrive: { Serial: "GONE" } },
    reasons: [
      /exactly 1 drive and matches none/,
      ...["TWIN-A", "TWIN-B", "ARCHIVE-1", "POOL-1", "CACHE-1"].map(
        (serial) => new RegExp(`"${serial}".*: no match: Serial is "${serial}"$`, "m"),
      ),
    ],
  },
  {
    title: "more data drives than there are",
    layout: { BootDrive: { Serial: "TWIN-A" }, DataDrives: [{ Model: "TWIN", Count: 2 }] },
    reasons: [/exactly 2 drives and matches 1/, /"TWIN-A".*: already selected by BootDrive$/m],
  },
  {
    title: "fewer data drives than there are",
    layout: { BootDrive: { Serial: "CACHE-1" }, DataDrives: [{ Model: "TWIN", Count: 1 }] },
    reasons: [/exactly 1 drive and matches 2/, /"TWIN-A".*: matches$/m, /"TWIN-B".*: matches$/m],
  },
  {
    title: "a drive twice",
    layout: { BootDrive: { Serial: "TWIN-A" }, DataDrives: [{ Serial: "TWIN-A" }] },
    reasons: [/exactly 1 drive and matches none/, /"TWIN-A".*: already selected by BootDrive$/m],
  },
  {
    title: "nothing said of the boot drive",
    layout: { BootDrive: {} },
    reasons: [/BootDrive .* does not say which drive is meant/],
  },
  {
    title: "data drives without a boot drive",
    layout: { DataDrives: [{ Serial: "TWIN-A" }] },
    reasons: [/DataDrives and no BootDrive/],
  },
  {
    title: "a boot drive that is too small",
    layout: { BootDrive: { Transport: "nvme" } },
    reasons: [/planning \/dev\/nvme0n1: .* does not fit/],
  },
  {
    title: "a name that no drive has, from a drive selector",
    selector: "sdz\\n",
    reasons: [/cannot select non-existant drive: sdz/, /TWIN-A/],
  },
  {
    title: "a name twice, from a drive selector",
    selector: "sda\\nsda\\n",
    reasons: [/cannot select drive twice: sda/, /TWIN-A/],
  },
  {
    title: "a boot drive and a drive selector",
    layout: { BootDrive: { Serial: "TWIN-B" } },
    selector: "sda\\n",
    reasons: [/both BootDrive .* and -driveSelector/],
  },
];

const EXACT = { BootDrive: { Serial: "TWIN-B" } };

/** The control: the same runs end well when the selection is exact, so the others did not fail for another reason. */
const ACCEPTED: readonly Selection[] = [
  { title: "the serial number of one twin", layout: EXACT, reasons: [/TWIN-B/] },
  {
    title: "a member of an LVM group as data drive, by its serial number",
    layout: { ...EXACT, DataDrives: [{ Serial: "ARCHIVE-1" }] },
    reasons: [/TWIN-B/, /ARCHIVE-1/],
  },
];

interface Outcome {
  readonly status: number;
  readonly output: string;
}

describe("a machine with six drives", () => {
  const scratch = mkdtempSync(path.join(tmpdir(), "installer-selection-test-"));
  const cleanup = new AsyncDisposableStack();
  const images = new Map(ORDER.map((name) => [name, path.join(scratch, `${name}.raw`)]));
  const attached = (order: readonly DriveName[]): readonly DiskOptions[] =>
    order.map((name) => ({ ...DRIVES[name], file: images.get(name) ?? "" }));
  const hashes = () => new Map([...images].map(([name, image]) => [name, sha256(image)]));
  let before = new Map<DriveName, string>();
  let afterRefusals = new Map<DriveName, string>();
  let afterInstallation = new Map<DriveName, string>();
  const outcomes = new Map<string, Outcome>();
  let daemonText = "";
  let shell: SerialShell;

  beforeAll(async () => {
    makeDrives(images);
    before = hashes();
    await refuse();
    afterRefusals = hashes();
    await install();
  }, 2_400_000);

  async function refuse(): Promise<void> {
    await using stack = new AsyncDisposableStack();
    const { machine } = await startInstallation(stack, {
      name: "drive-selection-refused",
      kernel: KERNEL,
      // The real installer comes last, with the same mistake.
      layout: { BootDrive: sized(TWIN_BYTES) },
      prepareOverlay: addSelections,
      machine: { memoryMiB: 3072, disks: attached(ORDER) },
    });
    await machine.console.waitFor(/^selections: begin$/m, 300_000);
    for (const [index, { title }] of [...REFUSED, ...ACCEPTED].entries()) {
      const pattern = new RegExp(`^selection ${index}: begin\n([^]*?)^selection ${index}: exit (\\d+)$`, "m");
      const [, output = "", status] = await machine.console.waitFor(pattern, SELECTIONS_TIMEOUT_MS);
      outcomes.set(title, { status: Number(status), output });
    }
    await machine.console.waitFor(/error installing: .*\n[^]*hint: .*\n/, 300_000);
    daemonText =
      readFileSync(machine.consoleLog, "utf8").replaceAll("\r", "").split("selections: end")[1] ?? "";
    await machine.powerOff();
  }

  async function install(): Promise<void> {
    const { lab, machine } = await startInstallation(cleanup, {
      name: "drive-selection-installed",
      kernel: KERNEL,
      layout: EXACT,
      machine: { memoryMiB: 3072, disks: attached(OTHER_ORDER), pauseAtRestart: true },
    });
    await waitForInstallation(machine);
    await machine.waitForRestart(60_000);
    await machine.powerOff();
    afterInstallation = hashes();
    const installed = await lab.startMachine({
      disks: attached(OTHER_ORDER),
      firstBoot: "disk",
      bootDisk: OTHER_ORDER.indexOf("twinB"),
    });
    await waitForLogin(installed);
    shell = await SerialShell.login(installed.console, "root", "installer");
  }

  afterAll(async () => {
    await cleanup.disposeAsync();
    rmSync(scratch, { recursive: true, force: true });
  });

  it.each(REFUSED)("refuses $title, and says why", ({ title, reasons }) => {
    const { status, output } = outcomes.get(title) ?? { status: 0, output: "" };
    expect(status).not.toBe(0);
    for (const reason of reasons) expect(output).toMatch(reason);
  });

  it.each(ACCEPTED)("would install with $title", ({ title, reasons }) => {
    const { status, output } = outcomes.get(title) ?? { status: -1, output: "" };
    expect(output).toMatch(/will be erased/);
    for (const reason of reasons) expect(output).toMatch(reason);
    expect(status).toBe(0);
  });

  it("does not install either what was refused before", () => {
    expect(daemonText).toMatch(/error installing: /);
    for (const serial of ["TWIN-A", "TWIN-B"]) expect(daemonText).toContain(serial);
    expect(daemonText).not.toMatch(/got image|discarded|partitioned/);
  });

  it("has not changed one byte of any drive", () => {
    expect(before.size).toBe(ORDER.length);
    expect(afterRefusals).toEqual(before);
  });

  it("installs to the one drive that was named, whatever the order of the drives, and to no other", () => {
    const changed = ORDER.filter((name) => afterInstallation.get(name) !== before.get(name));
    expect(changed).toEqual(["twinB"]);
  });

  it("boots from the drive that was named", async () => {
    const root = await shell.run(
      "lsblk --nodeps --noheadings --output SERIAL /dev/$(lsblk -n -o PKNAME $(findmnt -n -o SOURCE /))",
    );
    expect(root).toBe("TWIN-B");
    expect(await shell.run("systemctl is-system-running --wait")).toBe("running");
  });
});

function makeDrives(images: ReadonlyMap<DriveName, string>): void {
  for (const [name, image] of images) {
    const { sizeBytes } = DRIVES[name];
    if (name === "stick") makeStick(image, sizeBytes);
    else if (name === "lvm") makeLvmMember(image, sizeBytes);
    else if (name === "zfs") makeZfsMember(image, sizeBytes);
    else makeEmpty(image, sizeBytes);
  }
}

/** A hook that mounts the stick and asks for a plan by each selection in turn. */
function addSelections(overlay: string): void {
  const runs = [...REFUSED, ...ACCEPTED].map((selection, index) => {
    const directory = `selections/${index}`;
    const files = configurationFiles({ layout: selection.layout ?? {} });
    for (const [name, content] of Object.entries(files)) addFile(overlay, `${directory}/${name}`, content);
    const flags = [`-tftpDirectory=/${directory}`];
    if (selection.selector !== undefined) {
      addFile(overlay, `${directory}/selector`, `#!/bin/sh\nprintf '${selection.selector}'\n`, 0o755);
      flags.push(`-driveSelector=/${directory}/selector`);
    }
    return `select ${index} ${flags.join(" ")}`;
  });
  addHook(overlay, [SELECT, ...runs, "echo 'selections: end'"].join("\n"));
}

/** The stick is the only one with a file-system; the network is needed for the image's size. */
const SELECT = `
dmesg -n 1
mkdir -p /media
mount -t vfat -o ro "$(for d in /sys/block/sd*; do [ "$(cat $d/size)" != ${DRIVES.stick.sizeBytes / 512} ] || echo /dev/$(basename $d); done)" /media
ip link set eth0 up
ip address add ${LAB_NETWORK.client}/${LAB_NETWORK.prefixLength} dev eth0
select() {
  index=$1
  shift
  echo "selection $index: begin"
  status=0
  installer "$@" plan 2>&1 || status=$?
  echo "selection $index: exit $status"
}
echo
echo "selections: begin"
`;
