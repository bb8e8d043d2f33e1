import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/lib/paths.ts";
import { FILE_DESCRIPTORS } from "../../src/rpc/generated/descriptors.ts";
import type { ClientCredentials } from "../../src/rpc/tls/credentials.ts";
import { type InstallerPort, startInstallerPort } from "../contract/rpc/installer-port.ts";
import { makeParties } from "../contract/rpc/srpc-server.ts";
import { Scratch } from "../support/scratch.ts";

const CLIENT = join(ROOT, ".cache/grpc-client");
const PROGRAM = join(import.meta.dirname, "support/reflection-client.py");
const SERVICE = "installer.v1.Installer";

const parties = makeParties();

interface Answer {
  readonly health: string;
  readonly services?: readonly string[];
  readonly replies?: readonly Readonly<Record<string, unknown>>[];
  readonly error: string | null;
}

const PYTHON_ENVIRONMENT = {
  PYTHONPATH: `${CLIENT}/usr/lib/python3/dist-packages:${CLIENT}/generated`,
  LD_LIBRARY_PATH: `${CLIENT}/usr/lib/x86_64-linux-gnu`,
};

beforeAll(async () => {
  await execa(join(ROOT, "scripts/fetch-grpc-client"));
});

describe.each(["v1", "v1alpha"])("Python's gRPC client with reflection %s", (version) => {
  const scratch = new Scratch();
  let open: InstallerPort;
  let closed: InstallerPort;
  beforeAll(async () => {
    open = await startInstallerPort({ credentials: parties.credentials });
    open.say("first");
    open.say("second");
    closed = await startInstallerPort({
      credentials: parties.credentials,
      policy: { statusAccess: "authenticated" },
    });
  });
  afterAll(async () => {
    await open[Symbol.asyncDispose]();
    await closed[Symbol.asyncDispose]();
    scratch[Symbol.dispose]();
  });

  async function ask(
    port: InstallerPort,
    method: string,
    request: object,
    own?: ClientCredentials,
  ): Promise<Answer> {
    const file = (name: string, text: string): string => {
      writeFileSync(scratch.at(name), text);
      return scratch.at(name);
    };
    const files = [
      file("ca.pem", parties.authority.certificate),
      own === undefined ? "" : file("cert.pem", own.certificates),
      own === undefined ? "" : file("key.pem", Buffer.from(own.key.expose()).toString()),
    ];
    const what = [version, SERVICE, method, JSON.stringify(request)];
    const { stdout } = await execa(
      "/usr/bin/python3",
      [PROGRAM, `127.0.0.1:${port.port}`, ...files, ...what],
      { env: PYTHON_ENVIRONMENT },
    );
    return JSON.parse(stdout) as Answer;
  }

  test("learns the service and reads the status", async () => {
    const answer = await ask(open, "GetStatus", {});
    expect(answer).toMatchObject({ health: "SERVING", error: null });
    expect(answer.services).toEqual([
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
      SERVICE,
    ]);
    expect(answer.replies).toEqual([
      expect.objectContaining({
        hostname: "rack7",
        outcome: "OUTCOME_RUNNING",
        startedUnixMs: "1764000000000",
        at: "1235",
        machine: expect.objectContaining({
          drives: [expect.objectContaining({ sizeBytes: "18000207937536" })],
        }),
      }),
    ]);
  });

  test("reads a stream of events to its end", async () => {
    const { replies } = await ask(open, "WatchEvents", { after: 1, noFollow: true });
    expect(replies).toEqual([
      expect.objectContaining({
        sequence: "2",
        log: expect.objectContaining({ message: "second", level: "LOG_LEVEL_INFO" }),
      }),
    ]);
  });

  test("gets health but neither reflection nor status while views need a certificate", async () => {
    expect(await ask(closed, "GetStatus", {})).toEqual({ health: "SERVING", error: "UNAUTHENTICATED" });
    expect(await ask(closed, "GetStatus", {}, parties.issue())).toMatchObject({
      error: null,
      replies: [expect.objectContaining({ hostname: "rack7" })],
    });
  });

  test("may steer only with a certificate that grants it", async () => {
    expect(await ask(open, "HoldReboot", {}, parties.issue())).toMatchObject({ error: "PERMISSION_DENIED" });
    expect(await ask(open, "HoldReboot", {}, parties.issue(["Installer.HoldReboot"]))).toMatchObject({
      error: null,
      replies: [{ message: "the machine will not restart until it is released" }],
    });
  });
});

describe("the descriptors that reflection hands out", () => {
  const standard = join(CLIENT, "usr/share/grpc-proto");
  test.each([
    ["installer/v1/installer.proto", join(ROOT, "src/rpc/installer.proto")],
    ["grpc/health/v1/health.proto", join(standard, "grpc/health/v1/health.proto")],
    ["grpc/reflection/v1/reflection.proto", join(standard, "grpc/reflection/v1/reflection.proto")],
    ["grpc/reflection/v1alpha/reflection.proto", join(standard, "grpc/reflection/v1alpha/reflection.proto")],
  ])("of %s are what protoc makes of the published file", async (name, source) => {
    using scratch = new Scratch();
    const file = FILE_DESCRIPTORS.find((descriptor) => descriptor.name === name);
    writeFileSync(scratch.at("ours"), Buffer.from(file?.base64 ?? "", "base64"));
    await execa(
      join(CLIENT, "usr/bin/protoc"),
      [`--descriptor_set_out=${scratch.at("theirs")}`, `-I${dirname(source)}`, source],
      { env: PYTHON_ENVIRONMENT },
    );
    const compare = join(import.meta.dirname, "support/compare-descriptors.py");
    const { stdout } = await execa("/usr/bin/python3", [compare, scratch.at("ours"), scratch.at("theirs")], {
      env: PYTHON_ENVIRONMENT,
    });
    expect(stdout).toBe("");
  });
});
