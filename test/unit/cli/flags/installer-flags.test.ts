import { describe, expect, it } from "vitest";

import type { FlagTable } from "../../../../src/cli/flags/flag-table.ts";
import { FLAG_TYPES, formatFlagValue } from "../../../../src/cli/flags/flag-types.ts";
import { installerFlags } from "../../../../src/cli/flags/installer-flags.ts";

const ROOT: FlagTable = installerFlags({ effectiveUserId: 0, processId: 42 });

/** Name, type word, printed default: every row of spec/cli.md section 6, and those that are ours (docs/differences.md, CLI-9). */
const EXPECTED = [
  ["CAfile", "string", "/etc/ssl/CA.pem"],
  ["alsoLogToStderr", "", "false"],
  ["certFile", "string", "/etc/ssl/installer/cert.pem"],
  ["completionNotifier", "string", ""],
  ["configurationBaseUrl", "string", ""],
  ["configurationLoader", "string", ""],
  ["cpuProfileFilename", "string", ""],
  ["dhcpTimeout", "duration", "5m0s"],
  ["driveSelector", "string", ""],
  ["dryRun", "", "false"],
  ["efiBootEntry", "value", "last"],
  ["eventUrl", "string", ""],
  ["generateMissingWebcert", "", "false"],
  ["identityCAfile", "string", "/etc/ssl/IdentityCA.pem"],
  ["idleMarkTimeout", "duration", "0s"],
  ["imageServerHostname", "string", ""],
  ["imageServerPortNum", "uint", "6971"],
  ["insecure", "", "false"],
  ["keyFile", "string", "/etc/ssl/installer/key.pem"],
  ["logDebugLevel", "int", "-1"],
  ["logDir", "string", "/var/log/installer"],
  ["logFileMaxSize", "value", "10MiB"],
  ["logQuota", "value", "100MiB"],
  ["logbufLines", "uint", "1024"],
  ["mountPoint", "string", "/mnt"],
  ["networkConfigurator", "string", ""],
  ["networkRenderer", "value", "auto"],
  ["portNum", "uint", "6978"],
  ["procDirectory", "string", "/proc"],
  ["shellCommand", "value", "/bin/busybox,sh,-i"],
  ["skipNetwork", "", "false"],
  ["skipStorage", "", "false"],
  ["srpcClientDoNotUseMethodPowers", "", "false"],
  ["srpcDefaultConnectTimeout", "duration", "15s"],
  ["srpcDefaultKeepAlivePeriod", "duration", "5m0s"],
  ["srpcDefaultTlsHandshakeTimeout", "duration", "1m0s"],
  ["srpcProxy", "string", ""],
  ["srpcTrustVmOwners", "", "true"],
  ["srpcTrustedGroups", "value", ""],
  ["srpcTrustedUsers", "value", ""],
  ["srpcUnixSocketPath", "string", "@SRPC.42"],
  ["statusAccess", "value", "open"],
  ["sysfsDirectory", "string", "/sys"],
  ["syslog", "string", ""],
  ["tftpDirectory", "string", "/tftpdata"],
  ["tftpServerHostname", "string", ""],
  ["tmpRoot", "string", "/tmproot"],
  ["version", "", "false"],
];

describe("installerFlags", () => {
  it("declares every flag of the original, with its type and default", () => {
    const found = Object.entries(ROOT).map(([name, spec]) => [
      name,
      FLAG_TYPES[spec.type].word,
      formatFlagValue(spec.type, spec.default),
    ]);
    expect(found).toEqual(EXPECTED);
  });

  it("is a dry run unless run by root", () => {
    expect(ROOT["dryRun"]?.default).toBe(false);
    expect(installerFlags({ effectiveUserId: 1000, processId: 1 }).dryRun.default).toBe(true);
  });

  it("reads back every printed default", () => {
    for (const spec of Object.values(ROOT)) {
      const text = formatFlagValue(spec.type, spec.default);
      expect(FLAG_TYPES[spec.type].parse(text)).toEqual(spec.default);
    }
  });

  it("takes no place in the boot order that it does not know", () => {
    const { parse } = FLAG_TYPES.bootEntryPlace;
    expect(["last", "first", "none"].map(parse)).toEqual(["last", "first", "none"]);
    for (const text of ["", "Last", "second", "0"])
      expect(() => parse(text)).toThrow(expect.objectContaining({ code: "E_VALUE_SYNTAX" }));
  });

  it.each(Object.entries(ROOT))("describes -%s in one line", (_name, spec) => {
    expect(spec.description).toMatch(/^[A-Z][^\n`]+[^.\n`]$/);
  });
});
