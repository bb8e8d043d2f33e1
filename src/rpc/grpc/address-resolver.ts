import { isIPv6 } from "node:net";
import { experimental } from "@grpc/grpc-js";

const SCHEME = "installer-address";

/**
 * How the gRPC library is told of an address that is known already. Its own scheme for addresses cannot take those with
 * a zone (`fe80::1%eth0`), which a machine without any other address has, because it makes a URL of them.
 */
export function targetOf(address: string, port: number): string {
  experimental.registerResolver(SCHEME, AddressResolver);
  return `${SCHEME}:${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

class AddressResolver implements experimental.Resolver {
  readonly #path: string;
  readonly #listener: experimental.ResolverListener;
  #hasAnswered = false;

  constructor({ path }: experimental.GrpcUri, listener: experimental.ResolverListener) {
    this.#path = path;
    this.#listener = listener;
  }

  /** What calls name as their host; nobody looks at it. */
  static getDefaultAuthority(): string {
    return "installer";
  }

  /** Answers once: the library asks again whenever connecting fails, and would do so without end. */
  updateResolution(): void {
    if (this.#hasAnswered) return;
    this.#hasAnswered = true;
    const { host, port = 0 } = experimental.splitHostPort(this.#path) ?? { host: "" };
    const endpoints = experimental.statusOrFromValue([{ addresses: [{ host, port }] }]);
    // Not at once: the library is not ready for an answer before its call has returned.
    process.nextTick(() => this.#listener(endpoints, {}, null, ""));
  }

  destroy(): void {
    this.#hasAnswered = false;
  }
}
