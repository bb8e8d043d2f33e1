import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { InstallerError } from "../../../../src/core/errors.ts";
import { CallRefusal, statusOf } from "../../../../src/rpc/grpc/call-refusal.ts";
import { explainCall } from "../../../../src/rpc/grpc/client-errors.ts";

describe("what a client learns of a failure of the server", () => {
  test.each<[Error, status, string]>([
    [new CallRefusal(status.FAILED_PRECONDITION, "it is over"), status.FAILED_PRECONDITION, "it is over"],
    [new InstallerError("E_SHELL_UNAVAILABLE", "16 are open"), status.RESOURCE_EXHAUSTED, "16 are open"],
    [new InstallerError("E_NO_TERMINAL", "no devpts"), status.FAILED_PRECONDITION, "no devpts"],
    [new InstallerError("E_SYSTEM_CALL", "reading /root/key"), status.INTERNAL, "internal error"],
    [new TypeError("x is undefined"), status.INTERNAL, "internal error"],
  ])("%s", (error, code, details) => {
    expect(statusOf(error)).toEqual({ code, details });
  });
});

describe("what a status means to a client", () => {
  const explain = (code: status, details = "words", hasCertificate = true): unknown =>
    explainCall(Object.assign(new Error("text"), { code, details }), "asking", {
      peer: "rack7:6978",
      hasCertificate,
    });

  test.each<[status, string]>([
    [status.UNAVAILABLE, "E_CONNECTION_LOST"],
    [status.DEADLINE_EXCEEDED, "E_CONNECTION_TIMEOUT"],
    [status.PERMISSION_DENIED, "E_SRPC_ACCESS_DENIED"],
    [status.UNAUTHENTICATED, "E_TLS_CERTIFICATE_REFUSED"],
    [status.UNIMPLEMENTED, "E_SRPC_NO_ENDPOINT"],
    [status.FAILED_PRECONDITION, "E_SRPC_CALL_FAILED"],
    [status.INTERNAL, "E_SRPC_CALL_FAILED"],
  ])("%s", (code, expected) => {
    expect(explain(code)).toMatchObject({ code: expected, message: "asking rack7:6978: words" });
  });

  test("UNAUTHENTICATED without a certificate", () => {
    expect(explain(status.UNAUTHENTICATED, "words", false)).toMatchObject({
      code: "E_TLS_CERTIFICATE_MISSING",
    });
  });

  test("the words of another machine cannot act on the terminal", () => {
    const { message } = explain(status.INTERNAL, `a\u001b[2J\r\nb\u202ec${"x".repeat(9999)}`) as Error;
    expect(message).toMatch(/^asking rack7:6978: a \[2J b cx+$/);
    expect(message.length).toBeLessThan(600);
  });

  test("other errors stay what they are", () => {
    const error = new InstallerError("E_CANCELLED", "stopped");
    expect(explainCall(error, "asking", { peer: "rack7:6978", hasCertificate: false })).toBe(error);
  });
});
