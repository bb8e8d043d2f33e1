import { closeSync } from "node:fs";
import { access, readdir, readFile } from "node:fs/promises";
import { isIPv4 } from "node:net";
import { join } from "node:path";
import { errnoOf } from "../../core/errors.ts";
import type { Interfaces, NetworkInterface } from "../interfaces.ts";
import { parseDefaultRoutes } from "../route-table.ts";
import { systemError } from "../system-error.ts";
import {
  type NativeCalls,
  SIOCADDRT,
  SIOCDELRT,
  SIOCGIFFLAGS,
  SIOCSIFADDR,
  SIOCSIFFLAGS,
  SIOCSIFNETMASK,
} from "./native/native-calls.ts";
import * as structures from "./native/structures.ts";

const CLASS_DIRECTORY = "/sys/class/net";
const IFF_UP = 0x1;
const IFF_BROADCAST = 0x2;

/** The network interfaces of this machine (of this process's network namespace), by ioctl and sysfs. */
export class NodeInterfaces implements Interfaces {
  readonly #native: () => NativeCalls;

  constructor(native: () => NativeCalls) {
    this.#native = native;
  }

  async list(): Promise<readonly NetworkInterface[]> {
    const names = (await readdir(CLASS_DIRECTORY)).sort();
    const found = await Promise.all(names.map(async (name) => this.#describe(name)));
    return found.filter((entry) => entry !== undefined);
  }

  async hasCarrier(name: string): Promise<boolean> {
    // Reading the carrier of an interface that is down fails with EINVAL.
    return (await readAttribute(name, "carrier"))?.startsWith("1") ?? false;
  }

  async setUp(name: string, up: boolean): Promise<void> {
    const request = structures.encodeInterfaceRequest(name, "ioctl");
    this.#withSocket((native, fd) => {
      native.ioctl(fd, SIOCGIFFLAGS, request);
      const flags = structures.interfaceFlags(request);
      const wanted = up ? flags | IFF_UP : flags & ~IFF_UP;
      native.ioctl(fd, SIOCSIFFLAGS, structures.withInterfaceFlags(request, wanted));
    });
  }

  async setAddress(name: string, address: string, prefixLength: number): Promise<void> {
    requireAddress(address);
    const request = structures.encodeInterfaceRequest(name, "ioctl");
    const netmask = formatNetmask(prefixLength);
    this.#withSocket((native, fd) => {
      native.ioctl(fd, SIOCSIFADDR, structures.withInterfaceAddress(request, address));
      native.ioctl(fd, SIOCSIFNETMASK, structures.withInterfaceAddress(request, netmask));
    });
  }

  async setDefaultGateway(gateway: string): Promise<void> {
    requireAddress(gateway);
    const earlier = parseDefaultRoutes(await readFile("/proc/net/route", "utf8"));
    this.#withSocket((native, fd) => {
      // The new route first: with a wrong gateway the machine keeps the route that it has.
      addRoute(native, fd, gateway);
      for (const route of earlier) {
        if (route.gateway === gateway) continue;
        native.ioctl(fd, SIOCDELRT, structures.encodeDefaultRoute(route.gateway, route.metric));
      }
    });
  }

  async setHostname(name: string): Promise<void> {
    this.#native().setHostname(name);
  }

  /** Undefined when the interface vanished meanwhile, or the entry is none (`bonding_masters`). */
  async #describe(name: string): Promise<NetworkInterface | undefined> {
    const flagText = await readAttribute(name, "flags");
    if (flagText === undefined) return undefined;
    const flags = Number.parseInt(flagText, 16);
    const [hasDevice, isBond, isBridge] = await Promise.all(
      ["device", "bonding", "bridge"].map(async (attribute) => hasAttribute(name, attribute)),
    );
    return {
      name,
      macAddress: (await readAttribute(name, "address")) ?? "",
      isUp: (flags & IFF_UP) !== 0,
      isBroadcast: (flags & IFF_BROADCAST) !== 0,
      isPhysical: hasDevice === true && isBond === false && isBridge === false,
      hasCarrier: await this.hasCarrier(name),
      mtu: Number.parseInt((await readAttribute(name, "mtu")) ?? "0", 10),
    };
  }

  #withSocket(operation: (native: NativeCalls, fd: number) => void): void {
    const native = this.#native();
    const fd = native.openUdpSocket();
    try {
      operation(native, fd);
    } finally {
      closeSync(fd);
    }
  }
}

function addRoute(native: NativeCalls, fd: number, gateway: string): void {
  try {
    native.ioctl(fd, SIOCADDRT, structures.encodeDefaultRoute(gateway, 0));
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
}

/** EINVAL for what is no dotted quad: the kernel would be given another address than was meant. */
function requireAddress(address: string): void {
  if (!isIPv4(address)) throw systemError("EINVAL", "ioctl", address);
}

/** 24 → `255.255.255.0`. */
function formatNetmask(prefixLength: number): string {
  if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > 32) {
    throw systemError("EINVAL", "ioctl", String(prefixLength));
  }
  const bits = (0xffffffff << (32 - prefixLength)) >>> 0;
  const mask = prefixLength === 0 ? 0 : bits;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 0xff).join(".");
}

async function readAttribute(interfaceName: string, attribute: string): Promise<string | undefined> {
  try {
    return (await readFile(join(CLASS_DIRECTORY, interfaceName, attribute), "utf8")).trim();
  } catch {
    return undefined;
  }
}

async function hasAttribute(interfaceName: string, attribute: string): Promise<boolean> {
  try {
    await access(join(CLASS_DIRECTORY, interfaceName, attribute));
    return true;
  } catch {
    return false;
  }
}
