import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectInstaller, type InstallerClient } from "../../../src/rpc/grpc/client.ts";
import { connectSrpc } from "../../../src/rpc/srpc/client.ts";
import { type ClientCredentials, parseClientCredentials } from "../../../src/rpc/tls/credentials.ts";
import { makeTestAuthority, makeTestCertificate, type TestCertificate } from "../../support/certificates.ts";
import { Scratch } from "../../support/scratch.ts";
import { openTls, readUntil } from "../rpc/port-clients.ts";
import { codeOf, rawConversation, signal } from "../rpc/srpc-server.ts";
import { type OpenedAccess, openTestAccess } from "./remote-access.ts";

const CONNECTED = "HTTP/1.0 200 Connected to Go SRPC\n\n";
const SHELL_BANNER = "Starting shell on: ";
const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

const authority = makeTestAuthority("the authority");
const identityAuthority = makeTestAuthority("the authority for names");
const server = makeTestCertificate({ commonName: "newborn" }, authority);
const TEXTS = {
  ca: authority.certificate,
  identityCa: identityAuthority.certificate,
  certificate: server.certificate,
  key: server.key,
};

function issue(
  issuer: TestCertificate,
  methods: readonly string[],
  more: { readonly notAfter?: Date; readonly commonName?: string } = {},
): ClientCredentials {
  const { notAfter } = more;
  const validity =
    notAfter === undefined ? {} : { notBefore: new Date(notAfter.getTime() - 3_600_000), notAfter };
  const made = makeTestCertificate(
    // The key is shared, because making one takes a while.
    { commonName: "alice", methods, key: server.key, ...validity, ...more },
    issuer,
  );
  return parseClientCredentials(made.certificate, made.key, { certificateFile: "c", keyFile: "k" });
}

const EVERYTHING = ["*.*"];
const alice = issue(authority, EVERYTHING);
/** What names itself like the authority, so that a list of methods could be slipped in between. */
const impostor = makeTestCertificate(
  { commonName: "the authority", isAuthority: true, key: server.key },
  identityAuthority,
);

/** Tries the shell by SRPC over TLS; what the other side says first, or the error code. */
async function shellBySrpc(port: number, tls: ClientCredentials | undefined): Promise<string> {
  return codeOf(
    (async () => {
      const options = { host: "127.0.0.1", port, ...(tls === undefined ? {} : { tls }) };
      await using connection = await connectSrpc(options, signal);
      await using _call = await connection.openCall("Installer.Shell", signal);
    })(),
  );
}

/** The whole answer to a conversation in clear. */
async function shellInClear(port: number, path: string): Promise<string> {
  return rawConversation(port, `CONNECT ${path} HTTP/1.0\n\nInstaller.Shell\nid\nexit\n`);
}

async function byGrpc(
  port: number,
  credentials: ClientCredentials | undefined,
  act: (client: InstallerClient) => Promise<unknown>,
): Promise<string> {
  const own = credentials === undefined ? {} : { credentials };
  return codeOf(
    (async () => {
      using client = await connectInstaller({ host: "127.0.0.1", port, ...own }, signal);
      return await act(client);
    })(),
  );
}

const shell = async (client: InstallerClient): Promise<void> => {
  using _ = await client.openShell({ allowClear: true }, signal);
};
const cancel = (client: InstallerClient): Promise<unknown> => client.control("Cancel", signal);
const diagnose = async (client: InstallerClient): Promise<void> => {
  for await (const _ of client.diagnose(signal)) return;
};

describe("with certificates", () => {
  let opened: OpenedAccess;
  beforeAll(async () => {
    opened = await openTestAccess(scratch.at("with"), TEXTS);
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  it("lets those in who have the right, by every protocol", async () => {
    expect(await shellBySrpc(opened.port, alice)).toBe("no error");
    expect(await byGrpc(opened.port, alice, shell)).toBe("no error");
    expect(await byGrpc(opened.port, alice, (client) => client.control("HoldReboot", signal))).toBe(
      "no error",
    );
    expect(opened.control.acts).toEqual([expect.stringContaining("hold: alice")]);
    opened.control.acts.length = 0;
  });

  const expired = { notAfter: new Date(Date.now() - 60_000) };
  const WAYS: Readonly<Record<string, readonly [(port: number) => Promise<string>, string | RegExp]>> = {
    "SRPC in clear": [(port) => shellInClear(port, "/_goSRPC_/"), /^HTTP\/1\.0 405 /],
    "SRPC in clear by the JSON endpoint": [
      (port) => shellInClear(port, "/_SRPC_/unsecured/JSON"),
      /^HTTP\/1\.0 405 /,
    ],
    "a certificate of another authority with the same name": [
      (port) => shellBySrpc(port, issue(makeTestAuthority("the authority"), EVERYTHING)),
      "E_TLS_CERTIFICATE_REFUSED",
    ],
    "an expired certificate": [
      (port) => shellBySrpc(port, issue(authority, EVERYTHING, expired)),
      "E_TLS_CERTIFICATE_REFUSED",
    ],
    "an expired certificate, by gRPC": [
      (port) => byGrpc(port, issue(authority, EVERYTHING, expired), shell),
      "E_TLS_CERTIFICATE_REFUSED",
    ],
    "a certificate without the method": [
      (port) => shellBySrpc(port, issue(authority, ["ImageServer.*", "Installer.Shel"])),
      "E_SRPC_ACCESS_DENIED",
    ],
    "a certificate of the authority for names, with all methods": [
      (port) => shellBySrpc(port, issue(identityAuthority, EVERYTHING)),
      "E_SRPC_ACCESS_DENIED",
    ],
    "the same by gRPC": [
      (port) => byGrpc(port, issue(identityAuthority, EVERYTHING), shell),
      "E_SRPC_ACCESS_DENIED",
    ],
    "an intermediate that calls itself like the authority": [
      async (port) => {
        const leaf = issue(impostor, EVERYTHING);
        return shellBySrpc(port, {
          ...leaf,
          certificates: `${leaf.certificates}\n${impostor.certificate}`,
        });
      },
      "E_TLS_CERTIFICATE_REFUSED",
    ],
    "the right certificate with doNotUseMethodPowers": [
      async (port) => {
        const secure = await openTls({ port }, alice);
        secure.write("CONNECT /_go_TLS_SRPC_/?doNotUseMethodPowers=true HTTP/1.0\n\n");
        await readUntil(secure, (text) => text === CONNECTED);
        secure.write("Installer.Shell\n");
        const answer = await readUntil(secure, (text) => text.endsWith("\n"));
        secure.destroy();
        return answer;
      },
      "access to method denied\n",
    ],
    "gRPC over TLS without a certificate": [
      (port) => byGrpc(port, undefined, shell),
      "E_TLS_CERTIFICATE_MISSING",
    ],
    "control with the grant for the shell only": [
      (port) => byGrpc(port, issue(authority, ["Installer.Shell"]), cancel),
      "E_SRPC_ACCESS_DENIED",
    ],
    "diagnostics without a certificate": [
      (port) => byGrpc(port, undefined, diagnose),
      "E_TLS_CERTIFICATE_MISSING",
    ],
  };

  it.each(Object.entries(WAYS))("refuses %s", async (_, [attempt, expected]) => {
    const answer = await attempt(opened.port);
    if (typeof expected === "string") expect(answer).toBe(expected);
    else expect(answer).toMatch(expected);
    expect(answer).not.toContain(SHELL_BANNER);
  });

  it("has opened no shell and steered nothing after all of that", () => {
    expect(opened.access.shells.count).toBe(0);
    expect(opened.control.acts).toEqual([]);
  });
});

describe.each([
  ["no certificate files at all", {}, {}],
  ["a certificate and a key, but no authority", { ...TEXTS, ca: undefined, identityCa: undefined }, {}],
  ["a key that does not fit", { ...TEXTS, key: makeTestAuthority("x").key }, {}],
  ["an authority file without certificates", { ...TEXTS, ca: "\n", identityCa: undefined }, {}],
  ["only a generated certificate", {}, { generateMissingWebcert: true }],
])("with %s", (title, texts, flags) => {
  let opened: OpenedAccess;
  beforeAll(async () => {
    const present = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined));
    opened = await openTestAccess(scratch.at(title.replaceAll(" ", "-")), present, flags);
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  it("opens no shell and lets nobody steer, by any protocol, with or without a certificate", async () => {
    const { port } = opened;
    const endpoints = ["/_goSRPC_/", "/_go_TLS_SRPC_/", "/_SRPC_/unsecured/JSON", "/_SRPC_/TLS/JSON"];
    for (const path of endpoints) expect(await shellInClear(port, path)).not.toContain(SHELL_BANNER);
    for (const who of [undefined, alice]) {
      expect(await shellBySrpc(port, who)).not.toBe("no error");
      for (const act of [shell, cancel, diagnose]) expect(await byGrpc(port, who, act)).not.toBe("no error");
    }
    expect(opened.observation.history.itemsAfter(0).map(({ event }) => event)).not.toContainEqual(
      expect.objectContaining({ message: expect.stringContaining("shell on") }),
    );
    expect(opened.control.acts).toEqual([]);
  });

  it("says so on the console and on the page, which stays", async () => {
    const page = await (await fetch(`http://127.0.0.1:${opened.port}/`)).text();
    for (const text of [page, opened.console()])
      expect(text).toContain("remote shell and control are closed");
  });
});

describe("with -insecure and no certificates", () => {
  let opened: OpenedAccess;
  beforeAll(async () => {
    opened = await openTestAccess(scratch.at("insecure"), {}, { insecure: true });
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  it("opens a shell to everybody, as the original does", async () => {
    expect(await shellInClear(opened.port, "/_goSRPC_/")).toContain(SHELL_BANNER);
  });

  it("says so on the console and on the page", async () => {
    const page = await (await fetch(`http://127.0.0.1:${opened.port}/`)).text();
    for (const text of [page, opened.console()]) expect(text).toContain("INSECURE");
  });
});

it("does not open anything by -insecure when there are certificates", async () => {
  await using opened = await openTestAccess(scratch.at("both"), TEXTS, { insecure: true });
  expect(await shellInClear(opened.port, "/_goSRPC_/")).toMatch(/^HTTP\/1\.0 405 /);
});

describe("with -statusAccess=authenticated", () => {
  let opened: OpenedAccess;
  beforeAll(async () => {
    opened = await openTestAccess(scratch.at("status"), TEXTS, { statusAccess: "authenticated" });
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  it.each(["/", "/api/status", "/api/events", "/logs", "/logs/dump?name=latest", "/metrics", "/metricsapi/"])(
    "does not show %s to strangers",
    async (path) => {
      const answer = await fetch(`http://127.0.0.1:${opened.port}${path}`);
      expect(answer.status).toBeGreaterThanOrEqual(401);
      expect(answer.status).toBeLessThanOrEqual(403);
      expect(await answer.text()).not.toContain("newborn");
    },
  );

  it("shows it to whoever has an accepted certificate, whatever its methods", async () => {
    const secure = await openTls({ port: opened.port }, issue(identityAuthority, []));
    secure.write("GET /api/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(await readUntil(secure, (text) => text.includes("newborn"))).toMatch(/^HTTP\/1\.1 200 /);
    secure.destroy();
    expect(await byGrpc(opened.port, alice, (client) => client.getStatus(signal))).toBe("no error");
    expect(await byGrpc(opened.port, undefined, (client) => client.getStatus(signal))).toBe(
      "E_TLS_CERTIFICATE_MISSING",
    );
  });

  it("still answers health checks", async () => {
    expect((await fetch(`http://127.0.0.1:${opened.port}/healthz`)).status).toBe(200);
  });
});
