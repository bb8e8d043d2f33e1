import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { connectSrpc } from "../../../src/rpc/srpc/client.ts";
import { streamMethod } from "../../../src/rpc/srpc/method.ts";
import { codeOf, makeParties, rawConversation, signal, startTestServer } from "./srpc-server.ts";

describe("a client among strange servers", () => {
  async function withServer<T>(
    onConnection: (socket: Socket) => void,
    use: (port: number) => Promise<T>,
  ): Promise<T> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on("error", () => undefined));
      onConnection(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const address = server.address();
      return await use(typeof address === "object" && address !== null ? address.port : 0);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  }

  it.each([
    ["garbage", (socket: Socket) => socket.write("\0\xff garbage\n\n"), "E_SRPC_HEAD"],
    ["an endless line", (socket: Socket) => socket.write("x".repeat(100_000)), "E_SRPC_HEAD"],
    [
      "endless headers",
      (socket: Socket) => socket.write(`HTTP/1.0 200 OK\n${"a: b\n".repeat(10_000)}`),
      "E_SRPC_HEAD",
    ],
    ["another reason", (socket: Socket) => socket.write("HTTP/1.0 200 OK\r\n\r\n"), "E_SRPC_PROTOCOL"],
    ["404", (socket: Socket) => socket.write("HTTP/1.0 404 Not Found\r\n\r\n"), "E_SRPC_NO_ENDPOINT"],
    [
      "401",
      (socket: Socket) => socket.write("HTTP/1.0 401 Unauthorized\r\n\r\n"),
      "E_TLS_CERTIFICATE_REFUSED",
    ],
    ["a hang-up", (socket: Socket) => socket.end(), "E_CONNECTION_LOST"],
    ["a reset", (socket: Socket) => socket.resetAndDestroy(), "E_CONNECTION_LOST"],
    ["silence", () => undefined, "E_CONNECTION_TIMEOUT"],
  ] as const)("survives %s", async (_, onConnection, code) => {
    await withServer(onConnection, async (port) => {
      const attempt = connectSrpc({ host: "127.0.0.1", port, connectTimeoutMs: 300 }, signal);
      expect(await codeOf(attempt)).toBe(code);
    });
  });

  it.each([
    ["silence", () => undefined, "E_CONNECTION_TIMEOUT"],
    ["garbage", (socket: Socket) => socket.write("garbage garbage\n"), "E_TLS_HANDSHAKE"],
    ["a hang-up", (socket: Socket) => socket.end(), "E_CONNECTION_LOST"],
    ["a reset", (socket: Socket) => socket.resetAndDestroy(), "E_CONNECTION_LOST"],
  ] as const)("survives %s instead of a TLS handshake", async (_, answer, code) => {
    const { issue } = makeParties();
    const onConnection = (socket: Socket): void => {
      socket.once("data", () => {
        socket.write("HTTP/1.0 200 Connected to Go SRPC\n\n");
        socket.once("data", () => answer(socket));
      });
    };
    await withServer(onConnection, async (port) => {
      const options = { host: "127.0.0.1", port, tls: issue(), connectTimeoutMs: 300 };
      expect(await codeOf(connectSrpc(options, signal))).toBe(code);
    });
  });

  it("stops a TLS handshake when aborted", async () => {
    const { issue } = makeParties();
    const controller = new AbortController();
    const onConnection = (socket: Socket): void => {
      socket.once("data", () => {
        socket.write("HTTP/1.0 200 Connected to Go SRPC\n\n");
        socket.once("data", () => controller.abort(new Error("enough")));
      });
    };
    await withServer(onConnection, async (port) => {
      const attempt = connectSrpc({ host: "127.0.0.1", port, tls: issue() }, controller.signal);
      await expect(attempt).rejects.toThrow("enough");
    });
  });

  it("reads a server that sends one byte at a time", async () => {
    const reply = Buffer.from("HTTP/1.0 200 Connected to Go SRPC\n\n");
    await withServer(
      (socket) => {
        socket.setNoDelay(true);
        let sent = 0;
        const timer = setInterval(() => {
          if (sent === reply.length) clearInterval(timer);
          else socket.write(reply.subarray(sent, ++sent));
        }, 0);
        socket.once("close", () => clearInterval(timer));
      },
      async (port) => {
        await using connection = await connectSrpc({ host: "127.0.0.1", port }, signal);
        expect(connection.peer).toBe(`127.0.0.1:${port}`);
      },
    );
  });

  it("names a port where nobody listens", async () => {
    const port = await withServer(
      () => undefined,
      (free) => Promise.resolve(free),
    );
    await expect(connectSrpc({ host: "127.0.0.1", port }, signal)).rejects.toMatchObject({
      code: "E_CONNECTION_REFUSED",
      message: `connecting to 127.0.0.1:${port}: connection refused`,
    });
  });

  it("gives up connecting when aborted", async () => {
    await withServer(
      () => undefined,
      async (port) => {
        const controller = new AbortController();
        const attempt = connectSrpc({ host: "127.0.0.1", port }, controller.signal);
        controller.abort(new Error("enough"));
        await expect(attempt).rejects.toThrow("enough");
      },
    );
  });

  it("hides control characters in a server's words", async () => {
    await withServer(
      (socket) => {
        socket.write("HTTP/1.0 200 Connected to Go SRPC\n\n");
        socket.on("data", (data) => data.includes("A.B") && socket.write("\u001b[2Jno\n"));
      },
      async (port) => {
        await using connection = await connectSrpc({ host: "127.0.0.1", port }, signal);
        await expect(connection.openCall("A.B", signal)).rejects.toMatchObject({
          message: `calling A.B of 127.0.0.1:${port}: ?[2Jno`,
        });
      },
    );
  });
});

describe("a server among strange clients", () => {
  it("drops clients that do not finish their request head", async () => {
    await using port = await startTestServer({}, { headTimeoutMs: 50 });
    for (const start of ["", "C", "CONNECT /_goSRPC_/ HTTP/1.0\nA: b\n", "GET / HTTP/1.1\r\nHost: x\r\n"]) {
      const socket = connect(port.port, "127.0.0.1");
      socket.write(start);
      socket.resume();
      await once(socket, "close");
    }
  });

  it("closes connections that start with TLS or with garbage", async () => {
    await using port = await startTestServer();
    expect(await rawConversation(port.port, "\x16\x03\x01")).toBe("");
    expect(await rawConversation(port.port, "\0\0\0\0\0\0\0\0\r\n\r\n")).toMatch(
      /^HTTP\/1.1 400 Bad Request/,
    );
  });

  it.each([
    ["says something else", "garbage"],
    ["says nothing", ""],
  ])("drops a client that %s instead of a TLS handshake", async (_, text) => {
    await using port = await startTestServer({
      credentials: makeParties().credentials,
      handshakeTimeoutMs: 50,
    });
    const socket = connect(port.port, "127.0.0.1");
    socket.write("CONNECT /_go_TLS_SRPC_/ HTTP/1.0\n\n");
    await once(socket, "data");
    socket.write(text);
    socket.resume();
    await once(socket, "close");
  });

  it("tells a handler that its caller is gone", async () => {
    const gone = Promise.withResolvers<void>();
    const waiting = streamMethod({
      name: "Test.Wait",
      run: async (_, context) => {
        context.signal.addEventListener("abort", () => gone.resolve());
        await gone.promise;
      },
    });
    await using port = await startTestServer({ methods: [waiting] });
    const socket = connect(port.port, "127.0.0.1");
    socket.write("CONNECT /_goSRPC_/ HTTP/1.0\n\nTest.Wait\n");
    while (!(await once(socket, "data")).join("").endsWith("\n")) continue;
    socket.resetAndDestroy();
    await gone.promise;
  });

  it("drops a client whose call line does not end", async () => {
    await using port = await startTestServer();
    const answer = await rawConversation(port.port, `CONNECT /_goSRPC_/ HTTP/1.0\n\n${"x".repeat(5000)}`);
    expect(answer).toBe("HTTP/1.0 200 Connected to Go SRPC\n\n");
  });

  it("drops a client that lies idle", async () => {
    await using port = await startTestServer({ idleTimeoutMs: 50 });
    const socket = connect(port.port, "127.0.0.1");
    socket.write("CONNECT /_goSRPC_/ HTTP/1.0\n\n");
    socket.resume();
    await once(socket, "close");
  });
});
