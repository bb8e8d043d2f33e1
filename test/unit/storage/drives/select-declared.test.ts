import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InstallerError } from "../../../../src/core/errors.ts";
import type { CountedDriveSelector, DriveSelector } from "../../../../src/storage/drives/drive-selector.ts";
import type { Drive } from "../../../../src/storage/drives/drives.ts";
import { selectDeclared } from "../../../../src/storage/drives/select-declared.ts";
import type { DriveReport } from "../../../../src/storage/drives/survey-drives.ts";
import { drive, GIB } from "../plan/plan-fixtures.ts";

function report(name: string, changes: Partial<Drive> = {}, reason?: string): DriveReport {
  return { name, drive: drive(name, changes), reason, removable: false, readOnly: false };
}

/** A boot USB stick, two of equal size, members of LVM and ZFS, a small NVMe, and one that cannot be read. */
const machine: readonly DriveReport[] = [
  report("sda", { serial: "USB1", sizeBytes: 8 * GIB, transport: "usb" }, "removable device"),
  report("sdb", { serial: "A1", model: "DISK", transport: "sata", path: "pci-0000:00:1f.2-ata-1" }),
  report("sdc", { serial: "A2", model: "DISK", transport: "sata", path: "pci-0000:00:1f.2-ata-2" }),
  report("sdd", { serial: "L1", sizeBytes: 20 * GIB, transport: "sata" }),
  report("sde", { serial: "Z1", sizeBytes: 30 * GIB, transport: "sata" }),
  report("nvme0n1", { serial: "N1", sizeBytes: 4 * GIB, transport: "nvme" }),
  { name: "sdf", drive: undefined, reason: "unreadable device", removable: false, readOnly: false },
];
const members = new Map([
  ["sdd", "LVM group vg0"],
  ["sde", "ZFS pool tank"],
]);

const select = (bootDrive: DriveSelector, ...dataDrives: readonly CountedDriveSelector[]) =>
  selectDeclared(machine, { bootDrive, dataDrives }, members).map(({ name }) => name);

const failure = (
  bootDrive: DriveSelector,
  ...dataDrives: readonly CountedDriveSelector[]
): InstallerError => {
  try {
    throw new Error(`selected ${select(bootDrive, ...dataDrives).join(" ")}`);
  } catch (error) {
    if (error instanceof InstallerError) return error;
    throw error;
  }
};

describe("an exact selection", () => {
  test.each<[DriveSelector, string]>([
    [{ serial: "A2" }, "sdc"],
    [{ transport: "nvme" }, "nvme0n1"],
    [{ model: "DISK", path: "pci-0000:00:1f.2-ata-1" }, "sdb"],
    [{ maximumBytes: 5 * GIB }, "nvme0n1"],
    [{ serial: "L1" }, "sdd"],
    [{ serial: "Z1", transport: "sata" }, "sde"],
  ])("by %j takes %s and no other drive", (bootDrive, name) => {
    expect(select(bootDrive)).toEqual([name]);
  });

  test("takes data drives in the order of their selectors, those of one in bus order", () => {
    expect(select({ serial: "N1" }, { serial: "L1", count: 1 }, { model: "DISK", count: 2 })).toEqual([
      "nvme0n1",
      "sdd",
      "sdb",
      "sdc",
    ]);
  });

  test("takes no drive twice: one that is selected does not count for later selectors", () => {
    expect(select({ serial: "A1" }, { model: "DISK", count: 1 })).toEqual(["sdb", "sdc"]);
  });
});

test("a selector that matches nothing does not fall back to another drive", () => {
  const error = failure({ serial: "A3", transport: "sata" });
  expect(error.code).toBe("E_DRIVE_SELECTION");
  expect(error.message.split("\n")).toEqual([
    'BootDrive in storage-layout.json (Serial "A3", Transport sata) has to match exactly 1 drive and matches none',
    '  sda 8 GiB, model "", serial "USB1", path unknown: cannot be used: removable device',
    '  sdb 16 GiB, model "DISK", serial "A1", path pci-0000:00:1f.2-ata-1: no match: Serial is "A1"',
    '  sdc 16 GiB, model "DISK", serial "A2", path pci-0000:00:1f.2-ata-2: no match: Serial is "A2"',
    '  sdd 20 GiB, model "", serial "L1", path unknown: no match: Serial is "L1"',
    '  sde 30 GiB, model "", serial "Z1", path unknown: no match: Serial is "Z1"',
    '  nvme0n1 4 GiB, model "", serial "N1", path unknown: no match: Serial is "N1", Transport is nvme',
    "  sdf: cannot be used: unreadable device",
  ]);
});

test("a selector that matches two drives takes neither", () => {
  const error = failure({ model: "DISK" });
  expect(error.message).toContain("has to match exactly 1 drive and matches 2\n");
  expect(error.message.match(/: matches$/gm)).toHaveLength(2);
});

test("the medium that was booted is not taken, not even by its serial number", () => {
  const error = failure({ serial: "USB1" });
  expect(error.message).toContain("and matches none\n");
  expect(error.message).toContain(
    'sda 8 GiB, model "", serial "USB1", path unknown: matches, but cannot be used: removable device',
  );
});

describe("a member of something larger", () => {
  test.each<[DriveSelector, string]>([
    [{ minimumBytes: 20 * GIB, maximumBytes: 20 * GIB }, "LVM group vg0"],
    [{ minimumBytes: 30 * GIB }, "ZFS pool tank"],
  ])("is not taken by %j", (bootDrive, member) => {
    const error = failure(bootDrive);
    expect(error.message).toContain("and matches 1, 1 of them not to be taken without being named\n");
    expect(error.message).toContain(
      `: matches, but is a member of ${member}; name it by Serial, Wwn or Path`,
    );
  });

  test("does not make an ambiguous selector exact by being left out", () => {
    expect(failure({ transport: "sata" }, { model: "DISK", count: 2 }).message).toContain(
      "and matches 4, 2 of them",
    );
    const pair = [report("sdb", { transport: "sata" }), report("sdd", { transport: "sata" })];
    expect(() => selectDeclared(pair, { bootDrive: { transport: "sata" }, dataDrives: [] }, members)).toThrow(
      expect.objectContaining({ code: "E_DRIVE_SELECTION" }) as Error,
    );
  });
});

test.each([1, 3])("two drives are not taken when %i are asked for", (count) => {
  const error = failure({ serial: "N1" }, { model: "DISK", count });
  expect(error.message).toMatch(
    new RegExp(
      `^DataDrives\\[0\\] in storage-layout.json \\(Model "DISK"\\) has to match exactly ${count} drives? and matches 2\\n`,
    ),
  );
  expect(error.message).toContain('serial "N1", path unknown: already selected by BootDrive');
});

test("a selector that says nothing does not mean every drive", () => {
  expect(failure({}).message).toBe("BootDrive in storage-layout.json does not say which drive is meant");
  expect(failure({ serial: "A1" }, { count: 4 }).message).toBe(
    "DataDrives[0] in storage-layout.json does not say which drive is meant",
  );
  const one = [report("sda")];
  expect(() => selectDeclared(one, { bootDrive: {}, dataDrives: [] }, new Map())).toThrow(InstallerError);
});

test("a machine without drives says so", () => {
  expect(() => selectDeclared([], { bootDrive: { serial: "S" }, dataDrives: [] }, new Map())).toThrow(
    expect.objectContaining({ code: "E_NO_DRIVES" }) as Error,
  );
});

describe("whatever the machine and the selectors", () => {
  const transports = fc.constantFrom("nvme" as const, "sata" as const);
  const words = fc.constantFrom("", "A", "B");
  const criteria = fc.record({
    serial: words,
    wwn: words,
    model: words,
    path: words,
    minimumBytes: fc.nat(3),
    maximumBytes: fc.nat(3),
    transport: transports,
    rotational: fc.boolean(),
  });
  const keys = [
    "serial",
    "wwn",
    "model",
    "path",
    "minimumBytes",
    "maximumBytes",
    "transport",
    "rotational",
  ] as const;
  const selector = fc
    .tuple(criteria, fc.subarray([...keys], { maxLength: 2 }))
    .map(([values, chosen]): DriveSelector => Object.fromEntries(chosen.map((key) => [key, values[key]])));
  const counted = fc
    .tuple(selector, fc.integer({ min: 1, max: 3 }))
    .map(([rest, count]) => ({ ...rest, count }));
  const state = fc.record({
    identity: fc.record({
      serial: words,
      wwn: words,
      model: words,
      path: words,
      sizeBytes: fc.nat(3),
      transport: transports,
      rotational: fc.boolean(),
    }),
    reason: fc.option(fc.constant("removable device"), { nil: undefined, freq: 3 }),
    isMember: fc.boolean(),
  });

  /** The rule once more, without any of the code under test. */
  const meets = (found: Drive, wanted: DriveSelector): boolean =>
    (["serial", "wwn", "model", "path"] as const).every(
      (key) => wanted[key] === undefined || (found[key] !== "" && found[key] === wanted[key]),
    ) &&
    found.sizeBytes >= (wanted.minimumBytes ?? 0) &&
    found.sizeBytes <= (wanted.maximumBytes ?? Number.POSITIVE_INFINITY) &&
    (wanted.transport ?? found.transport) === found.transport &&
    (wanted.rotational ?? found.rotational) === found.rotational;

  test("each drive taken is what its selector says, usable, taken once, and nothing is taken unless the match is exact", () => {
    let exact = 0;
    fc.assert(
      fc.property(
        fc.array(state, { maxLength: 5 }),
        selector,
        fc.array(counted, { maxLength: 1 }),
        (states, bootDrive, dataDrives) => {
          const reports = states.map(({ identity, reason }, index) => report(`sd${index}`, identity, reason));
          const memberOf = new Map(
            states.flatMap(({ isMember }, index) => (isMember ? [[`sd${index}`, "a pool"]] : [])),
          );
          const rules = [{ ...bootDrive, count: 1 }, ...dataDrives];

          let free = reports
            .filter(({ reason }) => reason === undefined)
            .flatMap(({ drive: found }) => found ?? []);
          const expected: string[] = [];
          let isExact = true;
          for (const { count, ...rule } of rules) {
            const matching = free.filter((found) => meets(found, rule));
            const isNamed = rule.serial !== undefined || rule.wwn !== undefined || rule.path !== undefined;
            isExact &&=
              Object.keys(rule).length > 0 &&
              matching.length === count &&
              (isNamed || !matching.some(({ name }) => memberOf.has(name)));
            expected.push(...matching.map(({ name }) => name));
            free = free.filter((found) => !matching.includes(found));
          }

          const run = () =>
            selectDeclared(reports, { bootDrive, dataDrives }, memberOf).map(({ name }) => name);
          if (isExact) {
            exact++;
            expect(run()).toEqual(expected);
          } else expect(run).toThrow(InstallerError);
        },
      ),
      { seed: 1, numRuns: 3000 },
    );
    expect(exact).toBeGreaterThan(100);
  });
});
