import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  parseModuleCatalogue,
  planModuleFiles,
  renderAliases,
  renderDependencies,
} from "../../../src/media/kernel-modules.ts";

const DEPENDENCIES = `\
kernel/drivers/md/dm-mod.ko:
kernel/drivers/md/dm-crypt.ko.xz: kernel/crypto/essiv.ko kernel/drivers/md/dm-mod.ko
kernel/crypto/essiv.ko:
kernel/net/8021q/8021q.ko: kernel/net/802/mrp.ko
kernel/net/802/mrp.ko:
`;
const BUILTIN = "kernel/fs/ext4/ext4.ko\nkernel/drivers/rtc/rtc-cmos.ko\n";
const ALIASES = `\
# Aliases extracted from modules themselves.
alias rtnl-link-vlan 8021q
alias dm-crypt-target dm_crypt
alias pci:v00001AF4d*sv*sd*bc*sc*i* virtio_pci
`;

const catalogue = parseModuleCatalogue(DEPENDENCIES, BUILTIN);

describe("planModuleFiles", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["a module without needs", ["essiv"], ["kernel/crypto/essiv.ko"]],
    [
      "a module with dependencies, whatever the dash and the compression",
      ["dm_crypt"],
      ["kernel/crypto/essiv.ko", "kernel/drivers/md/dm-crypt.ko.xz", "kernel/drivers/md/dm-mod.ko"],
    ],
    [
      "shared dependencies once",
      ["dm-mod", "dm-crypt", "dm-mod"],
      ["kernel/crypto/essiv.ko", "kernel/drivers/md/dm-crypt.ko.xz", "kernel/drivers/md/dm-mod.ko"],
    ],
    ["nothing for what is part of the kernel", ["ext4", "rtc_cmos"], []],
    ["nothing for nothing", [], []],
  ])("chooses %s", (_, names, files) => {
    expect(planModuleFiles(catalogue, names)).toEqual(files);
  });

  it("names all modules that this kernel does not know", () => {
    expect(() => planModuleFiles(catalogue, ["ahci", "dm-mod", "e1000"])).toThrow(
      expect.objectContaining({
        code: "E_KERNEL_MODULE",
        message: "looking for kernel modules: ahci, e1000",
      }),
    );
  });
});

describe("the lists of a smaller set of modules", () => {
  const chosen = planModuleFiles(catalogue, ["dm-crypt"]);

  it("keep the dependencies of the chosen files, in the order in which they are loaded", () => {
    expect(renderDependencies(catalogue, chosen)).toBe(`\
kernel/crypto/essiv.ko:
kernel/drivers/md/dm-crypt.ko.xz: kernel/crypto/essiv.ko kernel/drivers/md/dm-mod.ko
kernel/drivers/md/dm-mod.ko:
`);
  });

  it("keep the aliases of the chosen files", () => {
    expect(renderAliases(ALIASES, chosen)).toBe("alias dm-crypt-target dm_crypt\n");
  });
});

it("a rendered list reads back as it was, whatever was chosen", () => {
  const names = [...catalogue.files.keys()];
  fc.assert(
    fc.property(fc.subarray(names), (subset) => {
      const chosen = planModuleFiles(catalogue, subset);
      const again = parseModuleCatalogue(renderDependencies(catalogue, chosen), BUILTIN);
      expect(planModuleFiles(again, subset)).toEqual(chosen);
      expect([...again.dependencies.keys()]).toEqual(chosen);
    }),
    { seed: 20261121, numRuns: 50 },
  );
});
