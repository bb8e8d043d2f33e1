import { Worker } from "node:worker_threads";
import { InstallerError } from "../../core/errors.ts";
import type { HashingFailure, HashingReply, HashingRequest } from "./hashing-messages.ts";
import { hashingWorkerMain } from "./hashing-worker.ts";

/** A request without its number. */
type Question = HashingRequest extends infer Request
  ? Request extends unknown
    ? Omit<Request, "id">
    : never
  : never;

interface PendingReply {
  resolve(reply: HashingReply): void;
  reject(error: Error): void;
}

/** One worker thread and the requests that it has not answered. It keeps the process alive only while it is busy. */
export class HashingThread {
  readonly #worker: Worker;
  readonly #pending = new Map<number, PendingReply>();
  #lastId = 0;
  #failure: Error | undefined;

  constructor() {
    this.#worker = new Worker(`(${hashingWorkerMain.toString()})();`, { eval: true, execArgv: [] });
    this.#worker.unref();
    this.#worker.on("message", (reply: HashingReply) => this.#settle(reply));
    this.#worker.on("error", (error: unknown) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(undefined));
  }

  /** How many requests are unanswered. */
  get load(): number {
    return this.#pending.size;
  }

  /** The answer, or the worker's error as a system error. Buffers in `transfer` are no longer ours. */
  async ask(question: Question, transfer: readonly ArrayBuffer[] = []): Promise<HashingReply> {
    if (this.#failure !== undefined) throw this.#failure;
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.#pending.size === 0) this.#worker.ref();
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ ...question, id }, transfer);
    });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(reply: HashingReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (this.#pending.size === 0) this.#worker.unref();
    if (reply.error === undefined) pending?.resolve(reply);
    else pending?.reject(inflate(reply.error));
  }

  #fail(cause: unknown): void {
    this.#failure ??= new InstallerError("E_BUG", "a hashing thread ended early", { cause });
    for (const pending of this.#pending.values()) pending.reject(this.#failure);
    this.#pending.clear();
  }
}

/** The system error that was flattened on its way between threads. */
export function inflate({ message, ...properties }: HashingFailure): Error {
  return Object.assign(new Error(message), properties);
}
