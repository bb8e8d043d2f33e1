import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageChain } from "../../src/core/errors.ts";
import { formatListing } from "../../src/images/listing.ts";
import type { FileSystemTree, Image } from "../../src/images/model.ts";
import { countTree, estimateUsage, regularInodes, requiredObjects, walkTree } from "../../src/images/tree.ts";
import { validateTree } from "../../src/images/validate-tree.ts";
import { decodeGob } from "../../src/rpc/gob/decoder.ts";
import { imageFromWire } from "../../src/rpc/messages/image-conversion.ts";
import { getImageResponse } from "../../src/rpc/messages/image-server.ts";
import { compareWithExpected, type ExpectedInode, unpackInScratch } from "./image-unpack.ts";
import type { ConformanceSet, Report } from "./report.ts";
import { readVectors } from "./vector-text.ts";

/**
 * The set "image" (vectors/image/INDEX.md): decodes replies, computes facts and listings, unpacks and compares.
 * Unpacking needs root.
 */
export const imageSet: ConformanceSet = {
  name: "image",
  async run(vectorDirectory, report) {
    const directory = join(vectorDirectory, "image");
    for (const name of await directoryNames(directory)) {
      if (name === "bad") continue;
      await checkImage(join(directory, name), name, report);
    }
    const handMade = await readdir(join(directory, "bad")).catch(() => []);
    for (const file of handMade.filter((name) => name.endsWith(".json")).sort()) {
      await report.check(`bad/${file.slice(0, -".json".length)}`, () =>
        checkHandMade(directory, file, report),
      );
    }
  },
};

async function directoryNames(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

interface DecodedImage {
  readonly image: Image;
  readonly tree: FileSystemTree;
}

async function decodeReply(path: string): Promise<DecodedImage> {
  const reply = decodeGob(getImageResponse, await readFile(path));
  if (reply.Image === undefined) throw new Error("the reply has no image");
  const image = imageFromWire(reply.Image);
  if (image.fileSystem === undefined) throw new Error("the image has no file-system");
  return { image, tree: image.fileSystem };
}

async function checkImage(directory: string, name: string, report: Report): Promise<void> {
  let decoded: DecodedImage;
  try {
    decoded = await decodeReply(join(directory, "reply.gob"));
    validateTree(decoded.tree);
  } catch (error) {
    report.fail(`${name}/reply.gob`, messageChain(error));
    return;
  }
  const { image, tree } = decoded;
  const facts = await readVectors<Facts>(directory, "facts.json");
  if (facts !== undefined) await report.check(`${name}/facts.json`, () => compareFacts(facts, image, tree));
  const listing = await readFile(join(directory, "listing.txt"), "latin1").catch(() => undefined);
  if (listing !== undefined) await report.check(`${name}/listing.txt`, () => compareListing(listing, tree));
  const expected = await readVectors<{ readonly inodes: readonly ExpectedInode[] }>(
    directory,
    "expected.json",
  );
  if (expected === undefined) return;
  await report.check(`${name}/expected.json`, async () => {
    const objects = join(directory, "objects");
    const contents = await Promise.all(
      (await readdir(objects)).map(async (id) => readFile(join(objects, id))),
    );
    return unpackInScratch(tree, contents, async (unpacked) =>
      compareWithExpected(unpacked, expected.inodes),
    );
  });
}

interface Facts {
  readonly estimateUsage: Readonly<Record<string, string>>;
  readonly inodes: Readonly<Record<string, number>>;
  readonly numRegularInodes: string;
  readonly totalDataBytes: string;
  readonly directoryCount: string;
  readonly distinctObjectsOfFileSystem: number;
  readonly hashesRequestedByLoadImage: number;
  readonly objectReferencesOfImage: number;
  readonly computedFiles: readonly unknown[];
  readonly computedRegularInodes: string;
  readonly createdOnSeconds: string;
  readonly createdBy: string;
  readonly hasFilter: boolean;
}

const GO_TYPES = {
  regular: "*filesystem.RegularInode",
  computed: "*filesystem.ComputedRegularInode",
  symlink: "*filesystem.SymlinkInode",
  special: "*filesystem.SpecialInode",
  directory: "*filesystem.DirectoryInode",
} as const;

function compareFacts(expected: Facts, image: Image, tree: FileSystemTree): string | undefined {
  const found = computeFacts(Object.keys(expected.estimateUsage), image, tree);
  // How the original lists computed files is not documented, only how many there are.
  const comparable = { ...expected, computedFiles: expected.computedFiles.length };
  for (const [key, value] of Object.entries(comparable)) {
    const foundValue: unknown = (found as Record<string, unknown>)[key];
    if (canonical(foundValue) !== canonical(value)) {
      return `${key}: ${canonical(foundValue)}, expected ${canonical(value)}`;
    }
  }
  return undefined;
}

function computeFacts(
  blockSizes: readonly string[],
  image: Image,
  tree: FileSystemTree,
): Record<string, unknown> {
  const counters = countTree(tree);
  const kinds: Record<string, number> = {};
  for (const { kind } of tree.inodes.values()) kinds[GO_TYPES[kind]] = (kinds[GO_TYPES[kind]] ?? 0) + 1;
  const references = [...regularInodes(tree)].filter(({ sizeBytes }) => sizeBytes > 0).length;
  const annotations = [image.releaseNotes, image.buildLog].filter(
    (annotation) => annotation?.object !== undefined,
  );
  const computed = [...tree.inodes.values()].filter(({ kind }) => kind === "computed");
  const computedPaths = [...walkTree(tree)].filter(({ inode }) => inode.kind === "computed");
  return {
    estimateUsage: Object.fromEntries(
      blockSizes.map((size) => [size, String(estimateUsage(tree, Number(size)))]),
    ),
    inodes: kinds,
    numRegularInodes: String(counters.regularInodes),
    totalDataBytes: String(counters.dataBytes),
    directoryCount: String(counters.directories),
    distinctObjectsOfFileSystem: requiredObjects(tree).size,
    hashesRequestedByLoadImage: references,
    objectReferencesOfImage: references + annotations.length,
    computedFiles: computedPaths.length,
    computedRegularInodes: String(computed.length),
    createdOnSeconds: String(image.createdOn?.seconds ?? 0n),
    createdBy: image.createdBy,
    hasFilter: image.filter !== undefined,
  };
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(Object.fromEntries(entries));
}

/** A directory with more entries than this may be cut in a listing. */
const CUT_DIRECTORY_ENTRIES = 1000;

/** The listings must be equal, but of very large directories the vectors may leave lines out. */
function compareListing(expected: string, tree: FileSystemTree): string | undefined {
  const large = new Set<string>();
  for (const { path, inode } of walkTree(tree)) {
    if (inode.kind === "directory" && inode.entries.length > CUT_DIRECTORY_ENTRIES) large.add(`${path}/`);
  }
  let rest = expected;
  for (const line of formatListing(tree)) {
    if (rest.startsWith(`${line}\n`)) rest = rest.slice(line.length + 1);
    else if (![...large].some((directory) => line.includes(` ${directory}`))) {
      return `line ${JSON.stringify(line)}, expected ${JSON.stringify(rest.slice(0, rest.indexOf("\n")))}`;
    }
  }
  return rest === "" ? undefined : `missing line ${JSON.stringify(rest.slice(0, rest.indexOf("\n")))}`;
}

interface HandMadeCase {
  readonly reply: string;
  readonly object: { readonly hex: string };
  readonly expected: {
    readonly exit: number;
    readonly error?: string;
    readonly inodes: readonly ExpectedInode[];
  };
}

/** The directories on which the kernel's file-systems get mounted after unpacking (spec/image.md 4.4). */
const MOUNT_POINTS = ["/dev", "/proc", "/sys", "/tmp"];

async function checkHandMade(directory: string, file: string, report: Report): Promise<string | undefined> {
  const handMade = await readVectors<HandMadeCase>(join(directory, "bad"), file);
  if (handMade === undefined) return "unreadable";
  const { expected } = handMade;
  try {
    const { tree } = await decodeReply(join(directory, "bad", handMade.reply));
    const contents = [Buffer.from(handMade.object.hex, "hex")];
    return await unpackInScratch(tree, contents, async (unpacked) => {
      const directories = new Set(
        [...walkTree(tree)].filter(({ inode }) => inode.kind === "directory").map(({ path }) => String(path)),
      );
      if (MOUNT_POINTS.some((path) => !directories.has(path))) {
        return expected.exit === 0 ? "lacks a mount point" : undefined;
      }
      if (expected.exit !== 0) return `unpacked, expected ${expected.error ?? "an error"}`;
      return compareWithExpected(unpacked, expected.inodes);
    });
  } catch (error) {
    if (expected.exit !== 0) return undefined;
    const rule = REFUSAL_RULES.find(({ pattern }) => pattern.test(messageChain(error)));
    if (rule === undefined) return `refused: ${messageChain(error)}`;
    report.applyRule(rule.id);
    return undefined;
  }
}

/** Trees that the original unpacks and this program refuses on purpose (docs/differences.md). */
const REFUSAL_RULES = [
  {
    id: "R-IMAGE-NAMES",
    pattern:
      /: (empty name|reserved name|name with a slash|name with a zero byte|name longer than|the name occurs twice)/,
  },
  { id: "R-IMAGE-MODES", pattern: /: impossible mode / },
  { id: "R-IMAGE-SHAPE", pattern: /: directory \d+ has more than one entry/ },
];
