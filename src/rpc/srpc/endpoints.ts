import type { CoderName } from "./coder.ts";

/** Clear-text endpoint: any path that starts so (spec/srpc.md section 2). */
export const CLEAR_PATH = "/_goSRPC_/";
/** Endpoint where TLS starts after the CONNECT exchange: any path that starts so. */
export const SECURE_PATH = "/_go_TLS_SRPC_/";
/** Status line of success, to the letter; nothing may follow it until the client has spoken (section 3.2). */
export const CONNECTED_HEAD = "HTTP/1.0 200 Connected to Go SRPC\n\n";
export const CONNECTED_REASON = "Connected to Go SRPC";

export type Endpoint =
  | { readonly kind: "clear" | "secure"; readonly coder: CoderName }
  | { readonly kind: "hostname" }
  | { readonly kind: "methods" }
  | { readonly kind: "publicMethods" }
  | { readonly kind: "redirect"; readonly location: string };

/** Found by their whole path. */
const EXACT: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ["/_SRPC_/unsecured/JSON", { kind: "clear", coder: "json" }],
  ["/_SRPC_/TLS/JSON", { kind: "secure", coder: "json" }],
  [`${CLEAR_PATH}getHostname`, { kind: "hostname" }],
  [`${CLEAR_PATH}listMethods`, { kind: "methods" }],
  [`${CLEAR_PATH}listPublicMethods`, { kind: "publicMethods" }],
]);

/** What lies at `path`; undefined when it is none of ours (spec/srpc.md section 2). */
export function parseEndpoint(path: string): Endpoint | undefined {
  const exact = EXACT.get(path);
  if (exact !== undefined) return exact;
  if (path.startsWith(CLEAR_PATH)) return { kind: "clear", coder: "gob" };
  if (path.startsWith(SECURE_PATH)) return { kind: "secure", coder: "gob" };
  if (`${path}/` === CLEAR_PATH || `${path}/` === SECURE_PATH)
    return { kind: "redirect", location: `${path}/` };
  return undefined;
}
