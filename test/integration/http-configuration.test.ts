import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { messageChain } from "../../src/core/errors.ts";
import type { StepContext } from "../../src/engine/step.ts";
import {
  type FetchConfigurationInput,
  fetchConfiguration,
} from "../../src/steps/fetch-configuration.step.ts";
import { makeTestAuthority, makeTestCertificate } from "../support/certificates.ts";
import { createFakeHost } from "../support/fake-host.ts";
import { createRecordingLogger } from "../support/recording-logger.ts";
import { silentProgress } from "../support/silent-progress.ts";

// The step with real web servers; only the machine's files are in memory.

const authority = makeTestAuthority("Fleet CA");
const identity = makeTestCertificate({ commonName: "localhost", hostName: "localhost" }, authority);
const MACS = ["de:ad:be:ef:00:00", "de:ad:be:ef:00:02"];
const FILES: Readonly<Record<string, string>> = { "config.json": "{}", imagename: "debian/13\n" };

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  }
});

async function listen(server: Server, scheme: string): Promise<string> {
  servers.push(server);
  server.listen(0, "localhost");
  await once(server, "listening");
  return `${scheme}://localhost:${(server.address() as AddressInfo).port}`;
}

function serve(seen: string[], before: RequestListener = () => undefined): RequestListener {
  return (request, response) => {
    seen.push(request.url ?? "");
    before(request, response);
    if (response.headersSent) return;
    const content = FILES[new URL(request.url ?? "", "http://x").pathname.split("/").at(-1) ?? ""];
    if (content === undefined) response.writeHead(404).end();
    else response.end(content);
  };
}

async function fetchFrom(configurationBaseUrl: string, files: Readonly<Record<string, string>> = {}) {
  const host = createFakeHost({ files: { "/sys/class/dmi/id/product_serial": "A B\n", ...files } });
  const log = createRecordingLogger();
  const input = {
    options: { configurationLoader: "", configurationBaseUrl, tftpDirectory: "/tftpdata" },
    network: { interfaces: MACS.map((macAddress) => ({ macAddress })), isConfigurationInjected: false },
  } as unknown as FetchConfigurationInput;
  const { signal } = new AbortController();
  const context = { host, log, signal, progress: silentProgress } as unknown as StepContext;
  const failure = await fetchConfiguration.run(input, context).then(
    () => undefined,
    (error: unknown) => messageChain(error),
  );
  return { host, log, failure };
}

const TRUSTED = { "/etc/ssl/CA.pem": authority.certificate };

test("asks with every MAC address and the serial number, and stores what there is", async () => {
  const seen: string[] = [];
  const base = await listen(createHttpServer(serve(seen)), "http");
  const { host, log, failure } = await fetchFrom(`${base}/tftpdata/`);
  expect(failure).toBeUndefined();
  const query = "?mac=de:ad:be:ef:00:00&mac=de:ad:be:ef:00:02&serial_number=A%20B";
  expect(seen).toEqual(
    ["config.json", "imagename", "storage-layout.json", "imageserver", "tools-imagename"].map(
      (name) => `/tftpdata/${name}${query}`,
    ),
  );
  expect(await host.files.readText("/tftpdata/imagename")).toBe("debian/13\n");
  expect(await host.files.readDirectoryText("/tftpdata")).toEqual(["config.json", "imagename"]);
  expect(log.messages).toContain("storage-layout.json is not on the server: 404 Not Found");
});

test("trusts the authority in /etc/ssl/CA.pem", async () => {
  const base = await listen(
    createHttpsServer({ cert: identity.certificate, key: identity.key }, serve([])),
    "https",
  );
  const { host, failure } = await fetchFrom(base, TRUSTED);
  expect(failure).toBeUndefined();
  expect(await host.files.readText("/tftpdata/config.json")).toBe("{}");
});

test("trusts nobody else, asks once, and stores nothing", async () => {
  const seen: string[] = [];
  const tls = { cert: identity.certificate, key: identity.key };
  const base = await listen(createHttpsServer(tls, serve(seen)), "https");
  const { host, failure } = await fetchFrom(base, {
    "/etc/ssl/certs/ca-certificates.crt": makeTestAuthority("Another CA").certificate,
  });
  expect(failure).toMatch(
    /^error getting .*config\.json: the certificate of localhost:\d+ is not accepted: /,
  );
  expect(seen).toEqual([]);
  expect(await host.files.exists("/tftpdata")).toBe(false);
});

test("a server in trouble is asked again", async () => {
  let troubles = 1;
  const seen: string[] = [];
  const base = await listen(
    createHttpServer(
      serve(seen, (_request, response) => {
        if (troubles-- > 0) response.writeHead(503).end();
      }),
    ),
    "http",
  );
  const { log, failure } = await fetchFrom(base);
  expect(failure).toBeUndefined();
  expect(seen.filter((url) => url.startsWith("/config.json"))).toHaveLength(2);
  expect(log.messages.join("\n")).toContain(
    "getting config.json: 503 Service Unavailable, trying again in 500 ms",
  );
});
