import { editCrypttab, editFile, rewriteMeaning } from "./storage-edit.ts";
import { bootDriveOf } from "./storage-layout-facts.ts";
import type { Meaning } from "./storage-meaning.ts";
import type { StorageRule } from "./storage-rules.ts";
import { isEfiMapping } from "./storage-rules-target.ts";

const MSDOS_PARTITIONS = 4;
const MSDOS_SECTORS = 2 ** 32;

/** Where the original's erasing is not what the rule replaces (spec/storage.md section 8.2); undefined when it is. */
function findErasingFault({ drives, volumes, erased }: Meaning): string | undefined {
  const ownDrive = (device: string) => [...drives].find(([drive]) => device.startsWith(drive))?.[1];
  const isKept = (steps: readonly string[] | undefined): boolean => steps?.includes("discard fails") === true;
  const expected = [
    ...[...drives]
      .filter(([, { table, steps }]) => table !== undefined && isKept(steps))
      .map(([device]) => device),
    ...[...volumes].flatMap(([device, { opening, steps }]) => {
      if (!steps.some((step) => step.startsWith("make"))) return [];
      if (opening !== undefined) return [`/dev/mapper/${opening["mapping"]}`];
      return isKept(ownDrive(device)?.steps) ? [device] : [];
    }),
  ];
  const missing = expected.find((device) => !erased.includes(device));
  if (missing !== undefined) return `the recording does not erase ${missing}`;
  const known = new Set([
    ...expected,
    ...[...volumes.values()].map(({ opening }) => `/dev/mapper/${opening?.["mapping"]}`),
    ...volumes.keys(),
  ]);
  const extra = erased.find((device) => !known.has(device));
  return extra === undefined ? undefined : `the recording erases ${extra}`;
}

/** Rules about partitions, encryption and file-systems. */
export const MAKE_RULES: readonly StorageRule[] = [
  {
    id: "R-STO-PARTITION-NAMES",
    apply(expectation, context) {
      const drive = bootDriveOf(context);
      const { meaning } = expectation;
      if (drive === undefined || meaning === undefined || !/\d$/.test(drive)) return false;
      const wrong = new RegExp(`\\b${drive}(\\d+)$`);
      if (![...meaning.volumes.keys()].some((device) => wrong.test(device))) return false;
      const rewrite = (text: string): string => text.replace(wrong, `${drive}p$1`);
      rewriteMeaning(meaning, rewrite);
      editCrypttab(expectation, (fields) => fields.map(rewrite));
      return true;
    },
  },
  {
    id: "R-STO-GPT-ON-BIOS",
    apply(expectation, context) {
      const { vector } = context;
      const drive = bootDriveOf(context);
      const made = expectation.meaning?.drives.get(`/dev/${drive}`);
      const sectors = Number(vector.drives.find(({ name }) => name === drive)?.sizeSectors ?? 0);
      if (vector.efi || made?.table === undefined) return false;
      const { partitions, flags } = made.table;
      if (partitions.length <= MSDOS_PARTITIONS && sectors <= MSDOS_SECTORS) return false;
      const shift = (place: string): string => (place === "end" ? place : String(Number(place) + 1));
      const number = partitions.length + 1;
      made.table = {
        type: "gpt",
        partitions: [
          ...partitions.map(({ start, end, type }) => ({ start: shift(start), end: shift(end), type })),
          { start: "1", end: "2", type: "" },
        ],
        flags: [
          ...flags.filter((flag) => !flag.startsWith("set ")),
          `set ${number} bios_grub on`,
          "disk_set pmbr_boot on",
        ],
      };
      for (const path of ["boot/grub/grub.cfg", "boot/grub2/grub.cfg"])
        editFile(expectation, path, (text) => text.replace("part_msdos", "part_gpt"));
      return true;
    },
  },
  {
    id: "R-STO-LUKS2",
    apply(expectation) {
      let applied = false;
      for (const volume of expectation.meaning?.volumes.values() ?? []) {
        if (volume.encryption === undefined) continue;
        volume.encryption = { ...volume.encryption, "--type": "luks2", "--batch-mode": "yes" };
        applied = true;
      }
      return applied;
    },
  },
  {
    id: "R-STO-ERASED",
    // What this program erases is not part of the meaning: findEraseFault looks at it in every case.
    apply(expectation) {
      if (expectation.meaning === undefined) return false;
      expectation.fault = findErasingFault(expectation.meaning);
      return expectation.meaning.drives.size > 0;
    },
  },
  {
    id: "R-STO-MOUNT-ERRORS",
    apply(expectation, { recorded }) {
      const inTools = (recorded.before ?? []).find(({ mount = "", bind, result }) => {
        const isOldRoot = bind === undefined && mount.startsWith("/dev/");
        return result !== undefined && result !== "ok" && (mount !== "" || bind !== undefined) && !isOldRoot;
      });
      const failed = inTools ?? expectation.meaning?.failedMounts[0];
      if (recorded.error === undefined || failed?.on === undefined) return false;
      // That the EFI partition has no mapping is another rule's matter.
      if ("source" in failed && isEfiMapping(failed)) return false;
      expectation.error = { text: failed.on };
      expectation.hasLargeDrives ||= inTools !== undefined;
      expectation.isPartial = true;
      return true;
    },
  },
  {
    id: "R-STO-CANCEL-OTHERS",
    apply(expectation, { recorded }) {
      const program = /^error running: (\S+?):/.exec(recorded.error ?? "")?.[1];
      if (program === undefined || expectation.meaning === undefined) return false;
      expectation.error = { text: program };
      expectation.isPartial = true;
      return true;
    },
  },
];
