import { readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { waitForInstallation, waitForLogin } from "./installation.ts";
import { httpGet, LAB_NETWORK } from "./lab.ts";
import { addFile, addHook } from "./overlay.ts";
import { RECORD_ARGUMENTS_AND_EVENTS } from "./recorder.ts";
import { countInFile, findSecret, readFromPartition } from "./secret-traces.ts";
import { SerialShell } from "./serial-shell.ts";
import { startInstallation } from "./start-installation.ts";
import { readPartitions } from "./verify-disk.ts";

const GIB = 2 ** 30;
/** Emulated, on a machine that does other things as well. */
const SET_UP_TIMEOUT_MS = 1_800_000;
/** The EFI partition is the first one. */
const ROOT_PARTITION = 1;
const PAGES = ["/", "/logs", "/api/status"];

interface BlockDevice {
  readonly name: string;
  readonly type: string;
  readonly mountpoint: string | null;
  readonly children?: readonly BlockDevice[];
}

interface FirmwareEntry {
  readonly number: number;
  readonly description: string;
}

/** Prints the boot entries that the firmware knows (UEFI specification 3.1), as JSON. */
const READ_BOOT_ENTRIES = `
import glob, json, struct
read = lambda name: open(glob.glob("/sys/firmware/efi/efivars/%s-8be4df61-*" % name)[0], "rb").read()[4:]
words = lambda data: [word for (word,) in struct.iter_unpack("<H", data)]
entries = []
for path in glob.glob("/sys/firmware/efi/efivars/Boot[0-9A-F][0-9A-F][0-9A-F][0-9A-F]-*"):
    name = path.split("/")[-1][:8]
    text = read(name)[6:].decode("utf-16-le", "replace").split("\\0")[0]
    entries.append({"number": int(name[4:], 16), "description": text})
print(json.dumps({"current": words(read("BootCurrent"))[0], "order": words(read("BootOrder")), "entries": entries}))
`;

/** Prints the files of the installation's log, each as a line of base64. */
const READ_LOGS = `
import base64, os
for directory, _, names in os.walk("/var/log/installer"):
    for name in names:
        print(base64.b64encode(open(os.path.join(directory, name), "rb").read()).decode())
`;

/** One installation; each of its properties has a test of its own. */
describe("an EFI machine with two drives and encryption", () => {
  const cleanup = new AsyncDisposableStack();
  let shell: SerialShell;
  let key: Buffer = Buffer.alloc(0);
  let occurrences: readonly number[] = [];
  const texts = new Map<string, Buffer>();
  let blockDevices: readonly BlockDevice[] = [];

  beforeAll(async () => {
    const { lab, machine } = await startInstallation(cleanup, {
      name: "efi-luks",
      encrypt: true,
      prepareOverlay: (overlay) => {
        addHook(overlay, RECORD_ARGUMENTS_AND_EVENTS);
        addFile(overlay, "etc/installer/flags.extra", "efiBootEntry = first\nlogDebugLevel = 3\n");
      },
      machine: {
        firmware: "efi",
        disksBytes: [8 * GIB, 2 * GIB],
        pauseAtRestart: true,
        recorder: true,
      },
    });
    await machine.console.waitFor(/status page on port/, 180_000);
    const relay = await lab.relay(LAB_NETWORK.client, 6978);
    await waitForInstallation(machine);
    for (const page of PAGES) texts.set(page, Buffer.from(await httpGet(relay, page, 30_000)));
    await machine.waitForRestart(60_000);

    const root = readPartitions(machine.disks[0] ?? "")[ROOT_PARTITION];
    key = readFromPartition(machine.disks[0] ?? "", root?.startBytes ?? 0, "/etc/crypt.key");
    occurrences = machine.disks.map((disk) => countInFile(key, disk));
    texts.set("console", readFileSync(machine.consoleLog));
    texts.set("arguments and events", readFileSync(machine.recorderLog));

    await machine.continueRestart();
    await waitForLogin(machine);
    shell = await SerialShell.login(machine.console, "root", "installer");
    blockDevices = JSON.parse(await shell.run("lsblk --json -o NAME,TYPE,MOUNTPOINT")).blockdevices;
    for (const [index, line] of (await shell.runPython(READ_LOGS)).split("\n").entries())
      texts.set(`log file ${index}`, Buffer.from(line, "base64"));
  }, SET_UP_TIMEOUT_MS);

  afterAll(() => cleanup.disposeAsync());

  it.each<[string, string, RegExp]>([
    ["was booted by EFI firmware", "ls /sys/firmware/efi", /efivars/],
    ["has its EFI partition", "blkid -o value -s TYPE /dev/vda1", /^vfat$/],
    ["has its root on a plain partition", "findmnt -n -o SOURCE,FSTYPE /", /^\/dev\/vda2 +ext4$/],
    ["shows the key to nobody but root", "stat -c '%a %u %g %s' /etc/crypt.key", /^400 0 0 16$/],
    ["runs without a failed unit", "systemctl is-system-running --wait", /^running$/],
    ["has LUKS2 on the second drive", "cryptsetup luksDump /dev/vdb | grep Version", /^Version:\s+2$/],
  ])("%s", async (_, command, expected) => {
    expect(await shell.run(command)).toMatch(expected);
  });

  it.each([
    ["/home", "vda3"],
    ["/var/log", "vda4"],
    ["/data/0", "vda5"],
    ["/data/1", "vdb"],
  ])("has %s on an opened LUKS volume", (mountPoint, name) => {
    const device = flatten(blockDevices).find((each) => each.name === name);
    expect(device?.mountpoint).toBeNull();
    expect(device?.children).toEqual([expect.objectContaining({ type: "crypt", mountpoint: mountPoint })]);
  });

  it("was started by its own entry in the firmware's boot order, which is there once", async () => {
    const boot = JSON.parse(await shell.runPython(READ_BOOT_ENTRIES));
    const entries: readonly FirmwareEntry[] = boot.entries;
    const ours = entries.filter(({ description }) => description.startsWith("installer: "));
    expect(ours).toHaveLength(1);
    expect(boot.order[0]).toBe(ours[0]?.number);
    expect(boot.current).toBe(ours[0]?.number);
    expect(new Set(boot.order).size).toBe(boot.order.length);
    expect(entries.some(({ description }) => /PXE/.test(description))).toBe(true);
  });

  it("has the key on its drives in one file and nowhere else", async () => {
    const inUse = await shell.run("base64 /etc/crypt.key");
    expect(inUse).toBe(key.toString("base64"));
    expect(key).toHaveLength(16);
    expect(occurrences).toEqual([1, 0]);
  });

  it.each([...PAGES, "console", "arguments and events"])("does not show the key in: %s", (name) => {
    expect(texts.get(name)?.length).toBeGreaterThan(500);
    expect(findSecret(key, texts.get(name) ?? Buffer.alloc(0))).toEqual([]);
  });

  it("recorded the arguments and the events that might have shown it", () => {
    const recorded = texts.get("arguments and events")?.toString() ?? "";
    expect(recorded).toMatch(/^argument: luksFormat\r?$/m);
    expect(recorded).toMatch(/^argument: --key-file/m);
    expect(recorded).toMatch(/"event":"step-ended",.*"id":"make-disk-key"/);
  });

  it("does not have the key in the log that it keeps", () => {
    const logs = [...texts].filter(([name]) => name.startsWith("log file "));
    expect(logs.length).toBeGreaterThan(3);
    expect(logs.filter(([, content]) => findSecret(key, content).length > 0)).toEqual([]);
    expect(logs.some(([, content]) => content.includes("getting 16 random bytes"))).toBe(true);
  });
});

function flatten(devices: readonly BlockDevice[]): readonly BlockDevice[] {
  return devices.flatMap((device) => [device, ...flatten(device.children ?? [])]);
}
