import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "../../core/logger.ts";
import type { Caller } from "../caller.ts";
import type { SrpcServer } from "../srpc/server.ts";
import type { TlsSource } from "../tls/credentials.ts";
import type { AdmissionLimits } from "./admission.ts";
import type { Callers } from "./callers.ts";

/** What strangers may cost. */
export interface PortLimits extends AdmissionLimits {
  /** From connecting to the end of the request head, or to the end of the TLS handshake and from there once more. */
  readonly headTimeoutMs: number;
  /** Of an HTTP connection between two requests. */
  readonly idleTimeoutMs: number;
  /** Longest silence while an HTTP request is being answered: streams have to say something more often. */
  readonly silenceTimeoutMs: number;
}

export const DEFAULT_PORT_LIMITS: PortLimits = {
  maxConnections: 512,
  maxConnectionsPerAddress: 64,
  newConnectionsPerSecond: 50,
  newConnectionsBurst: 200,
  headTimeoutMs: 5_000,
  idleTimeoutMs: 60_000,
  silenceTimeoutMs: 60_000,
};

export interface PortOptions extends Partial<PortLimits> {
  /** 0: any free port. */
  readonly port: number;
  /** Default: all addresses. */
  readonly host?: string;
  readonly srpc: SrpcServer;
  /** HTTP requests, clear and over TLS, for paths that SRPC does not claim; `callers` knows whose. Default: 404. */
  readonly http?: RequestListener;
  /** HTTP/2 connections, over TLS or in clear. Default: not offered. */
  readonly grpc?: (socket: Socket, caller: Caller) => void;
  /** For connections that start with TLS. Default: they are closed. */
  readonly tls?: TlsSource;
  /** Told who is at the other end of each HTTP and HTTP/2 connection. */
  readonly callers?: Callers;
  readonly log: Logger;
}
