import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NetworkLab } from "../support/network-lab.ts";

const FILES: Readonly<Record<string, string>> = {
  "config.json": `# made by the inventory
{"Machine": {"Hostname": "host7.example.com", "HostIpAddress": "10.55.0.2", "HostMacAddress": "02:00:00:00:00:01"},
 "Subnets": [{"Id": "Lab", "IpGateway": "10.55.0.1", "IpMask": "255.255.255.0"}]}
`,
  imagename: "debian/13\n",
  imageserver: "10.55.0.1:6971\n",
  "storage-layout.json": '{"BootDriveLayout": [{"MountPoint": "/"}]}',
  "random-seed": "seed",
};

let lab: NetworkLab;
let root: string;

beforeEach(async () => {
  lab = await NetworkLab.create(1);
  root = join(lab.directory, "root");
  await mkdir(root);
  for (const [name, content] of Object.entries(FILES)) await writeFile(join(root, name), content);
});
afterEach(async () => lab[Symbol.asyncDispose]());

function startServer(): Promise<void> {
  return lab.startDnsmasq(
    "--dhcp-range=10.55.0.100,10.55.0.110,255.255.255.0,1h",
    "--dhcp-option=6,10.55.0.53",
    "--dhcp-option=15,lab.example.com",
    "--dhcp-boot=pxelinux.0,,10.55.0.1",
    "--enable-tftp",
    `--tftp-root=${root}`,
  );
}

test("a machine without an address finds its configuration", async () => {
  await startServer();
  const { value, message } = await lab.runClient("configuration-client.ts", { directory: lab.directory });
  expect(message).toBeUndefined();
  expect(value).toMatchObject({
    configuration: {
      machine: { hostname: "host7.example.com", subnets: [{ id: "Lab" }] },
      imageName: "debian/13",
      toolsImageName: "",
      imageServer: { host: "10.55.0.1", port: 6971 },
      storageLayout: { bootDriveLayout: [{ mountPoint: "/", fileSystemType: "ext4" }] },
      warnings: [],
    },
    resolvConf: expect.stringContaining("nameserver 10.55.0.53\n"),
    seed: "seed",
  });
  expect(await readdir(join(lab.directory, "dhcp/0"))).toContain("option.3_OptionRouter");
  expect(await lab.onClient("ip", "-4", "route", "show", "default")).toContain(
    "default via 10.55.0.1 dev c0",
  );
});

test("a configuration that is not complete is not put in place", async () => {
  await writeFile(join(root, "imagename"), "");
  await lab.onServer("rm", join(root, "imageserver"));
  await startServer();
  const { code, message } = await lab.runClient("configuration-client.ts", { directory: lab.directory });
  expect(code).toBe("E_CONFIG_FETCH");
  expect(message).toContain(
    "error receiving: imageserver: receiving imageserver from 10.55.0.1 by TFTP: code: 1",
  );
  await expect(readdir(join(lab.directory, "tftpdata"))).rejects.toMatchObject({ code: "ENOENT" });
});
