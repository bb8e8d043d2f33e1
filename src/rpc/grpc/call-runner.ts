import type { Readable } from "node:stream";
import {
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Metadata,
  status,
} from "@grpc/grpc-js";
import { messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Caller } from "../caller.ts";
import { type CallGuard, nameOf } from "./call-guard.ts";
import { CallRefusal, type CallStatus, statusOf } from "./call-refusal.ts";

/** What a handler knows of its call. */
export interface CallContext {
  readonly caller: Caller;
  /** User and peer, for the log. */
  readonly who: string;
  /** Aborted when the client cancels, its deadline passes, its connection ends, or the server closes. */
  readonly signal: AbortSignal;
}

/** Both directions of a call. */
export interface Conversation<Request, Reply> {
  /** What the client sends, at our pace; ends when it closes its side. */
  readonly requests: AsyncIterable<Request>;
  /** Resolves when there is room for more; rejects when the call is over. */
  send(reply: Reply): Promise<void>;
}

interface CallRunnerOptions {
  readonly guard: Pick<CallGuard, "admitted">;
  /** Longest time for which a client may take nothing of what waits for it. */
  readonly stallTimeoutMs: number;
  readonly log: Logger;
}

/** What the calls of all kinds have in common. */
interface AnyCall {
  readonly metadata: Metadata;
  readonly cancelled: boolean;
  getPath(): string;
  once(event: "cancelled", listener: () => void): unknown;
}

/** The way back of a call. */
interface Outgoing<Reply> {
  readonly metadata: Metadata;
  write(reply: Reply): boolean;
  once(event: "drain", listener: () => void): unknown;
  off(event: "drain", listener: () => void): unknown;
}

const CLOSING = { code: status.UNAVAILABLE, details: "the installer is ending" } as const;

/** Runs handlers: their failures become statuses, their lives end with their calls. */
export class CallRunner {
  readonly #options: CallRunnerOptions;
  readonly #running = new Set<AbortController>();
  #isClosed = false;

  constructor(options: CallRunnerOptions) {
    this.#options = options;
  }

  /** How many handlers have not come to their end. */
  get running(): number {
    return this.#running.size;
  }

  /** Ends all calls with UNAVAILABLE, and those to come. */
  close(): void {
    this.#isClosed = true;
    for (const controller of this.#running) controller.abort(new CallRefusal(CLOSING.code, CLOSING.details));
  }

  unary<Request, Reply>(
    run: (request: Request, context: CallContext) => Reply | Promise<Reply>,
  ): handleUnaryCall<Request, Reply> {
    return (call, callback) => {
      void this.#run(
        call,
        async (context) => callback(null, await run(call.request, context)),
        (failure) => callback(failure),
      );
    };
  }

  serverStream<Request, Reply>(
    run: (request: Request, context: CallContext) => AsyncIterable<Reply>,
  ): handleServerStreamingCall<Request, Reply> {
    return (call) => {
      void this.#run(
        call,
        async (context) => {
          for await (const reply of run(call.request, context)) await this.#send(call, reply, context.signal);
          context.signal.throwIfAborted();
          call.end();
        },
        (failure) => call.emit("error", failure),
      );
    };
  }

  conversation<Request, Reply>(
    run: (conversation: Conversation<Request, Reply>, context: CallContext) => Promise<void>,
  ): handleBidiStreamingCall<Request, Reply> {
    return (call) => {
      void this.#run(
        call,
        async (context) => {
          const requests = readRequests<Request>(call);
          await run({ requests, send: (reply) => this.#send(call, reply, context.signal) }, context);
          context.signal.throwIfAborted();
          call.end();
        },
        (failure) => call.emit("error", failure),
      );
    };
  }

  async #run(
    call: AnyCall,
    run: (context: CallContext) => Promise<void>,
    fail: (failure: CallStatus) => void,
  ): Promise<void> {
    const controller = new AbortController();
    this.#running.add(controller);
    try {
      const { caller } = this.#options.guard.admitted(call.metadata);
      // Comes after the normal end of a call as well, when nobody listens any more.
      call.once("cancelled", () => controller.abort(new CallRefusal(status.CANCELLED, "cancelled")));
      if (call.cancelled) controller.abort();
      if (this.#isClosed) throw new CallRefusal(CLOSING.code, CLOSING.details);
      await run({ caller, who: nameOf(caller), signal: controller.signal });
    } catch (error) {
      const reason: unknown = controller.signal.aborted ? controller.signal.reason : error;
      const failure = statusOf(reason);
      if (failure.code === status.INTERNAL)
        this.#options.log.error(`the call ${call.getPath()} failed`, { reason: messageChain(error) });
      fail(failure);
    } finally {
      this.#running.delete(controller);
      controller.abort();
    }
  }

  async #send<Reply>(call: Outgoing<Reply>, reply: Reply, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (call.write(reply)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const admitted = this.#options.guard.admitted(call.metadata);
    const timer = setTimeout(() => {
      this.#options.log.debug(1, "a client takes nothing of what was sent to it: cut off");
      admitted.cut();
    }, this.#options.stallTimeoutMs);
    const wake = (): void => resolve();
    call.once("drain", wake);
    signal.addEventListener("abort", wake);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      call.off("drain", wake);
      signal.removeEventListener("abort", wake);
    }
    signal.throwIfAborted();
  }
}

async function* readRequests<Request>(call: Readable): AsyncGenerator<Request, void> {
  // An iterator that destroys the stream at its end would take away the way back.
  const iterator = call.iterator({ destroyOnReturn: false });
  for (;;) {
    const next: IteratorResult<unknown, unknown> = await iterator.next();
    if (next.done === true) return;
    yield next.value as Request;
  }
}
