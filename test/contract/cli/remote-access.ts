import { mkdirSync, writeFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { type Observation, startObservation } from "../../../src/cli/daemon/observation.ts";
import { parsePushTargets } from "../../../src/cli/daemon/push.ts";
import { openRemoteAccess, type RemoteAccess } from "../../../src/cli/daemon/remote-access.ts";
import { createFlagCommand, flagValuesOf } from "../../../src/cli/flags/flag-command.ts";
import { type Flags, installerFlags } from "../../../src/cli/flags/installer-flags.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import { RecordingControl } from "../rpc/installer-port.ts";

/** What the files hold that the daemon reads; absent ones do not exist. */
export interface CredentialTexts {
  readonly ca?: string;
  readonly identityCa?: string;
  readonly certificate?: string;
  readonly key?: string;
}

export interface OpenedAccess extends AsyncDisposable {
  readonly access: RemoteAccess;
  readonly port: number;
  readonly observation: Observation;
  readonly control: RecordingControl;
  readonly flags: Flags;
  /** Everything that was written to the console. */
  console(): string;
}

/** The daemon's port with everything behind it, as the daemon itself opens it, on the real machine and without an installation. */
export async function openTestAccess(
  directory: string,
  texts: CredentialTexts,
  changed: Partial<Flags> = {},
): Promise<OpenedAccess> {
  mkdirSync(directory, { recursive: true });
  const file = (name: string, content: string | undefined): string => {
    const path = `${directory}/${name}`;
    if (content !== undefined) writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const table = installerFlags({ effectiveUserId: 0, processId: 1 });
  const flags: Flags = {
    ...flagValuesOf(createFlagCommand(table), table),
    portNum: 0,
    logDir: `${directory}/log`,
    CAfile: file("CA.pem", texts.ca),
    identityCAfile: file("IdentityCA.pem", texts.identityCa),
    certFile: file("cert.pem", texts.certificate),
    keyFile: file("key.pem", texts.key),
    shellCommand: ["/bin/sh", "-i"],
    ...changed,
  };
  const host = createNodeHost();
  const output = new PassThrough();
  let console = "";
  output.setEncoding("utf8").on("data", (text: string) => (console += text));
  const observation = await startObservation(host, flags, output, undefined);
  const control = new RecordingControl();
  const access = await openRemoteAccess({
    flags,
    host,
    observation,
    control,
    pushTargets: parsePushTargets(flags),
    hostname: () => "newborn",
    signal: new AbortController().signal,
  });
  if (access.port === undefined) throw new Error(`the port did not open:\n${console}`);
  return {
    access,
    port: access.port,
    observation,
    control,
    flags,
    console: () => console,
    [Symbol.asyncDispose]: async () => {
      await access[Symbol.asyncDispose]();
      await observation[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    },
  };
}
