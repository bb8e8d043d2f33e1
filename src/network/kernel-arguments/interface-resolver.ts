import type { NetworkInterface, VlanInterface } from "../../system/interfaces.ts";
import type { NetworkRoute } from "../routes.ts";
import { argumentError, type KernelArgument, macOfReference } from "./fields.ts";
import type { DhcpArgument, StaticArgument } from "./ip-argument.ts";
import type { NetworkArguments, RouteArgument, VlanArgument } from "./network-arguments.ts";

/** Finds the interfaces that arguments mean, and sees to it that each has one `ip=`. All throw E_KERNEL_ARGUMENT. */
export class InterfaceResolver {
  readonly #given: NetworkArguments;
  readonly #interfaces: readonly NetworkInterface[];
  readonly #vlans = new Map<string, VlanInterface>();
  readonly #claimed = new Set<string>();

  /** `interfaces`: the Ethernet interfaces of the machine. */
  constructor(given: NetworkArguments, interfaces: readonly NetworkInterface[]) {
    this.#given = given;
    this.#interfaces = interfaces;
  }

  /** To be called for all VLANs before anything else: their names are interfaces as well. */
  planVlan({ argument, name, parentReference, vlanId }: VlanArgument): VlanInterface {
    const parent = this.#findPhysical(argument, parentReference).name;
    if (this.#vlans.has(name) || this.#interfaces.some((present) => present.name === name))
      throw argumentError(argument, `there is an interface ${name} already`);
    const vlan = { name, parent, vlanId };
    this.#vlans.set(name, vlan);
    return vlan;
  }

  planRoute({
    argument,
    destination,
    prefixLength,
    gateway,
    interfaceReference,
  }: RouteArgument): NetworkRoute & {
    readonly interfaceName?: string;
  } {
    const route = { destination, prefixLength, gateway };
    if (interfaceReference === undefined) return route;
    return { ...route, interfaceName: this.#resolve(argument, interfaceReference) };
  }

  resolveBootInterface({ argument, reference }: NonNullable<NetworkArguments["bootInterface"]>): string {
    return this.#resolve(argument, reference);
  }

  /** The interface that `ip=` names; undefined when it names none. */
  claim({ argument, interfaceReference, macAddress }: DhcpArgument | StaticArgument): string | undefined {
    if (interfaceReference === undefined && macAddress === undefined) return undefined;
    const name =
      interfaceReference === undefined
        ? this.#findByMac(argument, macAddress ?? "").name
        : this.#resolve(argument, interfaceReference);
    const own = this.#macOf(name);
    if (macAddress !== undefined && macAddress !== own)
      throw argumentError(argument, `${name} has the MAC address ${own}; giving it another is not supported`);
    return this.#claimName(argument, name);
  }

  /** The same; when none is named, the one that can be meant: the only one, or the one that the machine booted from. */
  claimOne(entry: StaticArgument): string {
    const named = this.claim(entry);
    if (named !== undefined) return named;
    const names = this.#vlans.size > 0 ? [...this.#vlans.keys()] : this.#interfaces.map(({ name }) => name);
    const [only, ...others] = names;
    if (only !== undefined && others.length === 0) return this.#claimName(entry.argument, only);
    const booted = this.#interfaces.find(({ macAddress }) => macAddress === this.#given.bootMac);
    if (booted !== undefined && names.includes(booted.name))
      return this.#claimName(entry.argument, booted.name);
    throw argumentError(entry.argument, "the sixth field must name the interface", this.#present());
  }

  #claimName(argument: KernelArgument, name: string): string {
    if (this.#claimed.has(name)) throw argumentError(argument, `there are two arguments ip= for ${name}`);
    this.#claimed.add(name);
    return name;
  }

  #resolve(argument: KernelArgument, reference: string): string {
    return this.#vlans.has(reference) ? reference : this.#findPhysical(argument, reference).name;
  }

  #findPhysical(argument: KernelArgument, reference: string): NetworkInterface {
    const mac = macOfReference(reference) ?? this.#given.macOfName.get(reference);
    if (mac !== undefined) return this.#findByMac(argument, mac);
    const found = this.#interfaces.find(({ name }) => name === reference);
    if (found === undefined)
      throw argumentError(argument, `this machine has no interface ${reference}`, this.#present());
    return found;
  }

  #findByMac(argument: KernelArgument, mac: string): NetworkInterface {
    const found = this.#interfaces.find(({ macAddress }) => macAddress === mac);
    if (found === undefined)
      throw argumentError(
        argument,
        `no interface of this machine has the MAC address ${mac}`,
        this.#present(),
      );
    return found;
  }

  /** A VLAN interface has the address of the one below it. */
  #macOf(name: string): string {
    const physical = this.#vlans.get(name)?.parent ?? name;
    return this.#interfaces.find((present) => present.name === physical)?.macAddress ?? "";
  }

  #present(): string {
    const present = this.#interfaces.map(({ name, macAddress }) => `${name} ${macAddress}`).join(", ");
    return `this machine has ${present === "" ? "no Ethernet interface" : present}; \`ifname=NAME:MAC\` gives an interface another name`;
  }
}
