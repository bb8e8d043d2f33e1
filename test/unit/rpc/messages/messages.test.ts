import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GobBufferDecoder } from "../../../../src/rpc/gob/decoder.ts";
import { GobEncoder } from "../../../../src/rpc/gob/encoder.ts";
import type { Schema } from "../../../../src/rpc/gob/schema.ts";
import * as imageServer from "../../../../src/rpc/messages/image-server.ts";
import * as localUpgrade from "../../../../src/rpc/messages/local-upgrade.ts";
import * as objectServer from "../../../../src/rpc/messages/object-server.ts";

const VECTORS = join(import.meta.dirname, "../../../vectors/gob");

/** Recorded message -> the schemas of its values. */
const MESSAGES: Readonly<Record<string, readonly unknown[]>> = {
  "msg-addimage-request": [imageServer.addImageRequest],
  "msg-addimage-response": [imageServer.addImageResponse],
  "msg-addobject-requests": [objectServer.addObjectRequest],
  "msg-addobject-responses": [objectServer.addObjectResponse],
  "msg-changeimageexpiration": [imageServer.changeImageExpirationRequest],
  "msg-checkdirectory-request": [imageServer.checkDirectoryRequest],
  "msg-checkdirectory-response": [imageServer.checkDirectoryResponse],
  "msg-checkimage": [imageServer.checkImageRequest],
  "msg-checkimage-response": [imageServer.checkImageResponse],
  "msg-checkobjects-empty": [objectServer.checkObjectsRequest, objectServer.checkObjectsResponse],
  "msg-checkobjects-request": [objectServer.checkObjectsRequest],
  "msg-checkobjects-response": [objectServer.checkObjectsResponse],
  "msg-deletedirectory": [imageServer.deleteDirectoryRequest],
  "msg-deleteimage": [imageServer.deleteImageRequest],
  "msg-findlatest-request": [imageServer.findLatestImageRequest],
  "msg-findlatest-request-tags": [imageServer.findLatestImageRequest],
  "msg-findlatest-response": [imageServer.findLatestImageResponse],
  "msg-getfilteredimageupdates-request": [imageServer.getFilteredImageUpdatesRequest],
  "msg-getimage-request": [imageServer.getImageRequest],
  "msg-getimage-request-flags": [imageServer.getImageRequest],
  "msg-getimage-response-absent": [imageServer.getImageResponse],
  "msg-getimage-response-full": [imageServer.getImageResponse],
  "msg-getimage-response-many": [imageServer.getImageResponse],
  "msg-getimage-response-nofs": [imageServer.getImageResponse],
  "msg-getimageexpiration-response": [imageServer.getImageExpirationResponse],
  "msg-getimageusageestimate-response": [imageServer.getImageUsageEstimateResponse],
  "msg-getobjects-request": [objectServer.getObjectsRequest],
  "msg-getobjects-response": [objectServer.getObjectsResponse],
  "msg-getobjects-response-error": [objectServer.getObjectsResponse],
  "msg-getreplicationmaster-response": [imageServer.getReplicationMasterResponse],
  "msg-imageupdates-stream": [imageServer.imageUpdate],
  "msg-listdirectories-stream": [imageServer.directory],
  "msg-listselectedimages-request": [imageServer.listSelectedImagesRequest],
  "msg-localupgrade-one": [localUpgrade.localUpgradeRequestOne, localUpgrade.localUpgradeResponseOne],
  "msg-localupgrade-two": [localUpgrade.localUpgradeRequestTwo, localUpgrade.localUpgradeResponseTwo],
  "msg-makedirectory-request": [imageServer.makeDirectoryRequest],
};

interface Recorded {
  readonly values: readonly Record<string, unknown>[];
}

describe("recorded messages", () => {
  it.each(Object.entries(MESSAGES))("%s is read and written", (name, schemas) => {
    const schemaAt = (index: number): Schema<Record<string, unknown>> =>
      (schemas[index] ?? schemas.at(-1)) as Schema<Record<string, unknown>>;
    const decoder = new GobBufferDecoder(readFileSync(join(VECTORS, `${name}.gob`)));
    const values: Record<string, unknown>[] = [];
    while (!decoder.atEnd) values.push(decoder.decode(schemaAt(values.length)));

    const recorded = JSON.parse(readFileSync(join(VECTORS, `${name}.json`), "utf8")) as Recorded;
    expect(values).toHaveLength(recorded.values.length);
    // The conformance set compares every value; here it counts that our schemas know every field.
    for (const [index, value] of recorded.values.entries())
      expect(Object.keys(values[index] ?? {})).toEqual(expect.arrayContaining(Object.keys(value)));

    const encoder = new GobEncoder();
    const stream = Buffer.concat(values.map((value, index) => encoder.encode(schemaAt(index), value)));
    const again = new GobBufferDecoder(stream);
    expect(values.map((_value, index) => again.decode(schemaAt(index)))).toEqual(values);
    expect(again.atEnd).toBe(true);
  });

  it("without fields are alike, whatever their name", () => {
    const stream = new GobEncoder().encode(imageServer.makeDirectoryResponse, {});
    expect(new GobBufferDecoder(stream).decode(imageServer.addImageResponse)).toEqual({});
  });

  it("give exact numbers", () => {
    // spec/gob.md C5
    const stream = Buffer.from(
      "437f030101124765744f626a65637473526573706f6e736501ff80000102010e526573706f6e7365537472696e67010c00010b4f626a656374" +
        "53697a657301ff82000000" +
        "16ff81020101085b5d75696e74363401ff820001060000" +
        "0fff80020306fe012cfb020000000000",
      "hex",
    );
    expect(new GobBufferDecoder(stream).decode(objectServer.getObjectsResponse)).toEqual({
      ResponseString: "",
      ObjectSizes: [6, 300, 2 ** 33],
    });
  });
});
