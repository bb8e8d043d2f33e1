import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type HttpRequest, httpGet, withoutCredentials } from "../../../src/network/http-get.ts";
import { makeTestAuthority, makeTestCertificate } from "../../support/certificates.ts";

const never = new AbortController().signal;
const authority = makeTestAuthority("Fleet CA");
const forLocalhost = makeTestCertificate({ commonName: "localhost", hostName: "localhost" }, authority);
const forAnother = makeTestCertificate({ commonName: "other", hostName: "other.example.com" }, authority);
const expired = makeTestCertificate(
  { commonName: "localhost", hostName: "localhost", notAfter: new Date(Date.now() - 1000) },
  authority,
);

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

async function listen(server: Server, scheme: string): Promise<string> {
  servers.push(server);
  server.listen(0, "localhost");
  await once(server, "listening");
  return `${scheme}://localhost:${(server.address() as AddressInfo).port}`;
}

const serveHttp = (listener: RequestListener): Promise<string> => listen(createHttpServer(listener), "http");

const serveHttps = (listener: RequestListener, identity = forLocalhost): Promise<string> =>
  listen(createHttpsServer({ cert: identity.certificate, key: identity.key }, listener), "https");

const get = (url: string, change: Partial<HttpRequest> = {}, signal = never) =>
  httpGet(
    { url, authorities: [authority.certificate], timeoutMs: 5000, limitBytes: 1000, ...change },
    signal,
  );

const answer: RequestListener = (request, response) => response.end(`got ${request.url}`);

describe.each([
  ["http", serveHttp],
  ["https", serveHttps],
] as const)("from a real %s server", (_scheme, serve) => {
  test("the answer, with the query as it was written", async () => {
    const base = await serve(answer);
    const query = "mac=de:ad:be:ef:00:00&mac=de:ad:be:ef:00:02&serial_number=A%26B";
    const { status, body } = await get(`${base}/tftpdata/config.json?${query}`);
    expect([status, body.toString()]).toEqual([200, `got /tftpdata/config.json?${query}`]);
  });

  test("another status than 200 without its body", async () => {
    const base = await serve((_request, response) =>
      response.writeHead(404, "Nowhere").end("x".repeat(10_000)),
    );
    expect(await get(base)).toEqual({ status: 404, statusText: "Nowhere", body: Buffer.alloc(0) });
  });

  test("an answer that exceeds the limit is cut off, at the limit it is taken", async () => {
    const base = await serve((request, response) =>
      response.end("x".repeat(request.url === "/1000" ? 1000 : 1001)),
    );
    expect((await get(`${base}/1000`)).body).toHaveLength(1000);
    await expect(get(`${base}/1001`)).rejects.toMatchObject({
      code: "E_HTTP",
      message: "the answer is larger than 1000 bytes",
    });
  });

  test("an answer without end is cut off", async () => {
    const base = await serve((_request, response) => {
      const more = (): void => {
        while (response.write("x".repeat(10_000)));
      };
      response.on("drain", more);
      more();
    });
    await expect(get(base)).rejects.toMatchObject({ code: "E_HTTP" });
  });

  test("an answer that ends too early is no answer", async () => {
    const base = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    });
    await expect(get(base)).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("a server that says nothing is left after the time limit", async () => {
    const base = await serve(() => undefined);
    await expect(get(base, { timeoutMs: 50 })).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("a server that stops in the middle is left after the time limit", async () => {
    const base = await serve((_request, response) => void response.write("half"));
    await expect(get(base, { timeoutMs: 100 })).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("an abort ends it with its reason", async () => {
    const stop = new AbortController();
    const base = await serve(() => stop.abort(new Error("enough")));
    await expect(get(base, {}, stop.signal)).rejects.toThrow("enough");
  });

  test.each([301, 302, 303, 307, 308])("redirection %i is followed", async (status) => {
    const base = await serve((request, response) => {
      if (request.url === "/here") response.writeHead(status, { location: "/there?mac=1" }).end();
      else answer(request, response);
    });
    expect((await get(`${base}/here`)).body.toString()).toBe("got /there?mac=1");
  });

  test("redirections in circles end", async () => {
    let requests = 0;
    const base = await serve((_request, response) => {
      requests += 1;
      response.writeHead(302, { location: "/" }).end();
    });
    await expect(get(base)).rejects.toMatchObject({ code: "E_HTTP", message: "more than 5 redirections" });
    expect(requests).toBe(6);
  });
});

test("user and password of the URL are sent as basic authentication", async () => {
  const base = await serveHttp((request, response) => response.end(request.headers.authorization));
  const { body } = await get(base.replace("http://", "http://user:sesame@"));
  expect(body.toString()).toBe(`Basic ${Buffer.from("user:sesame").toString("base64")}`);
});

test("a redirection from https to http is refused, the other way round it is followed", async () => {
  const open = await serveHttp(answer);
  const sealed = await serveHttps((request, response) => {
    if (request.url === "/down") response.writeHead(302, { location: `${open}/config.json` }).end();
    else answer(request, response);
  });
  await expect(get(`${sealed}/down`)).rejects.toMatchObject({
    code: "E_HTTP",
    message: expect.stringMatching(/^localhost:\d+ redirects from https to http$/) as string,
  });
  const up = await serveHttp((_request, response) =>
    response.writeHead(301, { location: `${sealed}/up` }).end(),
  );
  expect((await get(up)).body.toString()).toBe("got /up");
});

test("a redirection to another kind of URL is refused", async () => {
  const base = await serveHttp((_request, response) =>
    response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  );
  await expect(get(base)).rejects.toMatchObject({
    code: "E_HTTP",
    message: '"file:///etc/passwd" is not an http or https URL',
  });
});

describe("a certificate is refused, and that is final:", () => {
  test.each([
    ["for another host", forAnother, [authority.certificate]],
    ["that has expired", expired, [authority.certificate]],
    ["of an authority that is not trusted", forLocalhost, [makeTestAuthority("Another CA").certificate]],
    ["of an authority that the runtime does not know", forLocalhost, undefined],
  ])("%s", async (_what, identity, authorities) => {
    const base = await serveHttps(answer, identity);
    await expect(get(base, { authorities })).rejects.toMatchObject({
      code: "E_HTTP",
      message: expect.stringMatching(/^the certificate of localhost:\d+ is not accepted$/) as string,
      cause: expect.any(Error) as Error,
    });
  });
});

test("a server that refuses the connection gives a system error, worth another attempt", async () => {
  const base = await serveHttp(answer);
  const [server] = servers.splice(0);
  server?.close();
  await expect(get(base)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("what is not a URL", async () => {
  await expect(get("fleet/config.json")).rejects.toMatchObject({
    code: "E_HTTP",
    message: '"fleet/config.json" is not an http or https URL',
  });
});

test("a proxy of the environment is asked", async () => {
  const proxy = await serveHttp(answer);
  const { body } = await get("http://fleet.example.com/config.json", { environment: { http_proxy: proxy } });
  expect(body.toString()).toBe("got http://fleet.example.com/config.json");
});

test.each([
  ["http://user:sesame@fleet:80/a@b", "http://fleet:80/a@b"],
  ["https://fleet/a@b", "https://fleet/a@b"],
  ["//user@fleet", "//user@fleet"],
])("%s is shown as %s", (url, shown) => expect(withoutCredentials(url)).toBe(shown));
