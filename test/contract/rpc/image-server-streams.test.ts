import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  deleteImageRequest,
  deleteImageResponse,
  imageUpdate,
  makeDirectoryRequest,
  makeDirectoryResponse,
} from "../../../src/rpc/messages/image-server.ts";
import type { Call } from "../../../src/rpc/srpc/client.ts";
import { file, idOf, treeOf } from "../../support/image-trees.ts";
import {
  addImage,
  addObjects,
  ask,
  type ImageServerMachine,
  startImageServerMachine,
} from "./image-server-machine.ts";
import { connectTo, makeParties, rawConversation, signal } from "./srpc-server.ts";

const MAKE = [makeDirectoryRequest, makeDirectoryResponse] as const;
const DELETE = [deleteImageRequest, deleteImageResponse] as const;
const JSON_HEAD = "CONNECT /_SRPC_/unsecured/JSON HTTP/1.0\n\n";
const CONNECTED = "HTTP/1.0 200 Connected to Go SRPC\n\n";

const IMAGE = {
  buildBranch: "",
  buildCommitId: "",
  buildGitUrl: "",
  createdBy: "",
  createdFor: "",
  fileSystem: treeOf({ a: file("root") }),
  ownerGroups: [],
  ownerUsers: [],
  packages: [],
  sourceImage: "",
  tags: new Map<string, string>(),
};

let machine: ImageServerMachine;

beforeEach(async () => {
  machine = await startImageServerMachine({ permitInsecureWrites: true });
});

afterEach(() => machine[Symbol.asyncDispose]());

describe("GetImageUpdates", () => {
  /** The next updates, as many as given. */
  async function updates(call: Call, count: number): Promise<readonly string[]> {
    const seen: string[] = [];
    while (seen.length < count) {
      const { Name, Directory, Operation } = await call.receive(imageUpdate);
      seen.push(`${Operation} ${Directory?.Name ?? Name}`);
    }
    return seen;
  }

  it("tells what there is and then what changes, whoever changed it, until the client leaves", async () => {
    await using connection = await connectTo(machine.port);
    await addObjects(connection, [{ content: "root" }]);
    await addImage(connection, "a", IMAGE);
    await using watcher = await connectTo(machine.port);
    await using call = await watcher.openCall("ImageServer.GetImageUpdates", signal);
    expect(await updates(call, 3)).toEqual(["2 .", "0 a", "0 "]);
    await ask(connection, "MakeDirectory", MAKE, { DirectoryName: "os", MakeAll: false });
    await addImage(connection, "os/1", IMAGE);
    await expect.poll(() => machine.clock.sleeps.length).toBe(1);
    machine.clock.advance(1000);
    expect(await updates(call, 2)).toEqual(["2 os", "0 os/1"]);
    await ask(connection, "DeleteImage", DELETE, { ImageName: "a" });
    await machine.files.removeFile("/images/os/1");
    await machine.files.removeDirectory("/images/os");
    await expect.poll(() => machine.clock.sleeps.length).toBe(2);
    machine.clock.advance(1000);
    expect(await updates(call, 3)).toEqual(["1 a", "1 os/1", "3 os"]);
  });

  it("drops what its client sends meanwhile, and ends when the client has left", async () => {
    const call = `${JSON_HEAD}ImageServer.GetImageUpdates\n`;
    // The clock stands still: nothing but the end of what the client sends can end this.
    expect(await rawConversation(machine.port.port, call + "x\n".repeat(200_000))).toBe(
      `${CONNECTED}\n{"Name":"","Directory":{"Name":".","Metadata":{"OwnerGroup":""}},"Operation":2}\n` +
        '{"Name":"","Directory":null,"Operation":0}\n',
    );
  });
});

describe("the JSON endpoints", () => {
  it("say what the original was recorded to say", async () => {
    await machine.files.makeDirectory("/images/debian");
    const conversation = [
      ['ImageServer.CheckDirectory\n{"DirectoryName":"debian"}\n', '\n\n{"DirectoryExists":true}\n'],
      ['ImageServer.CheckDirectory\n{"DirectoryName":"nope"}\n', '\n\n{"DirectoryExists":false}\n'],
      [
        'ImageServer.FindLatestImage\n{"DirectoryName":"nope"}\n',
        '\n\n{"ImageName":"","Error":"unknown directory: nope"}\n',
      ],
      ["ImageServer.ListImages\n", "\n\n"],
      ["\n", "\n"],
      ['ImageServer.MakeDirectory\n{\n "directoryname": "x"\n}\n', "\n\n{}\n"],
      ['ImageServer.MakeDirectory\n{"DirectoryName":"x"}\n', "\ndirectory: x already exists\n"],
      ["ImageServer.CheckImage\nnonsense\n", "\ndecoding JSON: a message that is not an object\n"],
      [
        'ImageServer.CheckImage\n{"ImageName":7}\n',
        "\ndecoding JSON: ImageName: a number where string is expected\n",
      ],
      [
        "ImageServer.ListDirectories\n",
        '\n{"Name":".","Metadata":{"OwnerGroup":""}}\n{"Name":"x","Metadata":{"OwnerGroup":""}}\n' +
          '{"Name":"debian","Metadata":{"OwnerGroup":""}}\n{"Name":"","Metadata":{"OwnerGroup":""}}\n',
      ],
    ] as const;
    const sent = conversation.map(([request]) => request).join("");
    const expected = conversation.map(([, answer]) => answer).join("");
    expect(await rawConversation(machine.port.port, JSON_HEAD + sent)).toBe(CONNECTED + expected);
  });

  it("carry objects between messages", async () => {
    const sent = 'ObjectServer.AddObjects\n{"Length":3}\nabc{}\nObjectServer.GetObjects\n';
    const id = idOf("abc");
    const answer = await rawConversation(machine.port.port, `${JSON_HEAD}${sent}{"Hashes":["${id}"]}\n\n`);
    const numbers = JSON.stringify([...Buffer.from(id, "hex")]);
    expect(answer).toBe(
      `${CONNECTED}\n{"ErrorString":"","Hash":${numbers},"Added":true}\n` +
        '\n{"ResponseString":"","ObjectSizes":[3]}\nabc\n',
    );
  });

  it("speak TLS after the CONNECT on the secure one", async () => {
    const parties = makeParties();
    await using closed = await startImageServerMachine({ credentials: parties.credentials });
    const socket = connect(closed.port.port, "127.0.0.1");
    socket.write("CONNECT /_SRPC_/TLS/JSON HTTP/1.0\n\n");
    expect(String((await once(socket, "data"))[0])).toBe(CONNECTED);
    const { certificates, key } = parties.issue(["*.*"]);
    const secure = connectTls({
      socket,
      cert: certificates,
      key: Buffer.from(key.expose()),
      rejectUnauthorized: false,
    });
    secure.end('ImageServer.MakeDirectory\n{"DirectoryName":"x"}\n');
    expect(Buffer.concat(await secure.toArray()).toString()).toBe("\n\n{}\n");
  });

  it("need a certificate where one is needed", async () => {
    const { port } = machine.port;
    const secure = "CONNECT /_SRPC_/TLS/JSON HTTP/1.0\n\n";
    expect(await rawConversation(port, secure)).toMatch(/^HTTP\/1.0 404 /);
    await using closed = await startImageServerMachine({ credentials: makeParties().credentials });
    expect(await rawConversation(closed.port.port, JSON_HEAD)).toMatch(/^HTTP\/1.0 405 /);
    expect(await rawConversation(closed.port.port, "GET /_SRPC_/TLS/JSON HTTP/1.0\r\n\r\n")).toMatch(
      /^HTTP\/1.[01] 400 /,
    );
  });
});
