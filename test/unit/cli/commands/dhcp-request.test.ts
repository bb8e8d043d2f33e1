import { describe, expect, test } from "vitest";
import { COMMANDS, DAEMON } from "../../../../src/cli/command-table.ts";
import type { NetworkInterface } from "../../../../src/system/interfaces.ts";
import { createFakeHost } from "../../../support/fake-host.ts";
import { runInProcess } from "../../../support/program-in-process.ts";
import { type Answer, type Answers, makeMachine } from "../../network/dhcp/dhcp-machine.ts";

const [DISCOVER, OFFER, ACK] = [1, 2, 5] as const;

const named =
  (name: string | undefined): Answers =>
  (type): readonly Answer[] => {
    const options = name === undefined ? {} : { 12: Buffer.from(name) };
    return [{ type: type === DISCOVER ? OFFER : ACK, options }];
  };

/** Runs the command on a machine whose interfaces are answered as `answers` say. */
async function run(
  answers: Parameters<typeof makeMachine>[0],
  change: Partial<NetworkInterface> = {},
  argv: readonly string[] = [],
) {
  const fake = createFakeHost();
  const { ports, interfaces } = makeMachine(answers);
  const raised: string[] = [];
  const host = {
    ...fake,
    clock: ports.clock,
    sockets: ports.sockets,
    interfaces: {
      ...ports.interfaces,
      setUp: async (name: string) => void raised.push(name),
      list: async () => interfaces.map((entry) => ({ ...entry, isUp: true, ...change })),
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const openHost = (): AsyncDisposable => host;
  const words = [...argv, "dhcp-request"];
  const result = await runInProcess({ daemon: DAEMON, commands: COMMANDS, argv: words, openHost });
  return { ...result, files: fake.files, raised, interfaces: fake.interfaces };
}

test("records the answer and says where, and the host name", async () => {
  const { exitCode, stdout, stderr, files, interfaces } = await run({ eth0: named("hostabc") });
  expect(exitCode).toBe(0);
  expect(stdout).toHaveLength(0);
  const lines = stderr.split("\n");
  expect(lines).toContain("logged DHCP response in: /var/log/installer/dhcp/0");
  expect(lines.at(-2)).toBe("DHCP HostName option found, value=hostabc");
  expect(await files.readText("/var/log/installer/dhcp/0/ipaddr")).toBe("10.1.2.3\n");
  // The machine's addresses and name stay as they are.
  expect([interfaces.addresses.size, interfaces.hostname]).toEqual([0, ""]);
});

test("without option 12 nothing is said of a host name", async () => {
  const { exitCode, stderr } = await run({ eth0: named(undefined) });
  expect(exitCode).toBe(0);
  expect(stderr).not.toContain("HostName");
});

test("does not raise interfaces: one that is down is not used", async () => {
  const { exitCode, stderr, raised } = await run({ eth0: named("x") }, { isUp: false });
  expect(exitCode).toBe(1);
  expect(stderr.split("\n")[0]).toBe("unable to issue DHCP request on any interface");
  expect(raised).toEqual([]);
});

describe("no interface can be used:", () => {
  test.each([
    ["there is none", {}, {}],
    ["it is no hardware", { eth0: named("x") }, { isPhysical: false }],
    ["it has no broadcast", { eth0: named("x") }, { isBroadcast: false }],
  ])("%s", async (_what, answers, change) => {
    const { exitCode, stdout, stderr } = await run(answers, change);
    expect([exitCode, stdout.length]).toEqual([1, 0]);
    expect(stderr.split("\n")[0]).toBe("unable to issue DHCP request on any interface");
  });
});

test("takes no arguments", async () => {
  const result = await runInProcess({ daemon: DAEMON, commands: COMMANDS, argv: ["dhcp-request", "eth0"] });
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain("too many arguments");
});
