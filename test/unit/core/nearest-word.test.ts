import { expect, test } from "vitest";
import { findNearestWord } from "../../../src/core/nearest-word.ts";

const WORDS = ["Hostname", "HostIpAddress", "HostMacAddress", "SubnetId", "VlanId", "VlanTrunk", "Id"];

test.each([
  ["Hostnane", "Hostname"],
  ["hostanme", "Hostname"],
  ["Hostnam", "Hostname"],
  ["HostMacAdress", "HostMacAddress"],
  ["HostIPAddr", "HostIpAddress"],
  ["Vlan", "VlanId"],
  ["VLAN_ID", "VlanId"],
  ["Comment", undefined],
  ["Iq", "Id"],
  ["", undefined],
  ["x".repeat(100_000), undefined],
])("%s", (word, expected) => expect(findNearestWord(word, WORDS)).toBe(expected));

test("of no words none", () => expect(findNearestWord("Id", [])).toBeUndefined());
