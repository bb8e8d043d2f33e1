import { expect, it } from "vitest";
import { MessageWriter } from "../../../../src/rpc/gob/message-writer.ts";

it.each([0, 1, 127, 128, 300, 70_000])("puts the count of %d bytes in front of them", (count) => {
  const writer = new MessageWriter();
  writer.writeUint(9);
  writer.writeCounted(() => {
    for (let index = 0; index < count; index++) writer.writeUint(index % 128);
  });
  const prefix = new MessageWriter();
  prefix.writeUint(count);
  expect(writer.written).toEqual(
    Buffer.concat([
      Buffer.from([9]),
      prefix.written,
      Buffer.from(Array.from({ length: count }, (_, index) => index % 128)),
    ]),
  );
});

it("nests counts", () => {
  const writer = new MessageWriter();
  writer.writeCounted(() => {
    writer.writeString("é", "utf8");
    writer.writeCounted(() => writer.writeString("\xff", "latin1"));
    writer.writeBytes(Buffer.from([1, 2]));
  });
  expect(writer.written.toString("hex")).toBe("09" + "02c3a9" + "02" + "01ff" + "020102");
});
