import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { EventHistory } from "../../../src/engine/event-history.ts";
import type { Snapshot } from "../../../src/engine/snapshot.ts";
import { AccessPolicy, type StatusAccess } from "../../../src/rpc/access-policy.ts";
import type { Caller } from "../../../src/rpc/caller.ts";
import { createHttpListener } from "../../../src/rpc/http/listener.ts";
import { LiveFeeds } from "../../../src/rpc/http/live.ts";
import { LogStore } from "../../../src/rpc/http/logs/log-store.ts";
import { LogsPages } from "../../../src/rpc/http/logs/logs-pages.ts";
import { ANONYMOUS } from "../../../src/rpc/srpc/access.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";
import { USAGE } from "../../support/process-usage.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";
import { makeSnapshot } from "../../support/snapshots.ts";

const NAME = "2026-11-21:08:00:00";
const STRANGER: Caller = { identity: ANONYMOUS, peer: "192.0.2.1:5", isSecure: false };
const USER: Caller = { ...STRANGER, isSecure: true, identity: { ...ANONYMOUS, userName: "alice" } };

interface Setting {
  readonly caller?: Caller;
  readonly statusAccess?: StatusAccess;
  readonly snapshot?: () => Snapshot;
  readonly logText?: string;
}

async function startServer({ caller = STRANGER, statusAccess = "open", ...setting }: Setting = {}) {
  const files = new MemoryFileSystem({ files: { [`/logs/${NAME}`]: setting.logText ?? "[1.000] start\n" } });
  await files.makeSymlink(NAME, "/logs/latest");
  const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
  const ownProcess = {
    args: ["installer"],
    usage: async () => USAGE,
    activeResources: () => [],
    stack: () => "",
  };
  const source = {
    snapshot: setting.snapshot ?? (() => makeSnapshot()),
    logEvents: () => [],
    history: new EventHistory(),
  };
  source.history.record({ kind: "log", at: 1, level: "info", message: "hello" });
  const log = createRecordingLogger();
  const server = createServer(
    createHttpListener({
      source,
      live: new LiveFeeds({ source, log: silentLogger }),
      logs: new LogsPages({
        store: new LogStore({ files, directory: "/logs", firstFile: "", memory: () => [] }),
        clock,
        ownProcess,
      }),
      metrics: { snapshot: source.snapshot, ownProcess, flags: [] },
      policy: new AccessPolicy({ statusAccess, isInsecure: false, trustedUsers: [], trustedGroups: [] }),
      callerOf: () => caller,
      clock,
      log,
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const get = async (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual", ...init });
  return { get, port, log };
}

const PAGE_HEADERS = {
  "x-frame-options": "DENY",
  "x-xss-protection": "1",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'self' ;style-src 'self' 'unsafe-inline'",
};

describe("paths, types and headers", () => {
  test.for([
    ["/", 200, "text/html; charset=utf-8", "page"],
    ["/?include=x", 200, "text/html; charset=utf-8", "page"],
    ["/page.js", 200, "text/javascript; charset=utf-8", "page"],
    ["/api/status", 200, "application/json", "page"],
    ["/logs", 200, "text/html; charset=utf-8", "page"],
    ["/logs?output=text", 200, "text/plain; charset=utf-8", "page"],
    ["/logs/dump?name=latest", 200, "text/plain; charset=utf-8", "page"],
    ["/logs/dump", 400, "text/plain; charset=utf-8", "page"],
    ["/logs/showSinceStartup", 200, "text/plain; charset=utf-8", "page"],
    ["/healthz", 200, "text/plain; charset=utf-8", "bare"],
    ["/readiness", 503, "text/plain; charset=utf-8", "bare"],
    ["/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", "metrics"],
    ["/metrics/", 200, "text/html; charset=utf-8", "metrics"],
    ["/metrics/proc/name?format=text", 200, "text/plain; charset=utf-8", "metrics"],
    ["/metricsapi/", 200, "application/json", "bare"],
    ["/has-tricorder-metrics", 200, "text/plain; charset=utf-8", "metrics"],
    ["/metricsstatic/theme.css", 200, "text/css; charset=utf-8", "bare"],
    ["/debug/pprof/", 404, "text/plain; charset=utf-8", "bare"],
    ["/logs/nothing", 404, "text/plain; charset=utf-8", "bare"],
    ["/nothing", 404, "text/plain; charset=utf-8", "bare"],
    ["//", 404, "text/plain; charset=utf-8", "bare"],
  ] as const)("%s", async ([path, status, type, kind]) => {
    const { get } = await startServer();
    const response = await get(path);
    expect([response.status, response.headers.get("content-type")]).toEqual([status, type]);
    for (const [name, value] of Object.entries(PAGE_HEADERS)) {
      const isThere = kind === "page" || (kind === "metrics" && name !== "x-content-type-options");
      expect([name, response.headers.get(name)]).toEqual([name, isThere ? value : null]);
    }
    await response.body?.cancel();
  });

  test("what is not there says so in Go's words", async () => {
    const { get } = await startServer();
    expect(await (await get("/nothing")).text()).toBe("404 page not found\n");
  });

  test("the machine is ready once it is installed", async () => {
    const installed = makeSnapshot({ status: { outcome: "succeeded", message: "", steps: [], notices: [] } });
    const { get } = await startServer({ snapshot: () => installed });
    expect(await (await get("/readiness")).text()).toBe("OK");
    expect(await (await get("/healthz")).text()).toBe("OK");
  });

  test("/api/status has the names that programs rely on", async () => {
    const { get } = await startServer();
    const status = (await (await get("/api/status")).json()) as object;
    expect(Object.keys(status)).toEqual([
      "hostname",
      "version",
      "runtime",
      "startTime",
      "uptimeMs",
      "outcome",
      "message",
      "sequence",
      "steps",
      "stall",
      "handOver",
      "notices",
      "plan",
      "machine",
      "interfaces",
      "sessions",
      "process",
    ]);
    expect(status).toMatchObject({ hostname: "rack7-node3", uptimeMs: 7_500, outcome: "running", steps: [] });
  });

  test("/api/events is a stream of events", async () => {
    const { get } = await startServer();
    const response = await get("/api/events");
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const reader = response.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    expect(Buffer.from(value ?? []).toString()).toContain("hello");
    await reader?.cancel();
  });
});

describe("methods", () => {
  test("HEAD has the headers and no body, on streams too", async () => {
    const { get } = await startServer();
    for (const path of ["/", "/api/status", "/logs/dump?name=latest", "/api/events", "/healthz"]) {
      const response = await get(path, { method: "HEAD" });
      expect([path, response.status, await response.text()]).toEqual([path, 200, ""]);
    }
  });

  test("POST works as GET, its body is not read, and the connection ends", async () => {
    const { get } = await startServer();
    const response = await get("/healthz", { method: "POST", body: "x".repeat(100_000) });
    expect(await response.text()).toBe("OK");
    expect(response.headers.get("connection")).toBe("close");
  });

  test.for(["PUT", "DELETE", "OPTIONS", "PATCH"])("%s is not allowed", async (method) => {
    const { get } = await startServer();
    const response = await get("/", { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
  });

  test("a target without end is refused", async () => {
    const { get } = await startServer();
    expect((await get(`/logs?${"x".repeat(10_000)}`)).status).toBe(414);
  });
});

describe("with -statusAccess=authenticated", () => {
  const closed = [
    "/",
    "/page.js",
    "/api/status",
    "/api/page",
    "/api/events",
    "/logs",
    "/logs/dump?name=latest",
    "/logs/showStackTrace",
    "/metrics",
    "/metrics/proc/args?format=text",
    "/metricsapi/",
    "/nothing",
  ];

  test("a stranger is told how to be let in, and sees nothing", async () => {
    const { get } = await startServer({ statusAccess: "authenticated" });
    for (const path of closed) {
      const response = await get(path);
      expect([path, response.status]).toEqual([path, 401]);
      expect(await response.text()).toBe(
        "only for certified users: use https on the same port, and show a client certificate\n",
      );
    }
  });

  test("a certificate that does not count is told why", async () => {
    const caller = { ...STRANGER, isSecure: true, refusal: "it expired yesterday" };
    const { get } = await startServer({ statusAccess: "authenticated", caller });
    const response = await get("/");
    expect([response.status, await response.text()]).toEqual([
      403,
      "access denied: your certificate does not count: it expired yesterday\n",
    ]);
  });

  test("a certified user sees everything", async () => {
    const { get } = await startServer({ statusAccess: "authenticated", caller: USER });
    for (const path of closed) {
      const response = await get(path);
      expect([path, response.status]).toEqual([path, path === "/nothing" ? 404 : 200]);
      await response.body?.cancel();
    }
  });

  test("probes need no certificate", async () => {
    const { get } = await startServer({ statusAccess: "authenticated" });
    expect((await get("/healthz")).status).toBe(200);
    expect((await get("/readiness")).status).toBe(503);
  });
});

describe("trouble", () => {
  test("what goes wrong inside is for the log, not for strangers", async () => {
    const { get, log } = await startServer({
      snapshot: () => {
        throw new Error("inner secret");
      },
    });
    const response = await get("/api/status");
    expect([response.status, await response.text()]).toEqual([500, "internal error\n"]);
    expect(log.messages).toEqual(["answering a request: inner secret"]);
  });

  test("paths that try to leave the log directory lead nowhere", async () => {
    const { port } = await startServer();
    for (const name of [
      "../../etc/passwd",
      "..%2f..%2fetc%2fpasswd",
      "/etc/passwd",
      "%00",
      `${NAME}/../${NAME}`,
    ]) {
      // fetch would tidy the path up.
      const request = httpRequest({ port, path: `/logs/dump?name=${name}`, agent: false }).end();
      const [response] = await once(request, "response");
      expect([name, response.statusCode, await text(response)]).toEqual([name, 404, "no such log file\n"]);
    }
  });

  test("expressions that make matchers hang hold nobody up", async () => {
    const logText = `${"a".repeat(2_000)}\n`.repeat(40);
    const { get } = await startServer({ logText });
    const evil = encodeURIComponent("^(([a-z])+.)+[A-Z]([a-z])+$");
    const searches = Array.from({ length: 4 }, async () =>
      (await get(`/logs/dump?name=latest&include=${evil}`)).text(),
    );
    await get("/healthz");
    const times: number[] = [];
    for (let count = 0; count < 20; count++) {
      const startedAt = performance.now();
      await get("/healthz");
      times.push(performance.now() - startedAt);
    }
    expect(times.toSorted((left, right) => left - right)[10]).toBeLessThan(100);
    expect(await Promise.all(searches)).toEqual(["", "", "", ""]);
  });

  test("a large log goes out at the pace of its reader", async () => {
    const logText = `${"x".repeat(1_000)}\n`.repeat(30_000);
    const { port, get } = await startServer({ logText });
    const socket = connect(port, "127.0.0.1").pause();
    onTestFinished(() => {
      socket.destroy();
    });
    await once(socket, "connect");
    socket.write("GET /logs/dump?name=latest HTTP/1.1\r\nHost: x\r\n\r\n");
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 10; count++) expect((await get("/healthz")).status).toBe(200);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 2 ** 20);
    expect((await (await get("/logs/dump?name=latest")).text()).length).toBe(logText.length);
  });
});
