import { expect, test } from "vitest";
import { parseMacAddress } from "../../../src/network/mac-address.ts";

test.each([
  ["DE:AD:BE:EF:00:01", "de:ad:be:ef:00:01"],
  ["d:a:b:e:0:1", "0d:0a:0b:0e:00:01"],
  ["de-ad-be-ef-00-01", "de:ad:be:ef:00:01"],
  ["dead.beef.0001", "de:ad:be:ef:00:01"],
  ["deadbeef0001", "de:ad:be:ef:00:01"],
  ["02:00:5e:10:00:00:00:01", "02:00:5e:10:00:00:00:01"],
  ["", undefined],
  ["zz:ad", undefined],
  ["de:ad:be:ef:00:0001", undefined],
  ["de-ad-be-ef-00", undefined],
  ["de-ad:be-ef:00-01", undefined],
  ["de:ad:be:ef:00:01\n", undefined],
])("%j is %j", (text, expected) => expect(parseMacAddress(text)).toBe(expected));
