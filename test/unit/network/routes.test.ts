import { expect, test } from "vitest";
import { planRoutes } from "../../../src/network/routes.ts";

const ADDRESS = { address: "10.0.0.2", prefixLength: 24 } as const;
const onLink = (destination: string, prefixLength: number) => ({
  destination,
  prefixLength,
  gateway: "0.0.0.0",
});

test("a gateway in the subnet needs nothing", () => {
  expect(planRoutes({ ...ADDRESS, gateway: "10.0.0.1" })).toEqual({ onLink: [], behindGateways: [] });
});

test("a gateway outside the subnet gets a host route on the link", () => {
  expect(planRoutes({ address: "10.0.0.2", prefixLength: 32, gateway: "10.0.0.1" })).toEqual({
    onLink: [onLink("10.0.0.1", 32)],
    behindGateways: [],
  });
});

test("a gateway that a route on the link leads to needs no other, wherever that route stands in the list", () => {
  const network = { destination: "10.7.0.0", prefixLength: 16, gateway: "10.1.0.1" };
  expect(planRoutes({ ...ADDRESS, gateway: "10.1.0.9", routes: [network, onLink("10.1.0.0", 16)] })).toEqual({
    onLink: [onLink("10.1.0.0", 16)],
    behindGateways: [network],
  });
});

test("two routes through one gateway outside the subnet need one host route", () => {
  const routes = ["10.7.0.0", "10.8.0.0"].map((destination) => ({
    destination,
    prefixLength: 16,
    gateway: "10.1.0.1",
  }));
  expect(planRoutes({ ...ADDRESS, routes })).toEqual({
    onLink: [onLink("10.1.0.1", 32)],
    behindGateways: routes,
  });
});

test("the route of the interface's own subnet is left to the kernel, whatever gateway a server names for it", () => {
  const own = { destination: "10.0.0.0", prefixLength: 24, gateway: "10.0.0.1" };
  const half = { ...own, prefixLength: 25 };
  expect(planRoutes({ ...ADDRESS, routes: [own, half, onLink("10.0.0.0", 24)] })).toEqual({
    onLink: [],
    behindGateways: [half],
  });
});
