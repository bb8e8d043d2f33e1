/** What a command does, in words that do not depend on how it is spelt; keys and values are free of order. */
export type Facts = Readonly<Record<string, string>>;

export interface TablePartition {
  /** In MiB. */
  readonly start: string;
  /** In MiB, or `end`. */
  readonly end: string;
  /** What parted calls the type of the file-system; "" when none is given. */
  readonly type: string;
}

export interface PartitionTable {
  readonly type: string;
  readonly partitions: readonly TablePartition[];
  /** `1 boot on` */
  readonly flags: readonly string[];
}

/** The meaning of one command line; `device` is what it works on. Words that nobody knows become facts of their own. */
export type CommandMeaning =
  | { readonly kind: "discard"; readonly device: string }
  | { readonly kind: "table"; readonly device: string; readonly table: PartitionTable }
  | { readonly kind: "encrypt" | "make"; readonly device: string; readonly facts: Facts }
  | { readonly kind: "open"; readonly device: string; readonly mapping: string; readonly facts: Facts }
  | { readonly kind: "close"; readonly mapping: string }
  | { readonly kind: "boot loader" | "kexec"; readonly facts: Facts }
  | { readonly kind: "other"; readonly program: string };

/** Parses the commands that change a drive or load a kernel; everything else is `other`. */
export function parseCommand(argv: readonly string[], chroot = ""): CommandMeaning {
  const [program = "", ...args] = argv;
  const name = program.split("/").at(-1) ?? "";
  if (name === "blkdiscard") return { kind: "discard", device: args.join(" ") };
  if (name === "parted") return parseParted(args, chroot);
  if (name === "cryptsetup") return parseCryptsetup(args, chroot);
  if (/^(mkfs\.\w+|mkswap)$/.test(name)) return parseMake(name, args, chroot);
  if (/^grub2?-install$/.test(name)) return parseGrubInstall(program, args, chroot);
  if (name === "kexec") return { kind: "kexec", facts: { root: chroot, ...readOptions(args, ["-l"]).facts } };
  return { kind: "other", program: name };
}

interface Words {
  readonly facts: Facts;
  readonly rest: readonly string[];
}

/** Splits words into options (`--key=value`, `-k value` for those in `withValue`, `-k`) and the rest. */
function readOptions(args: readonly string[], withValue: readonly string[]): Words {
  const facts: Record<string, string> = {};
  const rest: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    const equals = word.indexOf("=");
    if (!word.startsWith("-")) rest.push(word);
    else if (word.startsWith("--") && equals > 0) facts[word.slice(0, equals)] = word.slice(equals + 1);
    else facts[word] = withValue.includes(word) ? (args[++at] ?? "") : "yes";
  }
  return { facts, rest };
}

function parseParted(args: readonly string[], chroot: string): CommandMeaning {
  const { facts, rest } = readOptions(args, ["-a"]);
  const [device = "", ...words] = rest;
  const flags = Object.entries({ root: chroot, ...facts }).map(([key, value]) => `option ${key} ${value}`);
  const partitions: TablePartition[] = [];
  let type = "";
  for (let at = 0; at < words.length; ) {
    const verb = words[at++] ?? "";
    const take = (count: number): readonly string[] => words.slice(at, (at += count));
    if (verb === "mklabel") type = take(1).join(" ");
    else if (verb === "mkpart") {
      const hasType = !/^\d/.test(words[at + 1] ?? "0");
      const [name = "", ...place] = take(hasType ? 4 : 3);
      const [start = "", end = ""] = place.slice(-2);
      if (name !== "primary") flags.push(`name ${partitions.length + 1} ${name}`);
      const partedType = hasType ? (place[0] ?? "") : "";
      partitions.push({ start: inMebibytes(start), end: inMebibytes(end), type: partedType });
    } else flags.push(`${verb} ${take(verb === "set" ? 3 : 2).join(" ")}`);
  }
  return { kind: "table", device, table: { type, partitions, flags: flags.toSorted() } };
}

const MIB = 2 ** 20;
const UNITS: Readonly<Record<string, number>> = { B: 1, s: 512, KiB: 2 ** 10, MiB: MIB, GiB: 2 ** 30 };

function inMebibytes(position: string): string {
  if (position === "100%") return "end";
  const [, digits = "", unit = ""] = /^([\d.]+)(\w+)$/.exec(position) ?? [];
  const factor = UNITS[unit];
  return factor === undefined ? position : String((Number(digits) * factor) / MIB);
}

const CRYPTSETUP_VALUES = [
  "--key-file",
  "--cipher",
  "--key-size",
  "--hash",
  "--iter-time",
  "--type",
  "--uuid",
];

function parseCryptsetup(args: readonly string[], root: string): CommandMeaning {
  // Values may be their own words (`--cipher X`), which readOptions takes as such, or joined by `=`.
  const { facts, rest } = readOptions(args, [...CRYPTSETUP_VALUES, "--label", "--pbkdf", "--sector-size"]);
  const [action = "", device = "", mapping = ""] = rest;
  const all = { root, ...facts };
  if (action === "luksFormat") return { kind: "encrypt", device, facts: all };
  if (action === "open" || action === "luksOpen") return { kind: "open", device, mapping, facts: all };
  if (action === "close" || action === "luksClose") return { kind: "close", mapping: device };
  return { kind: "other", program: `cryptsetup ${action}` };
}

const MAKE_NAMES: Readonly<Record<string, string>> = {
  "-i": "bytes per inode",
  "-L": "label",
  "-n": "label",
  "-m": "reserved percent",
  "-U": "uuid",
};

function parseMake(program: string, args: readonly string[], root: string): CommandMeaning {
  const { facts, rest } = readOptions(args, [
    "-i",
    "-L",
    "-n",
    "-m",
    "-E",
    "-U",
    "-O",
    "-t",
    "-N",
    "-i",
    "-F",
  ]);
  const named = Object.entries(facts).flatMap(([key, value]): [string, string][] =>
    key === "-E"
      ? value.split(",").map((option) => [option.split("=")[0] ?? "", option])
      : [[MAKE_NAMES[key] ?? key, value]],
  );
  return {
    kind: "make",
    device: rest.at(-1) ?? "",
    facts: {
      root,
      type: program.replace("mkfs.", ""),
      words: rest.slice(0, -1).join(" "),
      ...Object.fromEntries(named),
    },
  };
}

function parseGrubInstall(program: string, args: readonly string[], root: string): CommandMeaning {
  const { facts, rest } = readOptions(args, []);
  return { kind: "boot loader", facts: { root, program, device: rest.join(" "), ...facts } };
}
