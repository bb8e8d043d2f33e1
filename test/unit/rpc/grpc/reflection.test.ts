import { expect, test } from "vitest";
import { FILE_DESCRIPTORS } from "../../../../src/rpc/generated/descriptors.ts";
import type { ServerReflectionRequest } from "../../../../src/rpc/generated/reflection.js";
import { reflect } from "../../../../src/rpc/grpc/reflection.ts";

function fileOf(request: Omit<ServerReflectionRequest, "host">): string | undefined {
  const [bytes] = reflect({ host: "", ...request }).fileDescriptorResponse?.fileDescriptorProto ?? [];
  if (bytes === undefined) return undefined;
  return FILE_DESCRIPTORS.find(({ base64 }) => base64 === Buffer.from(bytes).toString("base64"))?.name;
}

test("a file is found by its name and by what it declares", () => {
  const name = "installer/v1/installer.proto";
  expect(fileOf({ fileByFilename: name })).toBe(name);
  expect(fileOf({ fileContainingSymbol: "installer.v1.Installer" })).toBe(name);
  expect(fileOf({ fileContainingSymbol: "installer.v1.Installer.Shell" })).toBe(name);
  expect(fileOf({ fileContainingSymbol: "installer.v1.HandOver.Phase" })).toBe(name);
  expect(fileOf({ fileContainingSymbol: "grpc.health.v1.Health" })).toBe("grpc/health/v1/health.proto");
});

test("what is not there is answered with NOT_FOUND, and the question stands beside the answer", () => {
  const NOT_FOUND = { errorCode: 5, errorMessage: "not found" };
  for (const question of [
    { fileByFilename: "../../etc/passwd" },
    { fileContainingSymbol: "installer.v1" },
    { fileContainingSymbol: "" },
    { fileContainingExtension: { containingType: "installer.v1.Status", extensionNumber: 1 } },
    { allExtensionNumbersOfType: "installer.v1.Nothing" },
    {},
  ]) {
    const request = { host: "rack7", ...question };
    expect(reflect(request)).toEqual({
      validHost: "rack7",
      originalRequest: request,
      errorResponse: NOT_FOUND,
    });
  }
});

test("a message type has no extensions", () => {
  expect(reflect({ host: "", allExtensionNumbersOfType: "installer.v1.Status" })).toMatchObject({
    allExtensionNumbersResponse: { baseTypeName: "installer.v1.Status", extensionNumber: [] },
  });
});
