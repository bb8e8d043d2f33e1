/** A call that goes on. */
export interface CallRecord {
  /** To be called once. */
  end(outcome: "failed" | "successful"): void;
}

/** Told what an SRPC server does, for metrics. */
export interface SrpcRecorder {
  /** A connection was accepted; disposed of when it is over. */
  connection(): Disposable;
  /** A connection was turned away, for instance for want of a certificate. */
  rejectedConnection(): void;
  deniedCall(method: string): void;
  permittedCall(method: string): CallRecord;
}

/** For servers without metrics. */
export const NO_RECORDER: SrpcRecorder = {
  connection: () => ({ [Symbol.dispose]: () => undefined }),
  rejectedConnection: () => undefined,
  deniedCall: () => undefined,
  permittedCall: () => ({ end: () => undefined }),
};
