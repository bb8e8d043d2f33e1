import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { createDryRunHost } from "../../../../src/system/dry-run/dry-run-host.ts";
import { createFakeHost } from "../../../support/fake-host.ts";

const never = new AbortController().signal;
const eth0 = {
  name: "eth0",
  macAddress: "02:00:00:00:00:01",
  isUp: false,
  isBroadcast: true,
  isPhysical: true,
  hasCarrier: true,
  mtu: 1500,
};

describe("createDryRunHost", () => {
  it("skips every change, logs it as the original does, and leaves the machine alone", async () => {
    const real = createFakeHost({ files: { "/etc/fstab": "old" }, interfaces: [eth0] });
    const logged: string[] = [];
    const log = { ...silentLogger, debug: (_: number, message: string) => logged.push(message) };
    const dry = createDryRunHost(real, log);
    const wallMs = real.clock.nowMs();

    expect(await dry.commands.run({ program: "mkfs.ext4", args: ["/dev/sda1"] }, never)).toMatchObject({
      exitCode: 0,
      stdout: "",
    });
    await dry.mounts.mount({ source: "/dev/sda1", target: "/mnt", type: "ext4" });
    await dry.mounts.bind("/proc", "/mnt/proc");
    await dry.mounts.unmount("/mnt/proc");
    await dry.interfaces.setUp("eth0", true);
    await dry.interfaces.setAddress("eth0", "192.0.2.5", 24);
    await dry.interfaces.setDefaultGateway("192.0.2.1");
    await dry.interfaces.addRoute({
      destination: "198.51.100.0",
      prefixLength: 24,
      gateway: "192.0.2.3",
      interfaceName: "eth0",
    });
    await dry.interfaces.setMtu("eth0", 1400);
    await dry.interfaces.createVlan({ name: "eth0.5", parent: "eth0", vlanId: 5 });
    await dry.interfaces.setHostname("web1");
    await dry.clock.setTime(1_000_000_000);
    await dry.files.writeFile("/etc/fstab", "new");

    expect(logged).toEqual([
      "dry run: skipping: mkfs.ext4 /dev/sda1",
      "dry run: skipping: mount /dev/sda1 on /mnt type ext4",
      "dry run: skipping: bind /proc to /mnt/proc",
      "dry run: skipping: unmount /mnt/proc",
      "dry run: skipping: set eth0 up",
      "dry run: skipping: set address 192.0.2.5/24 of eth0",
      "dry run: skipping: set default gateway 192.0.2.1",
      "dry run: skipping: add route 198.51.100.0/24 by way of 192.0.2.3 on eth0",
      "dry run: skipping: set MTU 1400 of eth0",
      "dry run: skipping: make eth0.5 for VLAN 5 on eth0",
      "dry run: skipping: set host name web1",
      "dry run: skipping: set time 2001-09-09T01:46:40.000Z",
      "dry run: skipping: write /etc/fstab",
    ]);
    expect(dry.skippedChanges()).toHaveLength(13);
    expect(await dry.interfaces.list()).toMatchObject([
      { name: "eth0", isUp: true, mtu: 1500 },
      { name: "eth0.5", isUp: false, isPhysical: false },
    ]);
    expect(await dry.files.readText("/etc/fstab")).toBe("new");

    expect([real.commands.lines, await real.mounts.read(), real.interfaces.addresses.size]).toEqual([
      [],
      [],
      0,
    ]);
    expect([real.interfaces.hostname, real.interfaces.defaultGateway, real.clock.nowMs()]).toEqual([
      "",
      undefined,
      wallMs,
    ]);
    expect(await real.files.readText("/etc/fstab")).toBe("old");
    expect(await real.interfaces.list()).toMatchObject([{ name: "eth0", isUp: false }]);
  });

  it("runs programs that only look", async () => {
    const real = createFakeHost();
    real.commands.expect("select-drive sda sdb", { stdout: "sdb\n" });
    const command = { program: "select-drive", args: ["sda", "sdb"], changesNothing: true };
    expect((await createDryRunHost(real, silentLogger).commands.run(command, never)).stdout).toBe("sdb\n");
    real.commands.assertDone();
  });

  it("does not end the machine", async () => {
    const dry = createDryRunHost(createFakeHost(), silentLogger);
    await expect(dry.power.restart()).rejects.toMatchObject({ code: "EPERM" });
    await expect(dry.power.powerOff()).rejects.toMatchObject({ code: "EPERM" });
  });

  it("hashes what is written without writing it", async () => {
    const real = createFakeHost();
    const dry = createDryRunHost(real, silentLogger);
    const writer = await dry.hashing.createFile("/object");
    await writer.write(Buffer.from("content"));
    const { id } = await writer.finish();
    expect(await dry.hashing.hashFile("/object")).toEqual({ id, sizeBytes: 7 });
    expect(await dry.files.readText("/object")).toBe("content");
    expect(await real.files.exists("/object")).toBe(false);
  });
});
