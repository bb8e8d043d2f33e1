import { Client, credentials, type MethodDefinition, type ServiceError, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { INSTALLER_METHODS } from "../../../src/rpc/grpc/methods.ts";
import type { ClientCredentials } from "../../../src/rpc/tls/credentials.ts";
import { FakeTerminals } from "../../support/fake-terminals.ts";
import { eventually, type InstallerPort, startInstallerPort } from "./installer-port.ts";
import { makeParties } from "./srpc-server.ts";

const parties = makeParties();
const granted = parties.issue(["Installer.*"]);
const powerless = parties.issue(["ImageServer.*"]);

type MethodName = keyof typeof INSTALLER_METHODS;
const METHODS = Object.keys(INSTALLER_METHODS) as MethodName[];
const VIEWS: readonly MethodName[] = ["GetStatus", "WatchEvents", "StreamLogs"];
const OTHERS = METHODS.filter((name) => !VIEWS.includes(name));

/** What each method needs in its request to go on until somebody ends it. */
const REQUESTS: Partial<Record<MethodName, object>> = {
  StreamLogs: { follow: true, minimumLevel: 0, last: 0, after: 0 },
  WatchEvents: { after: 0, noFollow: false },
  Shell: { start: { size: { columns: 80, rows: 24 }, terminalType: "" } },
};

/** A call as any client makes it: everything that comes, and the status in the end. */
interface RawCall {
  readonly replies: unknown[];
  readonly code: Promise<status>;
  cancel(): void;
}

function rawClient(port: number, own?: ClientCredentials): Client {
  const secrets =
    own === undefined ? [null, null] : [Buffer.from(own.key.expose()), Buffer.from(own.certificates)];
  const [key = null, certificates = null] = secrets;
  return new Client(
    `ipv4:127.0.0.1:${port}`,
    credentials.createSsl(null, key, certificates, { rejectUnauthorized: false }),
    { "grpc.ssl_target_name_override": "installer", "grpc.use_local_subchannel_pool": 1 },
  );
}

function startCall(client: Client, name: MethodName, deadlineMs?: number): RawCall {
  const method = INSTALLER_METHODS[name] as MethodDefinition<object, unknown>;
  const request = REQUESTS[name] ?? {};
  const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
  const { path, requestSerialize, responseDeserialize } = method;
  const replies: unknown[] = [];
  const { promise: code, resolve } = Promise.withResolvers<status>();
  if (!method.responseStream) {
    const call = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      options,
      (error, reply) => {
        if (reply !== undefined) replies.push(reply);
        resolve(error?.code ?? status.OK);
      },
    );
    return { replies, code, cancel: () => call.cancel() };
  }
  const call = method.requestStream
    ? client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, options)
    : client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, options);
  if (method.requestStream) (call as ReturnType<typeof client.makeBidiStreamRequest>).write(request);
  call.on("data", (reply: unknown) => replies.push(reply));
  call.on("error", (error: ServiceError) => resolve(error.code));
  call.on("end", () => resolve(status.OK));
  return { replies, code, cancel: () => call.cancel() };
}

async function outcome(
  port: InstallerPort,
  own: ClientCredentials | undefined,
  name: MethodName,
): Promise<string> {
  const client = rawClient(port.port, own);
  try {
    const call = startCall(client, name);
    const isAnswered = eventually(() => call.replies.length > 0).then(() => status.OK);
    return status[await Promise.race([call.code, isAnswered])];
  } finally {
    client.close();
  }
}

/** Diagnostics that begin and then never go on. */
async function* endless(signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from("begin");
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

describe("who may call what", () => {
  let port: InstallerPort;
  let closed: InstallerPort;
  beforeAll(async () => {
    const shared = { credentials: parties.credentials };
    port = await startInstallerPort(shared);
    port.say("so that there is something to see");
    closed = await startInstallerPort({ ...shared, policy: { statusAccess: "authenticated" } });
    closed.say("so that there is something to see");
  });
  afterAll(async () => {
    await port[Symbol.asyncDispose]();
    await closed[Symbol.asyncDispose]();
  });

  test.each(VIEWS)("%s is open to everybody by default", async (name) => {
    expect(await outcome(port, undefined, name)).toBe("OK");
  });

  test.each(VIEWS)("%s needs any accepted certificate with -statusAccess=authenticated", async (name) => {
    expect(await outcome(closed, undefined, name)).toBe("UNAUTHENTICATED");
    expect(await outcome(closed, powerless, name)).toBe("OK");
    expect(await outcome(closed, granted, name)).toBe("OK");
  });

  test.each(OTHERS)("%s is refused without a certificate and without the grant", async (name) => {
    const acts = port.control.acts.length;
    expect(await outcome(port, undefined, name)).toBe("UNAUTHENTICATED");
    expect(await outcome(port, powerless, name)).toBe("PERMISSION_DENIED");
    expect(port.control.acts).toHaveLength(acts);
    expect(port.terminals.opened).toHaveLength(0);
  });

  test.each(OTHERS)("%s is refused to a certificate of somebody else's authority", async (name) => {
    const stranger = makeParties().issue(["*.*"]);
    expect(await outcome(port, stranger, name)).toBe("UNAUTHENTICATED");
  });

  test.each(OTHERS.filter((name) => name !== "RebootNow"))("%s works with the grant", async (name) => {
    const own = await startInstallerPort({ credentials: parties.credentials });
    expect(await outcome(own, parties.issue([`Installer.${name}`]), name)).toBe("OK");
    await own[Symbol.asyncDispose]();
  });

  test("RebootNow with the grant is refused only because the installation runs", async () => {
    const own = await startInstallerPort({ credentials: parties.credentials });
    expect(await outcome(own, granted, "RebootNow")).toBe("FAILED_PRECONDITION");
    own.control.isRunning = false;
    expect(await outcome(own, granted, "RebootNow")).toBe("OK");
    expect(await outcome(own, granted, "Cancel")).toBe("FAILED_PRECONDITION");
    await own[Symbol.asyncDispose]();
  });

  test("a method that does not exist is UNIMPLEMENTED, whoever asks", async () => {
    const client = rawClient(port.port);
    const { promise, resolve } = Promise.withResolvers<ServiceError | null>();
    const raw = (bytes: Buffer): Buffer => bytes;
    client.makeUnaryRequest("/installer.v1.Installer/Format", raw, raw, Buffer.alloc(0), resolve);
    expect((await promise)?.code).toBe(status.UNIMPLEMENTED);
    client.close();
  });

  test("a shell and a control call in the clear are refused like any other without a certificate", async () => {
    const clear = await startInstallerPort();
    using client = await clear.connect();
    expect(client.isSecure).toBe(false);
    await expect(client.control("HoldReboot", new AbortController().signal)).rejects.toMatchObject({
      code: "E_TLS_CERTIFICATE_MISSING",
    });
    await expect(client.openShell({ allowClear: true }, new AbortController().signal)).rejects.toMatchObject({
      code: "E_TLS_CERTIFICATE_MISSING",
    });
    expect(clear.terminals.opened).toHaveLength(0);
    await clear[Symbol.asyncDispose]();
  });
});

describe("deadlines and cancellation", () => {
  let port: InstallerPort;
  let client: Client;
  beforeAll(async () => {
    port = await startInstallerPort({
      credentials: parties.credentials,
      diagnose: endless,
      terminals: new FakeTerminals(),
    });
    client = rawClient(port.port, granted);
    port.say("so that there is something to see");
  });
  afterAll(async () => {
    client.close();
    await port[Symbol.asyncDispose]();
  });

  const released = async (): Promise<void> => {
    await eventually(() => {
      const { openCalls, runningHandlers } = port.server.statistics();
      return openCalls === 0 && runningHandlers === 0 && port.sessions.count === 0;
    });
  };
  const STREAMS = METHODS.filter((name) => INSTALLER_METHODS[name].responseStream);
  const SINGLE = METHODS.filter((name) => !INSTALLER_METHODS[name].responseStream);

  test.each(STREAMS)("the deadline of %s ends it on both sides", async (name) => {
    const call = startCall(client, name, 300);
    await eventually(() => call.replies.length > 0);
    expect(port.server.statistics().runningHandlers).toBe(1);
    expect(status[await call.code]).toBe("DEADLINE_EXCEEDED");
    await released();
  });

  test.each(STREAMS)("cancelling %s ends it on both sides", async (name) => {
    const call = startCall(client, name);
    await eventually(() => call.replies.length > 0);
    expect(port.server.statistics().runningHandlers).toBe(1);
    call.cancel();
    expect(status[await call.code]).toBe("CANCELLED");
    await released();
  });

  test.each(STREAMS)("a connection that breaks ends %s", async (name) => {
    const own = rawClient(port.port, granted);
    const call = startCall(own, name);
    await eventually(() => call.replies.length > 0);
    own.close();
    call.cancel();
    await released();
  });

  test.each(SINGLE)("%s whose deadline has passed is not answered", async (name) => {
    const call = startCall(client, name, -1);
    expect(status[await call.code]).toBe("DEADLINE_EXCEEDED");
    await released();
  });

  test.each(SINGLE)("%s that is cancelled leaves nothing behind", async (name) => {
    const call = startCall(client, name);
    call.cancel();
    expect(status[await call.code]).toBe("CANCELLED");
    await released();
  });
});
