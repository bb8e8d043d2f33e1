import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ListeningPort } from "../../../src/rpc/port/listen.ts";
import { streamMethod } from "../../../src/rpc/srpc/method.ts";
import { parseCertificates } from "../../../src/rpc/tls/credentials.ts";
import { makeSelfSignedCertificate } from "../../../src/rpc/tls/self-signed.ts";
import { makeTestAuthority } from "../../support/certificates.ts";
import {
  codeOf,
  connectTo,
  echo,
  echoMessage,
  makeParties,
  rawConversation,
  readBytes,
  signal,
  startTestServer,
} from "./srpc-server.ts";

describe("SRPC in clear", () => {
  let port: ListeningPort;
  beforeAll(async () => {
    port = await startTestServer();
  });
  afterAll(() => port.close());

  it("answers requests, one call after the other on one connection", async () => {
    await using connection = await connectTo(port);
    expect(connection.isSecure).toBe(false);
    const replies = await Promise.all(["a", "b", "c"].map((text) => echo(connection, text)));
    expect(replies).toEqual([{ Text: ":a" }, { Text: ":b" }, { Text: ":c" }]);
  });

  it("turns an error of the handler into a line and keeps the connection", async () => {
    await using connection = await connectTo(port);
    await expect(echo(connection, "fail")).rejects.toMatchObject({
      code: "E_SRPC_CALL_FAILED",
      message: `calling Test.Echo of 127.0.0.1:${port.port}: finding it in vain`,
    });
    await expect(echo(connection, "bug")).rejects.toMatchObject({
      message: `calling Test.Echo of 127.0.0.1:${port.port}: internal error`,
    });
    expect(await echo(connection, "x")).toEqual({ Text: ":x" });
  });

  it("refuses unknown methods and goes on", async () => {
    await using connection = await connectTo(port);
    await expect(connection.openCall("Test.Nothing", signal)).rejects.toMatchObject({
      code: "E_SRPC_CALL_FAILED",
      message: `calling Test.Nothing of 127.0.0.1:${port.port}: Test: unknown method: Nothing`,
    });
    expect(await echo(connection, "x")).toEqual({ Text: ":x" });
  });

  it("carries a conversation of coded values", async () => {
    await using connection = await connectTo(port);
    await using call = await connection.openCall("Test.Conversation", signal);
    for (const Text of ["one", "two", ""]) {
      await call.send(echoMessage, { Text });
      expect(await call.receive(echoMessage)).toEqual({ Text });
    }
    call.finish();
    expect(await echo(connection, "x")).toEqual({ Text: ":x" });
  });

  it("ends the connection when a handler fails after the acknowledgement", async () => {
    await using connection = await connectTo(port);
    await using call = await connection.openCall("Test.Fail", signal);
    expect(await codeOf(call.receive(echoMessage))).toBe("E_CONNECTION_LOST");
    expect(await codeOf(echo(connection, "x"))).toBe("E_CONNECTION_LOST");
  });

  it("gives up on a server that keeps silent", async () => {
    await using connection = await connectTo(port, { inactivityTimeoutMs: 50 });
    await using call = await connection.openCall("Test.Hang", signal);
    expect(await codeOf(call.readSome(1))).toBe("E_CONNECTION_TIMEOUT");
  });

  it("stops at once when aborted", async () => {
    await using connection = await connectTo(port);
    const controller = new AbortController();
    await using call = await connection.openCall("Test.Hang", controller.signal);
    const read = call.receive(echoMessage);
    controller.abort(new Error("enough"));
    await expect(read).rejects.toThrow("enough");
  });

  it("says the same bytes as the original", async () => {
    const head = "CONNECT /_goSRPC_/ HTTP/1.0\n\n";
    const connected = "HTTP/1.0 200 Connected to Go SRPC\n\n";
    const conversations = [
      ["\n\n\n", "\n\n\n"],
      ["NoSuch.Method\n", "unknown service: NoSuch\n"],
      ["Test.NoSuch\n", "Test: unknown method: NoSuch\n"],
      ["noDot\n", "malformed Service.Method: noDot\n"],
      ["a.b.c\n", "malformed Service.Method: a.b.c\n"],
      [".\n", ": unknown method: \n"],
      [".LocalUpgradeToUnix\n", ": unknown method: LocalUpgradeToUnix\n"],
      ["  Test.Stream \r\n0\n\n", "\n\n"],
    ];
    for (const [request = "", response = ""] of conversations)
      expect(await rawConversation(port.port, head + request)).toBe(connected + response);
    const crlf = "CONNECT /_goSRPC_/deeper HTTP/1.1\r\nHost: x\r\n\r\n\n";
    expect(await rawConversation(port.port, crlf)).toBe(`${connected}\n`);
  });

  it("refuses what is not a call of a clear endpoint", async () => {
    const cases = [
      [
        "CONNECT /_go_TLS_SRPC_/ HTTP/1.0\n\n",
        /^HTTP\/1.0 404 Not Found\r\nContent-Type: text\/plain; charset=utf-8\r\nDate: [^\r]+ GMT\r\nContent-Length: 0\r\n\r\n$/,
      ],
      ["CONNECT /_goSRPC_/?a=%zz HTTP/1.0\n\n", /^HTTP\/1.0 400 Bad Request\r\n/],
      ["CONNECT /elsewhere HTTP/1.0\n\n", /^HTTP\/1.0 404 Not Found\r\n.*\r\n\r\n404 page not found\n$/s],
      ["CONNECT example.org:443 HTTP/1.0\n\n", /^HTTP\/1.0 404 Not Found\r\n/],
      ["GET /_goSRPC_/ HTTP/1.0\n\n", /^HTTP\/1.[01] 400 Bad Request\r\n/],
      ["CONNECT nonsense\n\n", /^HTTP\/1.0 400 Bad Request\r\n/],
      [`CONNECT /${"x".repeat(9000)} HTTP/1.0\n\n`, /^HTTP\/1.0 400 Bad Request\r\n/],
    ] as const;
    for (const [request, answer] of cases) expect(await rawConversation(port.port, request)).toMatch(answer);
  });

  it("lists its methods over HTTP", async () => {
    const get = (path: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port.port}${path}`, { redirect: "manual" });
    const all = await get("/_goSRPC_/listMethods");
    expect(all.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await all.text()).toBe(
      ".LocalUpgradeToUnix\nTest.Conversation\nTest.Echo\nTest.Fail\nTest.Hang\nTest.Stream\n",
    );
    expect(await (await get("/_goSRPC_/listPublicMethods")).text()).toBe("Test.Echo\n");
    expect(await (await get("/_goSRPC_/getHostname")).text()).toBe("host.example\n");
    expect((await get("/_goSRPC_")).status).toBe(307);
    expect((await get("/other")).status).toBe(404);
  });
});

describe("SRPC over TLS", () => {
  const { authority, credentials: serverCredentials, issue } = makeParties();
  let port: ListeningPort;
  beforeAll(async () => {
    port = await startTestServer({ credentials: serverCredentials });
  });
  afterAll(() => port.close());

  it("lets a good certificate do what it says", async () => {
    await using connection = await connectTo(port, { tls: issue(["Test.*"]) });
    expect(connection.isSecure).toBe(true);
    expect(await echo(connection, "x")).toEqual({ Text: "alice:x" });
    await using call = await connection.openCall("Test.Stream", signal);
    await call.write("5000000\n");
    expect(await readBytes(call, 5_000_000)).toBe(5_000_000);
    call.finish();
  });

  it("lets anybody with a name call public methods, and nothing else", async () => {
    await using connection = await connectTo(port, { tls: issue(undefined) });
    expect(await echo(connection, "x")).toEqual({ Text: "alice:x" });
    expect(await codeOf(connection.openCall("Test.Stream", signal))).toBe("E_SRPC_ACCESS_DENIED");
    expect(await echo(connection, "x")).toEqual({ Text: "alice:x" });
  });

  it("ignores the methods of a certificate that gives up its powers", async () => {
    await using connection = await connectTo(port, { tls: issue(["*.*"]), withoutPowers: true });
    expect(await codeOf(connection.openCall("Test.Stream", signal))).toBe("E_SRPC_ACCESS_DENIED");
    expect(await echo(connection, "x")).toEqual({ Text: "alice:x" });
  });

  it("says that a certificate is missing", async () => {
    expect(await codeOf(connectTo(port))).toBe("E_TLS_CERTIFICATE_MISSING");
  });

  it.each([
    ["a foreign authority", () => issue(["*.*"], makeTestAuthority("Foreign CA"))],
    ["an authority that only borrows the name", () => issue(["*.*"], makeTestAuthority("Test CA"))],
    ["an expired certificate", () => issue(["*.*"], authority, new Date(Date.now() - 3_600_000))],
    ["a method list that is not one", () => issue(["nodot"])],
  ])("refuses %s", async (_, credentials) => {
    const attempt = connectTo(port, { tls: credentials() }).then((connection) => echo(connection, "x"));
    await expect(attempt).rejects.toMatchObject({
      code: "E_TLS_CERTIFICATE_REFUSED",
      message: `connecting to 127.0.0.1:${port.port}: the server refused our certificate cert.pem`,
    });
  });

  it("falls back to the clear endpoint of a server without TLS", async () => {
    await using clear = await startTestServer();
    await using connection = await connectTo(clear, { tls: issue(undefined) });
    expect(connection.isSecure).toBe(false);
    expect(await echo(connection, "x")).toEqual({ Text: ":x" });
  });

  it("checks the server's authority when asked to", async () => {
    const tls = issue(undefined);
    await using connection = await connectTo(port, { tls, serverAuthorities: authority.certificate });
    expect(await echo(connection, "x")).toEqual({ Text: "alice:x" });
    const foreign = makeTestAuthority("Foreign CA").certificate;
    expect(await codeOf(connectTo(port, { tls, serverAuthorities: foreign }))).toBe(
      "E_TLS_CERTIFICATE_REFUSED",
    );
  });

  it("works with a made-up server certificate", async () => {
    const made = makeSelfSignedCertificate(new Date());
    await using other = await startTestServer({ credentials: { ...serverCredentials, ...made } });
    await using connection = await connectTo(other, { tls: issue() });
    expect(await echo(connection, "x")).toEqual({ Text: "alice:x" });
  });

  it("takes methods only from those whose authority may grant them", async () => {
    const identityAuthority = makeTestAuthority("Identity CA");
    const anchors = {
      ...serverCredentials.anchors,
      identityRoots: parseCertificates(identityAuthority.certificate, "IdentityCA.pem"),
    };
    await using both = await startTestServer({ credentials: { ...serverCredentials, anchors } });
    await using full = await connectTo(both, { tls: issue(["Test.*"]) });
    await using call = await full.openCall("Test.Stream", signal);
    expect(call.method).toBe("Test.Stream");
    await using limited = await connectTo(both, { tls: issue(["Test.*"], identityAuthority) });
    expect(await codeOf(limited.openCall("Test.Stream", signal))).toBe("E_SRPC_ACCESS_DENIED");
    expect(await echo(limited, "x")).toEqual({ Text: "alice:x" });
  });

  it("leaves no connection behind", async () => {
    await using small = await startTestServer({ credentials: serverCredentials }, { maxConnections: 2 });
    for (let round = 0; round < 6; round++) {
      await using connection = await connectTo(small, { tls: issue(["Test.*"]) });
      expect(await echo(connection, "x")).toEqual({ Text: "alice:x" });
      connection.close();
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});

describe("a stream to a slow reader", () => {
  const SIZE_BYTES = 100_000_000;

  /** Waits until `read` gives the same figure for a while. */
  async function settled(read: () => number): Promise<number> {
    for (let previous = -1; ; ) {
      const current = read();
      if (current === previous && current > 0) return current;
      previous = current;
      await sleep(100);
    }
  }

  it.each([
    ["in clear", false],
    ["over TLS", true],
  ])("is held back at its source %s", async (_, isSecure) => {
    const { credentials, issue } = makeParties();
    let writtenBytes = 0;
    const source = streamMethod({
      name: "Test.Source",
      run: async (call) => {
        const chunk = new Uint8Array(65_536);
        for (; writtenBytes < SIZE_BYTES; writtenBytes += chunk.length) await call.write(chunk);
      },
    });
    await using port = await startTestServer({ methods: [source], ...(isSecure ? { credentials } : {}) });
    await using connection = await connectTo(port, isSecure ? { tls: issue(["*.*"]) } : {});
    await using call = await connection.openCall("Test.Source", signal);
    expect(await settled(() => writtenBytes)).toBeLessThan(30_000_000);
    const rest = Math.ceil(SIZE_BYTES / 65_536) * 65_536;
    expect(await readBytes(call, rest)).toBe(rest);
    call.finish();
  });
});
