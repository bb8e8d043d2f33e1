import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BootEntries,
  type BootEntryPlan,
  bootOptionName,
  decodeBootOrder,
  encodeBootOrder,
  parseBootOptionName,
  planBootEntry,
} from "../../../../src/storage/boot/efi-boot-entries.ts";
import {
  END_OF_PATH,
  encodeLoadOption,
  filePathNode,
  hardDriveNode,
  type LoadOption,
} from "../../../../src/storage/boot/efi-load-option.ts";

const option = (description: string, guid = "00".repeat(16)): LoadOption => ({
  attributes: 1,
  description,
  filePath: [
    hardDriveNode({ number: 1, firstLba: 2048n, sectorCount: 262_144n, guid: Buffer.from(guid, "hex") }),
    filePathNode("\\EFI\\BOOT\\BOOTX64.EFI"),
    END_OF_PATH,
  ],
  optionalData: new Uint8Array(),
});

const ours = option("installer: QEMU", "ab".repeat(16));

const entries = (options: Readonly<Record<number, LoadOption>>, order?: readonly number[]): BootEntries => ({
  options: new Map(
    Object.entries(options).map(([number, value]) => [Number(number), encodeLoadOption(value)]),
  ),
  order,
});

/** The firmware after the plan was carried out. */
function apply(found: BootEntries, plan: BootEntryPlan): BootEntries {
  const options = new Map(found.options);
  for (const number of plan.removed) options.delete(number);
  options.set(plan.number, encodeLoadOption(ours));
  return { options, order: plan.order };
}

describe("an entry for a new machine", () => {
  test("goes behind the network, which a fleet boots from first", () => {
    const found = entries({ 0: option("PXE"), 1: option("Shell") }, [0, 1]);
    expect(planBootEntry(found, ours, "last")).toEqual({ number: 2, removed: [], order: [0, 1, 2] });
  });

  test("goes to the front when asked for", () => {
    const found = entries({ 0: option("PXE"), 1: option("Shell") }, [0, 1]);
    expect(planBootEntry(found, ours, "first")).toEqual({ number: 2, removed: [], order: [2, 0, 1] });
  });

  test("makes an order where there is none", () => {
    expect(planBootEntry(entries({}), ours, "last")).toEqual({ number: 0, removed: [], order: [0] });
  });

  test("takes no number that the order lists for a variable which is gone", () => {
    expect(planBootEntry(entries({ 1: option("PXE") }, [0, 1]), ours, "last")).toEqual({
      number: 2,
      removed: [],
      order: [0, 1, 2],
    });
  });
});

describe("installing again", () => {
  test("re-uses the number and keeps the place", () => {
    const found = entries({ 0: option("PXE"), 3: option("installer: old"), 4: option("Shell") }, [3, 0, 4]);
    expect(planBootEntry(found, ours, "last")).toEqual({ number: 3, removed: [], order: [3, 0, 4] });
  });

  test("moves it to the front when asked for", () => {
    const found = entries({ 0: option("PXE"), 3: option("installer: old") }, [0, 3]);
    expect(planBootEntry(found, ours, "first")).toEqual({ number: 3, removed: [], order: [3, 0] });
  });

  test("removes what earlier installations piled up, and nothing else", () => {
    const found = entries(
      { 0: option("installer: a"), 1: option("PXE"), 2: option("installer: b"), 5: option("installer: c") },
      [1, 5, 0, 2],
    );
    expect(planBootEntry(found, ours, "last")).toEqual({ number: 5, removed: [0, 2], order: [1, 5] });
  });

  test("replaces an entry for the same partition, whatever it is called", () => {
    const found = entries({ 0: option("PXE"), 7: option("UEFI OS", "ab".repeat(16)) }, [0, 7]);
    expect(planBootEntry(found, ours, "last")).toEqual({ number: 7, removed: [], order: [0, 7] });
  });

  test("appends an entry of ours that was in no order", () => {
    const found = entries({ 0: option("PXE"), 2: option("installer: a") }, [0]);
    expect(planBootEntry(found, ours, "last")).toEqual({ number: 2, removed: [], order: [0, 2] });
  });
});

test("a description that only contains our prefix is somebody else's", () => {
  const found = entries({ 0: option("my installer: x"), 1: option("installer") }, [0, 1]);
  expect(planBootEntry(found, ours, "last")?.number).toBe(2);
});

test("variables that are no load options are left alone", () => {
  const found: BootEntries = { options: new Map([[0, Buffer.from("installer: ")]]), order: [0] };
  expect(planBootEntry(found, ours, "last")).toEqual({ number: 1, removed: [], order: [0, 1] });
});

test("no number is free", () => {
  const order = Array.from({ length: 0x10000 }, (_, index) => index);
  expect(planBootEntry({ options: new Map(), order }, ours, "last")).toBeUndefined();
});

describe("for any firmware", () => {
  const number = fc.nat(12);
  const firmware = fc
    .record({
      options: fc.array(fc.tuple(number, fc.constantFrom("PXE", "Shell", "installer: a", "installer: b")), {
        maxLength: 8,
      }),
      order: fc.option(fc.array(number, { maxLength: 12 }), { nil: undefined }),
    })
    .map(({ options, order }) =>
      entries(Object.fromEntries(options.map(([index, name]) => [index, option(name)])), order),
    );
  const place = fc.constantFrom("last" as const, "first" as const);

  test("there is one entry of ours afterwards, listed once; others keep their content and their order", () => {
    fc.assert(
      fc.property(firmware, place, (found, where) => {
        const plan = planBootEntry(found, ours, where);
        if (plan === undefined) throw new Error("numbers are free");
        const after = apply(found, plan);
        const isOurs = (bytes: Uint8Array) =>
          Buffer.from(bytes).includes(Buffer.from("installer: ", "utf16le"));
        expect([...after.options.values()].filter(isOurs)).toHaveLength(1);
        expect(plan.order.filter((listed) => listed === plan.number)).toHaveLength(1);
        for (const [index, bytes] of found.options)
          if (!isOurs(bytes)) expect(after.options.get(index)).toBe(bytes);
        const foreign = (order: readonly number[]) =>
          order.filter((listed) => listed !== plan.number && !plan.removed.includes(listed));
        expect(foreign(plan.order)).toEqual(foreign(found.order ?? []));
      }),
    );
  });

  test("a second time changes nothing", () => {
    fc.assert(
      fc.property(firmware, place, (found, where) => {
        const first = planBootEntry(found, ours, where);
        if (first === undefined) throw new Error("numbers are free");
        expect(planBootEntry(apply(found, first), ours, where)).toEqual({ ...first, removed: [] });
      }),
    );
  });
});

describe("names and order as efivarfs has them", () => {
  const guid = "8be4df61-93ca-11d2-aa0d-00e098032b8c";

  test("names", () => {
    expect(bootOptionName(0x1a)).toBe(`Boot001A-${guid}`);
    expect(parseBootOptionName(`Boot001A-${guid}`)).toBe(0x1a);
    for (const other of ["BootOrder", "Boot001a", "Boot01", "Boot00001", "xBoot0001"])
      expect(parseBootOptionName(`${other}-${guid}`)).toBeUndefined();
    expect(parseBootOptionName("Boot0001-00000000-93ca-11d2-aa0d-00e098032b8c")).toBeUndefined();
  });

  test("order", () => {
    expect(encodeBootOrder([1, 0x1234]).toString("hex")).toBe("01003412");
    expect(decodeBootOrder(Buffer.from("01003412", "hex"))).toEqual([1, 0x1234]);
    expect(decodeBootOrder(Buffer.from("010034", "hex"))).toEqual([1]);
    expect(decodeBootOrder(Buffer.alloc(0))).toEqual([]);
  });
});
