import {
  type Metadata,
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from "@grpc/grpc-js";
import type { Logger } from "../../core/logger.ts";
import type { AccessPolicy } from "../access-policy.ts";
import { anonymousCaller, type Caller } from "../caller.ts";
import { isView } from "../installer-methods.ts";
import { Admission, type CallLimits, type RequiredGrant, sourceOfCaller } from "./admission.ts";
import type { CallStatus } from "./call-refusal.ts";
import { type Connections, type InjectedConnection } from "./connections.ts";
import { RefusalLog } from "./refusal-log.ts";

/** A call that was let in. */
export interface AdmittedCall {
  readonly caller: Caller;
  /** Drops the connection: what a client that takes nothing would have got cannot be ended in any other way. */
  cut(): void;
}

export interface CallGuardOptions {
  readonly policy: AccessPolicy;
  readonly limits: CallLimits;
  readonly connections: Connections;
  /** By path of method. */
  readonly grants: ReadonlyMap<string, RequiredGrant>;
  /** From the beginning of a call to the end of its request, or to its first message. */
  readonly requestTimeoutMs: number;
  readonly log: Logger;
}

/** Names and values together (the default limit of gRPC is 8 KiB, that of HTTP/2 in Node 64 KiB). */
const MAX_METADATA_BYTES = 16 << 10;

/** Stands before all methods: nothing of a call reaches a handler before it is decided that it may. */
export class CallGuard {
  readonly admission: Admission;
  readonly #refusals: RefusalLog;
  readonly #options: CallGuardOptions;
  /** By what the call began with: the only thing that the guard and the handler of a call have in common. */
  readonly #calls = new WeakMap<Metadata, AdmittedCall>();

  constructor(options: CallGuardOptions) {
    this.#options = options;
    this.#refusals = new RefusalLog(options.log);
    this.admission = new Admission(options.policy, options.limits);
  }

  /** The call whose metadata these are. Throws when it was never let in, which is a bug. */
  admitted(metadata: Metadata): AdmittedCall {
    const call = this.#calls.get(metadata);
    if (call === undefined) throw new Error("a call went past the guard");
    return call;
  }

  readonly interceptor: ServerInterceptor = ({ path, requestStream }, nextCall) => {
    let ticket: Disposable | undefined;
    let timer: NodeJS.Timeout | undefined;
    const enter = (metadata: Metadata, next: (metadata: Metadata) => void): void => {
      const decision = this.#decide(path, metadata, this.#options.connections.find(call.getConnectionInfo()));
      if (!(Symbol.dispose in decision)) {
        call.sendStatus(decision);
        return;
      }
      ticket = decision;
      const late = { code: status.DEADLINE_EXCEEDED, details: "the request took too long to arrive" };
      timer = setTimeout(() => call.sendStatus(late), this.#options.requestTimeoutMs);
      next(metadata);
    };
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata(enter)
      .withOnReceiveMessage((message: unknown, next: (message: unknown) => void) => {
        if (requestStream) clearTimeout(timer);
        next(message);
      })
      .withOnReceiveHalfClose((next) => {
        clearTimeout(timer);
        next();
      })
      // Also after the normal end of a call.
      .withOnCancel(() => {
        clearTimeout(timer);
        ticket?.[Symbol.dispose]();
      })
      .build();
    const responder = new ResponderBuilder().withStart((next) => next(listener)).build();
    const call = new ServerInterceptingCall(nextCall, responder);
    return call;
  };

  #decide(
    path: string,
    metadata: Metadata,
    connection: InjectedConnection | undefined,
  ): CallStatus | Disposable {
    if (sizeOf(metadata) > MAX_METADATA_BYTES)
      return { code: status.RESOURCE_EXHAUSTED, details: "the metadata is too large" };
    const caller = connection?.caller ?? anonymousCaller("?:0", false);
    const grant = this.#options.grants.get(path);
    if (grant === undefined) return { code: status.UNIMPLEMENTED, details: "there is no such method" };
    const decision = this.admission.admit(caller, grant);
    if (Symbol.dispose in decision) {
      this.#calls.set(metadata, { caller, cut: () => void connection?.socket.destroy() });
    } else if (grant !== "none" && !isView(grant)) {
      const message = `${nameOf(caller)}: refused ${grant}: ${decision.details}`;
      this.#refusals.warn(`${sourceOfCaller(caller)} ${grant}`, message, performance.now());
    }
    return decision;
  }
}

/** User and peer of a caller, for the log. */
export function nameOf({ identity, peer }: Caller): string {
  const { userName } = identity;
  if (userName === "") return `somebody at ${peer}`;
  return `${/^[\w.@+-]+$/.test(userName) ? userName : JSON.stringify(userName)} at ${peer}`;
}

function sizeOf(metadata: Metadata): number {
  return Object.entries(metadata.toHttp2Headers()).reduce((size, [name, value]) => {
    const texts = Array.isArray(value) ? value : [String(value)];
    return size + texts.reduce((sum, text) => sum + name.length + text.length, 0);
  }, 0);
}
