import { expect, test } from "vitest";
import { renderResolvConf } from "../../../src/network/resolv-conf.ts";

const HEADER = "; /etc/resolv.conf -- created by SmallStack installer\n\n";
const nameServers = ["10.0.0.53"];

test.each([
  [{ nameServers }, "nameserver 10.0.0.53\n"],
  [{ nameServers, domainName: "a.example" }, "domain a.example\nsearch a.example\n\nnameserver 10.0.0.53\n"],
  [
    { nameServers, domainName: "a.example", searchDomains: ["b.example", "c.example"] },
    "domain a.example\nsearch b.example c.example\n\nnameserver 10.0.0.53\n",
  ],
  [{ nameServers, searchDomains: ["b.example"] }, "search b.example\n\nnameserver 10.0.0.53\n"],
])("%j", (settings, text) => expect(renderResolvConf(settings)).toBe(HEADER + text));
