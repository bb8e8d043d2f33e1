import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Image } from "../../../src/images/model.ts";
import { estimateUsage } from "../../../src/images/tree.ts";
import { ZERO_TIME } from "../../../src/rpc/gob/time.ts";
import { imageFromWire, imageToWire } from "../../../src/rpc/messages/image-conversion.ts";
import {
  addImageRequest,
  addImageResponse,
  changeImageExpirationRequest,
  changeImageExpirationResponse,
  deleteDirectoryRequest,
  deleteDirectoryResponse,
  deleteImageRequest,
  deleteImageResponse,
  directory,
  getImageExpirationRequest,
  getImageExpirationResponse,
  getImageRequest,
  getImageResponse,
  getImageUsageEstimateRequest,
  getImageUsageEstimateResponse,
  makeDirectoryRequest,
  makeDirectoryResponse,
} from "../../../src/rpc/messages/image-server.ts";
import { addObjectRequest, addObjectResponse } from "../../../src/rpc/messages/object-server.ts";
import type { SrpcConnection } from "../../../src/rpc/srpc/client.ts";
import { file, idOf, symlink, treeOf } from "../../support/image-trees.ts";
import {
  addImage,
  addObjects,
  ask,
  type ImageServerMachine,
  NOW_SECONDS,
  startImageServerMachine,
} from "./image-server-machine.ts";
import { codeOf, connectTo, makeParties, signal } from "./srpc-server.ts";

const parties = makeParties();
/** The same user with all rights and with none. */
const ADMINISTRATOR = parties.issue(["*.*"]);
const NOBODY = parties.issue();
const MAKE = [makeDirectoryRequest, makeDirectoryResponse] as const;
const REMOVE = [deleteDirectoryRequest, deleteDirectoryResponse] as const;
const GET = [getImageRequest, getImageResponse] as const;
const DELETE = [deleteImageRequest, deleteImageResponse] as const;
const CHANGE = [changeImageExpirationRequest, changeImageExpirationResponse] as const;
const EXPIRATION = [getImageExpirationRequest, getImageExpirationResponse] as const;

function image(more: Partial<Image> = {}): Image {
  return {
    buildBranch: "",
    buildCommitId: "",
    buildGitUrl: "",
    createdBy: "an impostor",
    createdFor: "",
    fileSystem: treeOf({ etc: { passwd: file("root"), link: symlink("passwd") }, empty: file("") }),
    ownerGroups: [],
    ownerUsers: [],
    packages: [],
    sourceImage: "",
    tags: new Map(),
    ...more,
  };
}

const inHours = (hours: number) => ({
  seconds: BigInt(NOW_SECONDS + hours * 3600),
  nanoseconds: 0,
  offsetSeconds: 0,
});

let machine: ImageServerMachine;
let connection: SrpcConnection;

async function getImage(name: string): Promise<Image | undefined> {
  const request = {
    ImageName: name,
    IgnoreFilesystem: false,
    IgnoreFilesystemIfExpiring: false,
    Timeout: 0n,
  };
  const { Image: wire } = await ask(connection, "GetImage", GET, request);
  return wire && imageFromWire(wire);
}

/** Lets the server take an object and images that need it. */
async function publish(...names: readonly string[]): Promise<void> {
  await addObjects(connection, [{ content: "root", expected: "root" }]);
  for (const name of names) await addImage(connection, name, image());
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: Error) => error.message.replace(/^calling [^ ]+ of [^ ]+: /, ""),
  );
}

beforeEach(async () => {
  machine = await startImageServerMachine({ credentials: parties.credentials });
  connection = await connectTo(machine.port, { tls: ADMINISTRATOR });
});

afterEach(async () => {
  connection.close();
  await machine[Symbol.asyncDispose]();
});

describe("AddObjects", () => {
  it("keeps what is what it is said to be, and says what was new", async () => {
    const answers = await addObjects(connection, [
      { content: "one", expected: "one" },
      { content: "two" },
      { content: "three", expected: "drei" },
      { content: "one", expected: "one" },
      { content: "two" },
    ]);
    const mismatch = `hash mismatch. Computed=${idOf("three")}, expected=${idOf("drei")}`;
    expect(answers).toEqual([true, true, mismatch, false, false]);
    const has = (content: string): Promise<boolean> => machine.files.exists(objectPath(content));
    expect(await Promise.all(["one", "two", "three", "drei"].map(has))).toEqual([true, true, false, false]);
    expect(await machine.files.readDirectoryText("/objects")).toHaveLength(2);
  });

  it("does not take what it has for granted: wrong content under a known name is refused", async () => {
    await addObjects(connection, [{ content: "one", expected: "one" }]);
    const mismatch = `hash mismatch. Computed=${idOf("uno")}, expected=${idOf("one")}`;
    expect(await addObjects(connection, [{ content: "uno", expected: "one" }])).toEqual([mismatch]);
    expect((await machine.files.readFile(objectPath("one"))).toString()).toBe("one");
  });

  it("keeps nothing of an object that does not arrive whole", async () => {
    const call = await connection.openCall("ObjectServer.AddObjects", signal);
    await call.send(addObjectRequest, { Length: 100_000, ExpectedHash: undefined });
    await call.write("beginning");
    connection.close();
    connection = await connectTo(machine.port, { tls: ADMINISTRATOR });
    await expect.poll(() => machine.files.readDirectoryText("/objects")).toEqual([]);
  });

  it("ends the connection over an object that is larger than any", async () => {
    const call = await connection.openCall("ObjectServer.AddObjects", signal);
    await call.send(addObjectRequest, { Length: 2 ** 50, ExpectedHash: undefined });
    expect((await call.receive(addObjectResponse)).ErrorString).toBe("the object could not be stored");
    expect(await codeOf(call.receive(addObjectResponse))).toBe("E_CONNECTION_LOST");
  });
});

function objectPath(content: string): string {
  const id = idOf(content);
  return `/objects/${id.slice(0, 2)}/${id.slice(2, 4)}/${id.slice(4)}`;
}

describe("AddImage", () => {
  it("stores an image whose objects are there, under the caller's name and the server's time", async () => {
    await ask(connection, "MakeDirectory", MAKE, { DirectoryName: "os", MakeAll: false });
    await publish("os/1");
    expect(await getImage("os/1")).toEqual(
      image({
        createdBy: "alice",
        createdOn: { seconds: BigInt(NOW_SECONDS), nanoseconds: 0, offsetSeconds: 0 },
      }),
    );
    // The objects are on the disk before the image is.
    expect(machine.files.synced.indexOf("/objects")).toBeLessThan(machine.files.synced.indexOf("/images/os"));
  });

  it("believes a trusted caller", async () => {
    await publish();
    const made = image({ createdBy: "bob", createdOn: inHours(-5) });
    const request = { ImageName: "x", Image: imageToWire(made) };
    await ask(connection, "AddImageTrusted", [addImageRequest, addImageResponse], request);
    expect(await getImage("x")).toEqual(made);
  });

  it.each([
    ["a taken name", "taken", {}, "image already exists"],
    ["a missing directory", "no/1", {}, "directory: no does not exist"],
    ["a name outside", "../x", {}, 'publishing an image as "../x"'],
    ["no tree", "x", { fileSystem: undefined }, "nil file-system"],
    [
      "a missing object",
      "x",
      { fileSystem: treeOf({ a: file("a") }) },
      `object: ${idOf("a")} is not available`,
    ],
    [
      "missing objects",
      "x",
      { fileSystem: treeOf({ a: file("a"), b: file("b") }), buildLog: { object: idOf("log"), url: "" } },
      "3 objects are not available",
    ],
    [
      "an object of another size",
      "x",
      { fileSystem: treeOf({ a: file("root", { sizeBytes: 5 }) }) },
      `object: ${idOf("root")} has 4 bytes, not 5`,
    ],
    [
      "an entry that would leave the tree",
      "x",
      { fileSystem: treeOf({ "..": file("root") }) },
      '/: reserved name: ".."',
    ],
  ])("refuses %s", async (_what, name, more, message) => {
    await publish("taken");
    const { fileSystem, ...rest } = { ...image(), ...more };
    const sent = fileSystem === undefined ? rest : { ...rest, fileSystem };
    expect(await messageOf(addImage(connection, name, sent))).toBe(message);
    expect(await machine.files.readDirectoryText("/images")).toEqual(["taken"]);
  });

  it("refuses a request without an image", async () => {
    const request = { ImageName: "x", Image: undefined };
    const answer = ask(connection, "AddImage", [addImageRequest, addImageResponse], request);
    expect(await messageOf(answer)).toBe("nil image");
  });

  it("accepts an image whose time has passed, and drops it", async () => {
    await publish();
    await addImage(connection, "late", image({ expiresAt: inHours(-1) }));
    expect(await getImage("late")).toBeUndefined();
    expect(await machine.files.exists("/images/late")).toBe(false);
  });
});

describe("images that expire", () => {
  it("are removed when their time comes, unless it is changed before", async () => {
    await publish();
    await addImage(connection, "a", image({ expiresAt: inHours(1) }));
    await addImage(connection, "b", image({ expiresAt: inHours(1) }));
    const change = { ImageName: "b", ExpiresAt: inHours(48) };
    expect(await ask(connection, "ChangeImageExpiration", CHANGE, change)).toEqual({ Error: "" });
    machine.clock.advance(2 * 3_600_000);
    expect(await ask(connection, "GetImageExpiration", EXPIRATION, { ImageName: "b" })).toEqual({
      Error: "",
      ExpiresAt: inHours(48),
    });
    expect(await ask(connection, "GetImageExpiration", EXPIRATION, { ImageName: "a" })).toEqual({
      Error: "image not found",
      ExpiresAt: ZERO_TIME,
    });
    expect(await machine.files.readDirectoryText("/images")).toEqual(["b"]);
  });

  it("say why their time cannot be changed", async () => {
    await publish("stays");
    const change = (ImageName: string) =>
      ask(connection, "ChangeImageExpiration", CHANGE, { ImageName, ExpiresAt: inHours(1) });
    expect(await change("stays")).toEqual({ Error: "image does not expire" });
    expect(await change("nope")).toEqual({ Error: "image not found" });
  });
});

describe("callers without the right to a method", () => {
  it("can only read", async () => {
    await publish("a");
    await using stranger = await connectTo(machine.port, { tls: NOBODY });
    for (const method of [
      "ImageServer.AddImage",
      "ImageServer.AddImageTrusted",
      "ImageServer.DeleteDirectory",
      "ImageServer.MakeDirectory",
      "ObjectServer.AddObjects",
    ])
      expect(await codeOf(stranger.openCall(method, signal))).toBe("E_SRPC_ACCESS_DENIED");
    expect(await ask(stranger, "GetImageExpiration", EXPIRATION, { ImageName: "a" })).toMatchObject({
      Error: "",
    });
  });

  it("may delete and keep their own images, and no others", async () => {
    await publish();
    await addImage(connection, "mine", image({ expiresAt: inHours(1) }));
    const trusted = [addImageRequest, addImageResponse] as const;
    const theirs = {
      ImageName: "theirs",
      Image: imageToWire(image({ createdBy: "bob", expiresAt: inHours(1) })),
    };
    await ask(connection, "AddImageTrusted", trusted, theirs);
    // The same user, without any methods in the certificate.
    await using owner = await connectTo(machine.port, { tls: NOBODY });
    const change = (ImageName: string, hours: number) =>
      ask(owner, "ChangeImageExpiration", CHANGE, { ImageName, ExpiresAt: inHours(hours) });
    expect(await change("mine", 20)).toEqual({ Error: "" });
    expect(await change("mine", 30)).toEqual({ Error: "maximum expiration time is 24h0m0s for you" });
    expect(await change("theirs", 20)).toEqual({ Error: "no access to image" });
    const remove = (ImageName: string) => ask(owner, "DeleteImage", DELETE, { ImageName });
    expect(await messageOf(remove("theirs"))).toBe("no access to image");
    expect(await messageOf(remove("nope"))).toBe("image does not exist");
    expect(await remove("mine")).toEqual({});
    expect(await getImage("mine")).toBeUndefined();
    expect(await messageOf(addImage(connection, "mine", image()))).toBe(
      "cannot add previously deleted image: mine",
    );
  });

  it("cannot write to a server that cannot tell them apart, unless that is permitted", async () => {
    await using closed = await startImageServerMachine();
    await using client = await connectTo(closed.port);
    const make = (to: SrpcConnection) =>
      ask(to, "MakeDirectory", MAKE, { DirectoryName: "x", MakeAll: false });
    expect(await messageOf(make(client))).toBe("ImageServer: unknown method: MakeDirectory");
    expect(await messageOf(client.openCall("ObjectServer.AddObjects", signal))).toBe(
      "ObjectServer: unknown method: AddObjects",
    );
    await using open = await startImageServerMachine({ permitInsecureWrites: true });
    await using other = await connectTo(open.port);
    expect(await make(other)).toEqual({});
    expect(await open.files.readDirectoryText("/images")).toEqual(["x"]);
  });

  it("that read without a certificate cannot write", async () => {
    await using lenient = await startImageServerMachine({
      credentials: parties.credentials,
      allowUnauthenticatedReads: true,
      permitInsecureWrites: true,
    });
    await using anybody = await connectTo(lenient.port);
    expect(await ask(anybody, "GetImageExpiration", EXPIRATION, { ImageName: "a" })).toMatchObject({
      Error: "image not found",
    });
    expect(await codeOf(anybody.openCall("ImageServer.MakeDirectory", signal))).toBe("E_SRPC_ACCESS_DENIED");
    expect(await codeOf(anybody.openCall("ImageServer.DeleteImage", signal))).toBe("E_SRPC_ACCESS_DENIED");
  });
});

describe("directories", () => {
  it("are made, listed and deleted", async () => {
    await ask(connection, "MakeDirectory", MAKE, { DirectoryName: "a/b/", MakeAll: true });
    expect(
      await messageOf(ask(connection, "MakeDirectory", MAKE, { DirectoryName: "a", MakeAll: false })),
    ).toBe("directory: a already exists");
    await using call = await connection.openCall("ImageServer.ListDirectories", signal);
    const names: string[] = [];
    for (let name = "start"; name !== ""; names.push(name)) ({ Name: name } = await call.receive(directory));
    call.finish();
    expect(names.toSorted()).toEqual(["", ".", "a", "a/b"]);
    const remove = (DirectoryName: string) => ask(connection, "DeleteDirectory", REMOVE, { DirectoryName });
    expect(await remove("a")).toEqual({ Error: "remove a: directory not empty" });
    expect(await remove("a/b")).toEqual({ Error: "" });
    expect(await remove("a/b")).toEqual({ Error: "directory: a/b does not exist" });
  });
});

describe("usage estimates", () => {
  it("count as the original does", async () => {
    await publish("a");
    const estimate = (ImageName: string) =>
      ask(
        connection,
        "GetImageUsageEstimate",
        [getImageUsageEstimateRequest, getImageUsageEstimateResponse],
        { ImageName },
      );
    const { fileSystem } = image();
    const usage = fileSystem && estimateUsage(fileSystem);
    expect(usage).toBe(8256);
    expect(await estimate("a")).toEqual({ ImageExists: true, UsageEstimate: 8256n });
    expect(await estimate("nope")).toEqual({ ImageExists: false, UsageEstimate: 0n });
  });
});
