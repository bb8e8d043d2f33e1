import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { makeTestAuthority, makeTestCertificate } from "../support/certificates.ts";
import { LAB_NETWORK, type Lab } from "./lab.ts";
import type { Machine } from "./machine.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const CACHE = path.join(ROOT, ".cache");
const INSTALLER = path.join(ROOT, "dist/installer");
const DEBIAN_TREE = path.join(CACHE, "debian-tree");
const IMAGE_SERVER_PORT = 6971;
const GIB = 2 ** 30;

/** The image that `publishDebian` makes. */
export const IMAGE_NAME = "demo/debian-12";

/** Where `dist/installer image add` puts images, and `dist/installer image-server` finds them. */
export interface ImageStore {
  readonly imageDirectory: string;
  readonly objectDirectory: string;
}

/** Publishes .cache/debian-tree (scripts/build-debian-image) in a store that later calls find again. */
export function publishDebian(): ImageStore {
  const directory = path.join(CACHE, "image-store");
  const store = {
    imageDirectory: path.join(directory, "images"),
    objectDirectory: path.join(directory, "objects"),
  };
  const stamp = path.join(directory, "stamp");
  const wanted = readFileSync(`${DEBIAN_TREE}.stamp`, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return store;
  rmSync(directory, { recursive: true, force: true });
  for (const each of Object.values(store)) mkdirSync(each, { recursive: true });
  const added = spawnSync(INSTALLER, ["image", "add", ...storeFlags(store), IMAGE_NAME, DEBIAN_TREE], {
    encoding: "utf8",
  });
  if (added.status !== 0) throw new Error(`publishing ${DEBIAN_TREE}: ${added.stderr}`);
  writeFileSync(stamp, wanted);
  return store;
}

/** Throw-away certificates for an image server and for the machine to be installed. */
export interface Credentials {
  /** Holds CA.pem, server.pem and server.key. */
  readonly serverDirectory: string;
  /** For `scripts/build-initramfs --overlay`: certificates where the installer looks for them. */
  readonly overlay: string;
  /** As `-certDirectory` wants it: of somebody who may do everything with the machine. */
  readonly operatorDirectory: string;
  /** Of somebody whom the authority knows and who may do nothing. */
  readonly guestDirectory: string;
}

export function makeCredentials(directory: string): Credentials {
  const authority = makeTestAuthority("demonstration authority");
  const server = makeTestCertificate({ commonName: "image-server" }, authority);
  const machine = makeTestCertificate(
    { commonName: "installer", methods: ["ImageServer.*", "ObjectServer.*"] },
    authority,
  );
  const operator = makeTestCertificate({ commonName: "operator", methods: ["Installer.*"] }, authority);
  const guest = makeTestCertificate({ commonName: "guest", key: operator.key }, authority);
  const serverDirectory = path.join(directory, "server");
  const operatorDirectory = path.join(directory, "operator");
  const guestDirectory = path.join(directory, "guest");
  const overlay = path.join(directory, "overlay");
  const files = {
    [path.join(serverDirectory, "CA.pem")]: authority.certificate,
    [path.join(serverDirectory, "server.pem")]: server.certificate,
    [path.join(serverDirectory, "server.key")]: server.key,
    [path.join(operatorDirectory, "cert.pem")]: operator.certificate,
    [path.join(operatorDirectory, "key.pem")]: operator.key,
    [path.join(guestDirectory, "cert.pem")]: guest.certificate,
    [path.join(guestDirectory, "key.pem")]: guest.key,
    [path.join(overlay, "etc/ssl/CA.pem")]: authority.certificate,
    [path.join(overlay, "etc/ssl/installer/cert.pem")]: machine.certificate,
    [path.join(overlay, "etc/ssl/installer/key.pem")]: machine.key,
  };
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, content, { mode: file.endsWith("key") || file.endsWith("key.pem") ? 0o600 : 0o644 });
  }
  return { serverDirectory, overlay, operatorDirectory, guestDirectory };
}

export interface NetbootOptions {
  /** Laid over the initramfs: certificates, hooks (overlay.ts). */
  readonly overlay: string;
  /** Debian package of the kernel; default the one for virtual machines. */
  readonly kernel?: string;
}

/** Makes the kernel and initramfs below `directory`; the result is for `Lab.create`. */
export function buildNetboot(directory: string, { overlay, kernel }: NetbootOptions): string {
  const output = path.join(directory, "netboot");
  const built = spawnSync(
    path.join(ROOT, "scripts/build-initramfs"),
    ["--overlay", overlay, "--output", output, ...(kernel === undefined ? [] : ["--kernel", kernel])],
    { encoding: "utf8" },
  );
  if (built.status !== 0) throw new Error(`building the initramfs: ${built.stderr}`);
  return output;
}

export interface ConfigurationOptions {
  /** Default false. */
  readonly encrypt?: boolean;
  /** What storage-layout.json has instead of the usual. */
  readonly layout?: object;
  /** Default `IMAGE_NAME`. */
  readonly imageName?: string;
}

/** The files that tell the machine of the lab what to become (spec/configuration.md section 1). */
export function configurationFiles(options: ConfigurationOptions): Readonly<Record<string, string>> {
  const { server, client, netmask, clientMac, clientHostname } = LAB_NETWORK;
  const config = {
    Machine: {
      Hostname: clientHostname,
      HostIpAddress: client,
      HostMacAddress: clientMac,
      SubnetId: "lab",
      IPMI: {},
    },
    Subnets: [
      {
        Id: "lab",
        IpGateway: server,
        IpMask: netmask,
        DomainName: "lab.example",
        DomainNameServers: [server],
      },
    ],
  };
  const layout = {
    BootDriveLayout: [
      { MountPoint: "/", MinimumFreeBytes: GIB },
      { MountPoint: "/home", MinimumFreeBytes: GIB / 2 },
      { MountPoint: "/var/log", MinimumFreeBytes: GIB / 4 },
    ],
    ExtraMountPointsBasename: "/data/",
    Encrypt: options.encrypt ?? false,
    ...options.layout,
  };
  return {
    "config.json": JSON.stringify(config, undefined, 4),
    "storage-layout.json": JSON.stringify(layout, undefined, 4),
    imagename: `${options.imageName ?? IMAGE_NAME}\n`,
    imageserver: `${server}:${IMAGE_SERVER_PORT}\n`,
  };
}

/** Serves `store` inside the lab; resolves when it accepts connections. */
export async function startImageServer(lab: Lab, store: ImageStore, credentials: Credentials): Promise<void> {
  const file = (name: string) => path.join(credentials.serverDirectory, name);
  const child = lab.spawn(
    INSTALLER,
    [
      ["-certFile", file("server.pem"), "-keyFile", file("server.key"), "-CAfile", file("CA.pem")],
      ["image-server", ...storeFlags(store), "-portNum", String(IMAGE_SERVER_PORT)],
    ].flat(),
    "image-server.log",
  );
  await new Promise<void>((resolve, reject) => {
    child.stderr?.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`the image server ended with exit code ${String(code)}`)));
  });
}

const INSTALL_TIMEOUT_MS = 1_200_000;
const BOOT_TIMEOUT_MS = 600_000;

/** Waits until the machine has installed itself and is about to restart; rejects with the installer's error. */
export async function waitForInstallation(machine: Machine): Promise<void> {
  const [line] = await machine.console.waitFor(
    /^.*(before rebooting with \w+ rebooter|error installing: |The installer ended with exit code).*\n/m,
    INSTALL_TIMEOUT_MS,
  );
  if (!line.includes("before rebooting")) throw new Error(`${line}${machine.console.tail()}`);
  // After a failure, too, the installer restarts in the end: only its error line tells the two apart.
  if (line.includes("5m")) throw new Error(`the installation failed:\n${machine.console.tail()}`);
}

/** Waits for the login prompt of the system on the disk; rejects as soon as it is clear that there will be none. */
export async function waitForLogin(machine: Machine): Promise<void> {
  const [text] = await machine.console.waitFor(
    new RegExp(`${LAB_NETWORK.clientHostname} login: $|You are in emergency mode|Kernel panic`, "m"),
    BOOT_TIMEOUT_MS,
  );
  if (!text.endsWith("login: "))
    throw new Error(`the installed system did not start: ${text}\n${machine.console.tail()}`);
}

function storeFlags(store: ImageStore): readonly string[] {
  return ["-imageDir", store.imageDirectory, "-objectDir", store.objectDirectory];
}
