import { closeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import { errnoOf } from "../../core/errors.ts";
import type { Interfaces, NetworkInterface, Route, VlanInterface } from "../interfaces.ts";
import { parseDefaultRoutes } from "../route-table.ts";
import { systemError } from "../system-error.ts";
import {
  type NativeCalls,
  SIOCADDRT,
  SIOCDELRT,
  SIOCGIFFLAGS,
  SIOCGIFINDEX,
  SIOCSIFADDR,
  SIOCSIFFLAGS,
  SIOCSIFMTU,
  SIOCSIFNETMASK,
} from "./native/native-calls.ts";
import { checkAcknowledgement, encodeNewVlan, encodeReplaceRoute } from "./native/netlink.ts";
import * as structures from "./native/structures.ts";
import { readCarrier, readInterfaces } from "./read-interfaces.ts";

const IFF_UP = 0x1;
/** An acknowledgement quotes the request, and its text is a line. */
const MAXIMUM_ANSWER_BYTES = 8192;

/** The network interfaces of this machine (of this process's network namespace), by ioctl and sysfs. */
export class NodeInterfaces implements Interfaces {
  readonly #native: () => NativeCalls;

  constructor(native: () => NativeCalls) {
    this.#native = native;
  }

  async list(): Promise<readonly NetworkInterface[]> {
    return readInterfaces();
  }

  async hasCarrier(name: string): Promise<boolean> {
    return readCarrier(name);
  }

  async listAddresses(name: string): Promise<readonly string[]> {
    return (networkInterfaces()[name] ?? [])
      .toSorted((left, right) => left.family.localeCompare(right.family))
      .flatMap(({ cidr }) => (cidr === null ? [] : [cidr]));
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

  async clearAddress(name: string): Promise<void> {
    // The kernel takes this address for none, and only deletes (devinet_ioctl in net/ipv4/devinet.c).
    const request = structures.withInterfaceAddress(
      structures.encodeInterfaceRequest(name, "ioctl"),
      "0.0.0.0",
    );
    this.#withSocket((native, fd) => native.ioctl(fd, SIOCSIFADDR, request));
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

  async addRoute({ destination, prefixLength, gateway, interfaceName }: Route): Promise<void> {
    requireAddress(destination);
    requireAddress(gateway);
    const mask = addressBytes(formatNetmask(prefixLength));
    const request = encodeReplaceRoute({
      destination: addressBytes(destination).map((byte, index) => byte & (mask[index] ?? 0)),
      prefixLength,
      gateway: gateway === "0.0.0.0" ? undefined : addressBytes(gateway),
      interfaceIndex: this.#indexOf(interfaceName),
    });
    this.#ask(request, `${destination}/${prefixLength} via ${gateway} dev ${interfaceName}`);
  }

  async setMtu(name: string, mtu: number): Promise<void> {
    if (!Number.isInteger(mtu) || mtu < 0 || mtu > 0x7fffffff) throw systemError("EINVAL", "ioctl", name);
    const request = structures.withInterfaceMtu(structures.encodeInterfaceRequest(name, "ioctl"), mtu);
    this.#withSocket((native, fd) => native.ioctl(fd, SIOCSIFMTU, request));
  }

  async createVlan({ name, parent, vlanId }: VlanInterface): Promise<void> {
    // Checks the name, which rtnetlink would cut or refuse in words of its own.
    structures.encodeInterfaceRequest(name, "rtnetlink");
    if (!Number.isInteger(vlanId) || vlanId < 1 || vlanId > 4094)
      throw systemError("EINVAL", "rtnetlink", name);
    this.#ask(encodeNewVlan({ name, parentIndex: this.#indexOf(parent), vlanId }), name);
  }

  async setHostname(name: string): Promise<void> {
    this.#native().setHostname(name);
  }

  #indexOf(name: string): number {
    const request = structures.encodeInterfaceRequest(name, "ioctl");
    this.#withSocket((native, fd) => native.ioctl(fd, SIOCGIFINDEX, request));
    return structures.interfaceIndex(request);
  }

  /** One rtnetlink request; the kernel has answered when the call that sends it returns. */
  #ask(request: Buffer, subject: string): void {
    const native = this.#native();
    const fd = native.openRouteSocket();
    try {
      native.sendTo(fd, request, structures.encodeKernelNetlinkAddress());
      const answer = Buffer.alloc(MAXIMUM_ANSWER_BYTES);
      const length = native.receiveNow(fd, answer) ?? 0;
      checkAcknowledgement(answer.subarray(0, length), subject);
    } finally {
      closeSync(fd);
    }
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

function addressBytes(address: string): Uint8Array {
  return Uint8Array.from(address.split("."), Number);
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
