import { InstallerError, messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { Channel } from "../channel.ts";
import { acceptTls } from "../tls/accept-tls.ts";
import type { ServerCredentials } from "../tls/credentials.ts";
import { readPeerIdentity } from "../tls/peer-identity.ts";
import { ANONYMOUS, type Identity } from "./access.ts";
import { CONNECTED_HEAD, type Endpoint, parseEndpoint } from "./endpoints.ts";
import { type HttpAnswer, redirectAnswer, refusal, renderAnswer, textAnswer } from "./http-answer.ts";
import type { Method } from "./method.ts";
import { MethodRegistry } from "./method-registry.ts";
import { parseConnectOptions, type RequestHead } from "./request-head.ts";
import { serveSession } from "./session.ts";

export interface SrpcServerOptions {
  readonly methods: readonly Method[];
  /** Present: only clients with a certificate get in, except for unauthenticated methods. Absent: everybody may do everything. */
  readonly credentials?: ServerCredentials;
  /** Flags srpcTrustedUsers and srpcTrustedGroups. */
  readonly trustedUsers?: readonly string[];
  readonly trustedGroups?: readonly string[];
  /** Answer of the `getHostname` endpoint. */
  readonly hostname: string;
  /** Default 60 s. */
  readonly handshakeTimeoutMs?: number;
  /** Between calls; TCP keep-alive notices dead peers much earlier. Default 1 h; 0: for ever. */
  readonly idleTimeoutMs?: number;
  /** A caller that neither sends what the call needs nor takes what it gets. Default 5 min; 0: for ever. */
  readonly callTimeoutMs?: number;
  readonly log: Logger;
}

const DEFAULT_HANDSHAKE_TIMEOUT_MS = 60_000;
const DEFAULT_IDLE_TIMEOUT_MS = 3_600_000;
const DEFAULT_CALL_TIMEOUT_MS = 300_000;
/** Spec/srpc.md section 6. */
const KEEP_ALIVE_MS = 300_000;

/** Offers methods over SRPC on connections that the shared port hands over (src/rpc/port). */
export class SrpcServer {
  readonly #options: SrpcServerOptions;
  readonly #registry: MethodRegistry;

  constructor(options: SrpcServerOptions) {
    this.#options = options;
    this.#registry = new MethodRegistry(options.methods);
  }

  /**
   * The answer to a plain HTTP request for one of our paths (spec/srpc.md sections 3.3 and 9); undefined for paths
   * that are not ours.
   */
  answerHttp(path: string): HttpAnswer | undefined {
    const endpoint = parseEndpoint(path);
    return endpoint === undefined ? undefined : this.#answerEndpoint(endpoint);
  }

  /**
   * Serves a connection whose request head was a CONNECT; resolves when it is over. Never rejects: the peer's
   * mistakes and broken connections are logged.
   */
  async serveConnection(channel: Channel, head: RequestHead): Promise<void> {
    const ended = new AbortController();
    channel.socket.once("close", () => ended.abort());
    try {
      const last = await this.#serve(channel, head, ended.signal);
      last.end();
    } catch (error) {
      channel.destroy();
      this.#options.log.warn("RPC connection ended early", {
        peer: channel.peer,
        reason: messageChain(error),
      });
    } finally {
      ended.abort();
    }
  }

  /** Resolves to the channel to be closed: the TLS one where there is one. */
  async #serve(channel: Channel, head: RequestHead, signal: AbortSignal): Promise<Channel> {
    const endpoint = parseEndpoint(head.path);
    const connect = parseConnectOptions(head.query);
    const refused = this.#refuse(endpoint, connect !== undefined);
    if (refused !== undefined || endpoint === undefined || connect === undefined) {
      await channel.write(renderAnswer(refused ?? refusal(400), new Date()));
      return channel;
    }
    channel.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    await channel.write(CONNECTED_HEAD);
    const caller =
      endpoint.kind === "secure" ? await this.#startTls(channel) : { channel, identity: ANONYMOUS };
    await serveSession(caller.channel, {
      registry: this.#registry,
      identity: caller.identity,
      isInsecureServer: this.#options.credentials === undefined,
      withoutPowers: connect.withoutPowers,
      trustedUsers: this.#options.trustedUsers ?? [],
      trustedGroups: this.#options.trustedGroups ?? [],
      idleTimeoutMs: this.#options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS,
      callTimeoutMs: this.#callTimeoutMs,
      signal,
      log: this.#options.log,
    });
    return caller.channel;
  }

  /** The answer that ends a CONNECT request, in the order of spec/srpc.md section 3.3; undefined: go ahead. */
  #refuse(endpoint: Endpoint | undefined, isQueryValid: boolean): HttpAnswer | undefined {
    if (endpoint === undefined) return textAnswer(404, "404 page not found\n");
    const requiresTls = this.#options.credentials !== undefined;
    if (endpoint.kind === "secure" && !requiresTls) return refusal(404);
    if (endpoint.kind === "clear" && requiresTls && !this.#registry.hasUnauthenticated) return refusal(405);
    if (endpoint.kind !== "clear" && endpoint.kind !== "secure") return this.#answerEndpoint(endpoint);
    return isQueryValid ? undefined : refusal(400);
  }

  /** For requests that are not CONNECT. */
  #answerEndpoint(endpoint: Endpoint): HttpAnswer {
    switch (endpoint.kind) {
      case "hostname":
        return textAnswer(200, `${this.#options.hostname}\n`);
      case "methods":
        return textAnswer(200, this.#registry.formatList());
      case "publicMethods":
        return textAnswer(200, this.#registry.formatPublicList());
      case "redirect":
        return redirectAnswer(endpoint.location);
      case "secure":
        return refusal(this.#options.credentials === undefined ? 404 : 400);
      case "clear":
        return refusal(400);
    }
  }

  async #startTls(plain: Channel): Promise<{ readonly channel: Channel; readonly identity: Identity }> {
    const { credentials } = this.#options;
    if (credentials === undefined) throw new InstallerError("E_BUG", "starting TLS without credentials");
    const timeoutMs = this.#options.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_TIMEOUT_MS;
    const secure = await acceptTls(await plain.release(), credentials, timeoutMs);
    const channel = new Channel(secure, {
      peer: plain.peer,
      readTimeoutMs: this.#callTimeoutMs,
      writeTimeoutMs: this.#callTimeoutMs,
    });
    try {
      return { channel, identity: readPeerIdentity(secure, credentials.anchors, Date.now()) };
    } catch (error) {
      channel.destroy();
      throw error;
    }
  }

  get #callTimeoutMs(): number {
    return this.#options.callTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS;
  }
}
