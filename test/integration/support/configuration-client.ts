import { join } from "node:path";
import { readConfiguration } from "../../../src/config/read-configuration.ts";
import { writeFetchedFiles } from "../../../src/config/store-files.ts";
import { fetchTftpConfiguration } from "../../../src/config/tftp-source.ts";
import { applyActiveInterface, planFromLease, raiseInterfaces } from "../../../src/network/bring-up.ts";
import { acquireLease } from "../../../src/network/dhcp/acquire.ts";
import { writePacketLog } from "../../../src/network/dhcp/packet-log.ts";
import { readTftpFile } from "../../../src/network/tftp/client.ts";
import { chooseTftpServer } from "../../../src/network/tftp-server-choice.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import { runClientScript } from "./client-script.ts";

/** From an interface without address to a checked configuration; `/etc/resolv.conf` goes to `directory` instead. */
await runClientScript<{ readonly directory: string }>(async ({ directory }, log) => {
  await using host = createNodeHost();
  const { clock, files, interfaces } = host;
  const signal = AbortSignal.timeout(60_000);
  await raiseInterfaces({ interfaces, log }, []);
  const found = (await interfaces.list()).filter(({ name }) => name === "c0");
  const { lease } = await acquireLease({ ...host, log }, { interfaces: found, timeoutMs: 20_000 }, signal);
  const packetLog = await writePacketLog(files, lease, join(directory, "dhcp"));
  const redirected: Pick<typeof files, "writeFileAtomic"> = {
    writeFileAtomic: (_path, content) => files.writeFileAtomic(join(directory, "resolv.conf"), content),
  };
  await applyActiveInterface({ interfaces, files: redirected, log }, planFromLease(lease));
  const server = chooseTftpServer({ flag: "", kernelParameter: undefined, lease });
  const fetchFile = (name: string, stop: AbortSignal): Promise<Buffer> =>
    readTftpFile({ host: server?.host ?? "", name }, clock, stop);
  const fetched = await fetchTftpConfiguration(fetchFile, log, signal);
  const target = join(directory, "tftpdata");
  await writeFetchedFiles(files, target, fetched.files);
  return {
    configuration: await readConfiguration(files, target),
    packetLog,
    resolvConf: await files.readText(join(directory, "resolv.conf")),
    seed: fetched.randomSeed?.toString(),
  };
});
