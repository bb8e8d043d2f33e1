import { describe, expect, it } from "vitest";
import type { Configuration } from "../../../src/config/read-configuration.ts";
import { InstallerError } from "../../../src/core/errors.ts";
import type { RunStep, Step } from "../../../src/engine/step.ts";
import { type InstallInput, install, planInstallation } from "../../../src/steps/install.ts";
import type { InstallOptions } from "../../../src/steps/install-options.ts";
import { INSTALL_OPTIONS } from "./install-fixtures.ts";

const CONFIGURATION: Configuration = {
  machine: { hostname: "host", gatewaySubnetId: "", entries: [], subnets: [] },
  imageName: "debian/1",
  toolsImageName: "",
  storageLayout: {
    bootDriveLayout: [],
    extraMountPointsBasename: "/data/",
    encrypt: false,
    useKexec: false,
    mountBy: "label",
  },
  warnings: [],
};

/** The outline of ARCHITECTURE.md, "The life of one installation". */
const DECISIONS = [
  "bring-up-network",
  "fetch-configuration",
  "read-configuration",
  "plan-network",
  "find-drives",
  "fetch-image-metadata",
  "plan-storage",
  "check-images",
];
const PREPARATIONS = [
  "reuse-objects",
  "reuse-old-root",
  "download-objects",
  "make-tools-root",
  "make-disk-key",
  "release-drives",
  "prove-drives-idle",
];
const CHANGES = [
  "prepare-drives",
  "unpack-image",
  "write-system-files",
  "configure-network",
  "copy-logs",
  "install-boot-loader",
  "unmount-target",
];

interface Recording {
  readonly run: RunStep;
  readonly ids: string[];
  readonly destructive: string[];
}

/** Runs nothing: notes the step and answers with what the procedure itself looks into. */
function recordingRunner(configuration: Configuration, failAt?: string): Recording {
  const ids: string[] = [];
  const destructive: string[] = [];
  const outputs: Readonly<Record<string, unknown>> = {
    "bring-up-network": { active: { interfaceName: "eth0" }, interfaces: [] },
    "read-configuration": configuration,
    "fetch-image-metadata": { server: {}, target: { name: "debian/1" }, tools: { name: "debian/1" } },
    "plan-storage": { storage: {}, boot: {} },
  };
  const run = async <Input, Output>(step: Step<Input, Output>): Promise<Output> => {
    ids.push(step.id);
    if (step.destructive) destructive.push(step.id);
    if (step.id === failAt) throw new InstallerError("E_TIMEOUT", "made to fail");
    return outputs[step.id] as Output;
  };
  return { run, ids, destructive };
}

function input(options: Partial<InstallOptions> = {}, clockChanged = false): InstallInput {
  return {
    options: { ...INSTALL_OPTIONS, ...options },
    connector: {
      connect: () => Promise.reject(new Error("not in this test")),
      objectSource: () => {
        throw new Error("not in this test");
      },
    },
    clock: { changed: clockChanged },
    announcePlan: () => undefined,
    syncLog: () => Promise.resolve(undefined),
  };
}

describe("install", () => {
  it("runs the steps of the published outline", async () => {
    const { run, ids } = recordingRunner(CONFIGURATION);
    await expect(install(run, input())).resolves.toBe("default");
    expect(ids).toEqual([...DECISIONS, ...PREPARATIONS, ...CHANGES, "notify-completion"]);
  });

  it("changes no drive before the drives are proven idle, and the boot loader is the last write", async () => {
    const { run, destructive } = recordingRunner(CONFIGURATION);
    await install(run, input());
    expect(destructive).toEqual(CHANGES);
  });

  it.each([...DECISIONS, ...PREPARATIONS])("has changed nothing when %s fails", async (id) => {
    const { run, destructive } = recordingRunner(CONFIGURATION, id);
    await expect(install(run, input())).rejects.toMatchObject({ code: "E_TIMEOUT" });
    expect(destructive).toEqual([]);
  });

  it.each(CHANGES.slice(0, -2))("never reaches the boot loader when %s fails", async (id) => {
    const { run, ids } = recordingRunner(CONFIGURATION, id);
    await expect(install(run, input())).rejects.toMatchObject({ code: "E_TIMEOUT" });
    expect(ids).not.toContain("install-boot-loader");
  });

  it("sets the hardware clock only when the clock was wrong", async () => {
    const { run, ids } = recordingRunner(CONFIGURATION);
    await install(run, input({}, true));
    expect(ids).toContain("write-hardware-clock");
  });

  it.each([
    ["an empty image name", { ...CONFIGURATION, imageName: "" }, {}],
    ["-skipStorage", CONFIGURATION, { skipStorage: true }],
  ])("leaves the drives alone with %s", async (_what, configuration, options) => {
    const { run, ids, destructive } = recordingRunner(configuration);
    await install(run, input(options));
    expect(ids).toEqual([...DECISIONS.slice(0, 3), "notify-completion"]);
    expect(destructive).toEqual([]);
  });

  it("does not configure the network with -skipNetwork", async () => {
    const { run, ids } = recordingRunner(CONFIGURATION);
    await install(run, input({ skipNetwork: true }));
    expect(ids).not.toContain("plan-network");
    expect(ids).not.toContain("configure-network");
  });

  it("leaves the planning of the network to -networkConfigurator", async () => {
    const { run, ids } = recordingRunner(CONFIGURATION);
    await install(run, input({ networkConfigurator: "/usr/local/bin/configure" }));
    expect(ids).not.toContain("plan-network");
    expect(ids).toContain("configure-network");
  });

  it("restarts by kexec when the layout asks for it", async () => {
    const storageLayout = {
      bootDriveLayout: [],
      extraMountPointsBasename: "",
      encrypt: false,
      useKexec: true,
      mountBy: "label" as const,
    };
    const { run } = recordingRunner({ ...CONFIGURATION, storageLayout });
    await expect(install(run, input())).resolves.toBe("kexec");
  });

  it("needs a storage layout when there is an image", async () => {
    const { storageLayout: _, ...withoutLayout } = CONFIGURATION;
    const { run, ids } = recordingRunner(withoutLayout);
    await expect(install(run, input())).rejects.toMatchObject({ code: "E_CONFIG_MISSING" });
    expect(ids).not.toContain("find-drives");
  });
});

describe("planInstallation (dry run)", () => {
  it("decides everything and runs no step that changes a drive", async () => {
    const { run, ids, destructive } = recordingRunner(CONFIGURATION);
    await planInstallation(run, input());
    expect(ids).toEqual(DECISIONS);
    expect(destructive).toEqual([]);
  });
});
