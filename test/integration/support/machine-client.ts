import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { createFlagCommand, flagValuesOf } from "../../../src/cli/flags/flag-command.ts";
import { installerFlags } from "../../../src/cli/flags/installer-flags.ts";
import { installOptions } from "../../../src/cli/install-options.ts";
import { readTftpFile } from "../../../src/network/tftp/client.ts";
import { bringUpNetwork } from "../../../src/steps/bring-up-network.step.ts";
import { fetchConfiguration } from "../../../src/steps/fetch-configuration.step.ts";
import { readInstallConfiguration } from "../../../src/steps/read-configuration.step.ts";
import type { Interfaces } from "../../../src/system/interfaces.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import { silentProgress } from "../../support/silent-progress.ts";
import { runClientScript } from "./client-script.ts";
import type { MachineRequest } from "./machine-request.ts";

const DEFAULT_LIMIT_MS = 120_000;

/** The steps of an installation up to a checked configuration, on the real host except that veth counts as hardware. */
await runClientScript<MachineRequest>(async (request, log) => {
  await using host = createNodeHost();
  await using cleanup = new AsyncDisposableStack();
  const signal = AbortSignal.timeout(request.limitMs ?? DEFAULT_LIMIT_MS);
  const interfaces = withHardware(host.interfaces, request.interfaces);
  const progress = silentProgress;
  const context = { host: { ...host, interfaces }, log, progress, signal, cleanup };
  const table = installerFlags({ processId: process.pid, effectiveUserId: 0 });
  const flags = createFlagCommand(table);
  flags.parse([`--tftpDirectory=${request.tftpDirectory}`, ...(request.flags ?? [])], { from: "user" });
  const options = installOptions(flagValuesOf(flags, table));

  const network = await bringUpNetwork.run(options, context);
  await fetchConfiguration.run({ options, network }, context);
  const configuration = await readInstallConfiguration.run(options, context);
  const loadedAtMs = Date.now();
  const further = request.furtherFiles;
  const fetched = await Promise.all(
    (further?.names ?? []).map(async (name) => {
      const content = await readTftpFile({ host: further?.host ?? "", name }, host.clock, signal);
      return [name, digest(content)] as const;
    }),
  );
  const names = (await readdir(request.tftpDirectory)).sort();
  const stored = await Promise.all(
    names.map(async (name) => [name, digest(await readFile(join(request.tftpDirectory, name)))] as const),
  );
  return {
    active: network.active,
    configuration,
    loadedAtMs,
    digests: Object.fromEntries([...stored, ...fetched]),
    resolvConf: await readFile("/etc/resolv.conf", "utf8"),
    hostname: hostname(),
  };
});

/** The same interfaces, of which the named ones, and no others, are hardware. */
function withHardware(real: Interfaces, names: readonly string[]): Interfaces {
  return new Proxy(real, {
    get(target, key) {
      if (key === "list")
        return async () =>
          (await target.list()).map((entry) => ({ ...entry, isPhysical: names.includes(entry.name) }));
      const value: unknown = Reflect.get(target, key);
      // Private fields are the target's own: a method does not work on the proxy.
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function digest(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
