import { experimental } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { targetOf } from "../../../../src/rpc/grpc/address-resolver.ts";

/** What the gRPC library learns of a target when it asks `times` times in a row, as it does when connecting fails. */
async function resolve(target: string, times: number): Promise<readonly unknown[]> {
  const colon = target.indexOf(":");
  const uri = { scheme: target.slice(0, colon), path: target.slice(colon + 1) };
  const answers: unknown[] = [];
  const listener: experimental.ResolverListener = (endpoints) => {
    answers.push(endpoints.ok ? endpoints.value : endpoints.error);
    resolver.updateResolution();
    return true;
  };
  const resolver = experimental.createResolver(uri, listener, {});
  for (let time = 0; time < times; time += 1) resolver.updateResolution();
  await new Promise((done) => setImmediate(done));
  resolver.destroy();
  return answers;
}

test.each([["10.0.0.5"], ["2001:db8::5"], ["fe80::1%eth0"]])(
  "%s is the address that it is",
  async (address) => {
    expect(await resolve(targetOf(address, 6978), 1)).toEqual([
      [{ addresses: [{ host: address, port: 6978 }] }],
    ]);
  },
);

test("a target that cannot be reached does not keep the process busy: it is resolved once", async () => {
  expect(await resolve(targetOf("10.0.0.5", 6978), 3)).toHaveLength(1);
});
