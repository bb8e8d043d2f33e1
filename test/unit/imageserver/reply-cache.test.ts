import { expect, it } from "vitest";
import { ReplyCache } from "../../../src/imageserver/reply-cache.ts";

it("makes a reply once for all who ask, and forgets the one not asked for longest", async () => {
  const made: string[] = [];
  const cache = new ReplyCache();
  const get = async (key: string): Promise<Uint8Array> =>
    cache.get(key, async () => {
      made.push(key);
      return Buffer.from(key);
    });
  await Promise.all([get("a"), get("a"), get("b"), get("c"), get("d")]);
  expect(Buffer.from(await get("a")).toString()).toBe("a");
  expect(made).toEqual(["a", "b", "c", "d"]);
  await get("e");
  await get("a");
  await get("b");
  expect(made).toEqual(["a", "b", "c", "d", "e", "b"]);
});

it("does not remember a failure", async () => {
  const cache = new ReplyCache();
  await expect(cache.get("a", async () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await cache.get("a", async () => Uint8Array.of(1))).toEqual(Uint8Array.of(1));
});
