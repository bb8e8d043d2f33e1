import { InstallerError, messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { anonymousCaller, type Caller } from "../caller.ts";
import { Channel } from "../channel.ts";
import { acceptTls } from "../tls/accept-tls.ts";
import { canJudge, type JudgingCredentials, type TlsSource } from "../tls/credentials.ts";
import { readPeerIdentity } from "../tls/peer-identity.ts";
import { ANONYMOUS, type Identity, isProven } from "./access.ts";
import { CONNECTED_HEAD, type Endpoint, parseEndpoint } from "./endpoints.ts";
import { type HttpAnswer, redirectAnswer, refusal, renderAnswer, textAnswer } from "./http-answer.ts";
import type { Method } from "./method.ts";
import { MethodRegistry } from "./method-registry.ts";
import { NO_RECORDER, type SrpcRecorder } from "./recorder.ts";
import { parseConnectOptions, type RequestHead } from "./request-head.ts";
import { serveSession } from "./session.ts";

export interface SrpcServerOptions {
  readonly methods: readonly Method[];
  /**
   * Asked once for each connection. While they can judge clients, only those with a certificate get in, except for
   * unauthenticated methods; while they cannot, nobody may call anything else. Default: none.
   */
  readonly credentials?: TlsSource;
  /** Everybody may do everything, in clear too, as with the original when it has no certificates. */
  readonly isInsecure: boolean;
  /** Flags srpcTrustedUsers and srpcTrustedGroups. */
  readonly trustedUsers?: readonly string[];
  readonly trustedGroups?: readonly string[];
  /** Answer of the `getHostname` endpoint. */
  readonly hostname: string;
  /** Default 15 s, which is as long as clients wait (spec/srpc.md section 6). */
  readonly handshakeTimeoutMs?: number;
  /** Between calls; TCP keep-alive notices dead peers much earlier. Default 1 h; 0: for ever. */
  readonly idleTimeoutMs?: number;
  /** A caller that neither sends what the call needs nor takes what it gets. Default 5 min; 0: for ever. */
  readonly callTimeoutMs?: number;
  readonly recorder?: SrpcRecorder;
  readonly log: Logger;
}

const DEFAULT_HANDSHAKE_TIMEOUT_MS = 15_000;
const DEFAULT_IDLE_TIMEOUT_MS = 3_600_000;
const DEFAULT_CALL_TIMEOUT_MS = 300_000;
/** For strangers who may not call anything: time to read the refusal. */
const STRANGER_IDLE_TIMEOUT_MS = 60_000;
/** Spec/srpc.md section 6. */
const KEEP_ALIVE_MS = 300_000;

/** What holds for a connection for as long as it lasts, whatever becomes of the credentials. */
interface Terms {
  /** Whether there is a certificate of ours for TLS to start with. */
  readonly offersTls: boolean;
  /** Present: clients can prove who they are. */
  readonly judging: JudgingCredentials | undefined;
}

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
    return endpoint === undefined ? undefined : this.#answerEndpoint(endpoint, this.#terms());
  }

  /**
   * Serves a connection whose request head was a CONNECT; resolves when it is over. Never rejects: the peer's
   * mistakes and broken connections are logged. `caller` is who is known to be there already: somebody when the
   * CONNECT came through TLS (spec/srpc.md section 4.2).
   */
  async serveConnection(
    channel: Channel,
    head: RequestHead,
    caller: Caller = anonymousCaller(channel.peer, false),
  ): Promise<void> {
    const ended = new AbortController();
    channel.socket.once("close", () => ended.abort());
    try {
      const last = await this.#serve(channel, head, caller, ended.signal);
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
  async #serve(channel: Channel, head: RequestHead, caller: Caller, signal: AbortSignal): Promise<Channel> {
    const terms = this.#terms();
    const endpoint = parseEndpoint(head.path);
    const connect = parseConnectOptions(head.query);
    const refused = this.#refuse(endpoint, caller, terms, connect !== undefined);
    if (refused !== undefined || endpoint === undefined || connect === undefined) {
      this.#recorder.rejectedConnection();
      await channel.write(renderAnswer(refused ?? refusal(400), new Date()));
      return channel;
    }
    using _record = this.#recorder.connection();
    channel.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    await channel.write(CONNECTED_HEAD);
    const isTlsToCome = endpoint.kind === "secure" && !caller.isSecure;
    const { channel: last, identity } = isTlsToCome
      ? await this.#startTls(channel, terms)
      : { channel, identity: endpoint.kind === "secure" ? caller.identity : ANONYMOUS };
    await serveSession(last, {
      registry: this.#registry,
      coder: "coder" in endpoint ? endpoint.coder : "gob",
      identity,
      isInsecureServer: this.#options.isInsecure,
      withoutPowers: connect.withoutPowers,
      trustedUsers: this.#options.trustedUsers ?? [],
      trustedGroups: this.#options.trustedGroups ?? [],
      idleTimeoutMs: this.#idleTimeoutMs(identity),
      callTimeoutMs: this.#callTimeoutMs,
      signal,
      recorder: this.#recorder,
      log: this.#options.log,
    });
    return last;
  }

  get #recorder(): SrpcRecorder {
    return this.#options.recorder ?? NO_RECORDER;
  }

  #terms(): Terms {
    const credentials = this.#options.credentials?.();
    const judging = canJudge(credentials) ? credentials : undefined;
    // Without authorities an insecure server is what the original is without certificates: one that has no TLS.
    const offersTls = credentials !== undefined && (judging !== undefined || !this.#options.isInsecure);
    return { offersTls, judging };
  }

  /** The answer that ends a CONNECT request, in the order of spec/srpc.md section 3.3; undefined: go ahead. */
  #refuse(
    endpoint: Endpoint | undefined,
    caller: Caller,
    terms: Terms,
    isQueryValid: boolean,
  ): HttpAnswer | undefined {
    if (endpoint === undefined) return textAnswer(404, "404 page not found\n");
    if (endpoint.kind !== "clear" && endpoint.kind !== "secure") return this.#answerEndpoint(endpoint, terms);
    if (endpoint.kind === "secure" && !terms.offersTls) return refusal(404);
    if (endpoint.kind === "clear" && this.#requiresTls(terms)) return refusal(405);
    // Nobody can pass a handshake that no authority judges, so it need not begin.
    if (endpoint.kind === "secure" && (terms.judging === undefined || !isAcceptable(caller)))
      return refusal(401);
    return isQueryValid ? undefined : refusal(400);
  }

  /** Without credentials to judge by, strangers get in, but all that they may do is to be told so. */
  #requiresTls({ judging }: Terms): boolean {
    return judging !== undefined && !this.#options.isInsecure && !this.#registry.hasUnauthenticated;
  }

  /** For requests that are not CONNECT. */
  #answerEndpoint(endpoint: Endpoint, terms: Terms): HttpAnswer {
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
        return refusal(terms.offersTls ? 400 : 404);
      case "clear":
        return refusal(400);
    }
  }

  async #startTls(
    plain: Channel,
    { judging }: Terms,
  ): Promise<{ readonly channel: Channel; readonly identity: Identity }> {
    if (judging === undefined) throw new InstallerError("E_BUG", "starting TLS without authorities");
    const timeoutMs = this.#options.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_TIMEOUT_MS;
    const secure = await acceptTls(await plain.release(), judging, timeoutMs);
    const channel = new Channel(secure, {
      peer: plain.peer,
      readTimeoutMs: this.#callTimeoutMs,
      writeTimeoutMs: this.#callTimeoutMs,
    });
    try {
      return { channel, identity: readPeerIdentity(secure, judging.anchors, Date.now()) };
    } catch (error) {
      channel.destroy();
      throw error;
    }
  }

  #idleTimeoutMs(identity: Identity): number {
    const idleTimeoutMs = this.#options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS;
    const isWelcome = isProven(identity) || this.#options.isInsecure || this.#registry.hasUnauthenticated;
    if (isWelcome || (idleTimeoutMs > 0 && idleTimeoutMs < STRANGER_IDLE_TIMEOUT_MS)) return idleTimeoutMs;
    return STRANGER_IDLE_TIMEOUT_MS;
  }

  get #callTimeoutMs(): number {
    return this.#options.callTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS;
  }
}

/** Whoever came through TLS must have proven an identity; whoever did not has yet to. */
function isAcceptable(caller: Caller): boolean {
  return !caller.isSecure || isProven(caller.identity);
}
