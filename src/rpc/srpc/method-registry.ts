import type { Method } from "./method.ts";

/**
 * Every server of the original has it and lists it. Ours lists it for the sake of those who compare, and answers
 * calls with an error line, upon which callers carry on over TCP (spec/srpc.md section 7.2).
 */
const BUILT_IN_METHOD = ".LocalUpgradeToUnix";

/** The methods of one server, by service and name. */
export class MethodRegistry {
  readonly #services = new Map<string, Map<string, Method>>([["", new Map()]]);
  readonly #methods: readonly Method[];

  /** Throws RangeError for a name that is not `Service.Method` or is there twice: our own mistakes. */
  constructor(methods: readonly Method[]) {
    this.#methods = methods;
    for (const method of methods) this.#add(method);
  }

  /** Whether anybody without a certificate can do anything here. */
  get hasUnauthenticated(): boolean {
    return this.#methods.some((method) => method.isUnauthenticated);
  }

  /** The method that a call line names, or the error text to answer with (spec/srpc.md section 5.2). */
  find(line: string): Method | string {
    const [service = "", name, ...rest] = line.split(".");
    if (name === undefined || rest.length > 0) return `malformed Service.Method: ${line}`;
    const methods = this.#services.get(service);
    if (methods === undefined) return `unknown service: ${service}`;
    return methods.get(name) ?? `${service}: unknown method: ${name}`;
  }

  /** Body of `listMethods` (section 9): one name a line, sorted. */
  formatList(): string {
    return formatNames([BUILT_IN_METHOD, ...this.#methods.map(({ name }) => name)]);
  }

  /** Body of `listPublicMethods`. */
  formatPublicList(): string {
    return formatNames(this.#methods.filter(({ isPublic }) => isPublic).map(({ name }) => name));
  }

  #add(method: Method): void {
    const [service = "", name = "", ...rest] = method.name.split(".");
    const methods = this.#services.get(service) ?? new Map<string, Method>();
    if (service === "" || name === "" || rest.length > 0 || methods.has(name))
      throw new RangeError(`bad or repeated method name ${method.name}`);
    this.#services.set(service, methods.set(name, method));
  }
}

function formatNames(names: readonly string[]): string {
  return names
    .toSorted()
    .map((name) => `${name}\n`)
    .join("");
}
