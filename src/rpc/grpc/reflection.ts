import { status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { FILE_DESCRIPTORS } from "../generated/descriptors.ts";
import { ServerReflectionRequest, ServerReflectionResponse } from "../generated/reflection.js";
import type { CallRunner } from "./call-runner.ts";
import { defineMethod } from "./methods.ts";

const BOTH = { requestStream: true, responseStream: true } as const;

/** Server reflection under its present name and under the old one, whose messages are the same. */
export const REFLECTION_METHODS = ["grpc.reflection.v1", "grpc.reflection.v1alpha"].map((packageName) => ({
  ServerReflectionInfo: defineMethod(
    `${packageName}.ServerReflection`,
    "ServerReflectionInfo",
    ServerReflectionRequest,
    ServerReflectionResponse,
    BOTH,
  ),
}));

type Answer = Omit<ServerReflectionResponse, "validHost" | "originalRequest">;

export function createReflectionService(runner: CallRunner): UntypedServiceImplementation {
  return {
    ServerReflectionInfo: runner.conversation<ServerReflectionRequest, ServerReflectionResponse>(
      async (conversation) => {
        for await (const request of conversation.requests) await conversation.send(reflect(request));
      },
    ),
  };
}

/** The answer to one question about the services of this server. */
export function reflect(request: ServerReflectionRequest): ServerReflectionResponse {
  return { validHost: request.host, originalRequest: request, ...answer(request) };
}

function answer(request: ServerReflectionRequest): Answer {
  const { fileByFilename, fileContainingSymbol, listServices, allExtensionNumbersOfType } = request;
  if (listServices !== undefined) return { listServicesResponse: { service: listOfServices() } };
  if (fileByFilename !== undefined)
    return fileAnswer(FILE_DESCRIPTORS.find(({ name }) => name === fileByFilename));
  if (fileContainingSymbol !== undefined)
    return fileAnswer(FILE_DESCRIPTORS.find(({ symbols }) => symbols.includes(fileContainingSymbol)));
  if (allExtensionNumbersOfType !== undefined && isMessage(allExtensionNumbersOfType))
    return {
      allExtensionNumbersResponse: { baseTypeName: allExtensionNumbersOfType, extensionNumber: [] },
    };
  return notFound();
}

function listOfServices(): readonly { readonly name: string }[] {
  return FILE_DESCRIPTORS.flatMap(({ services }) => services)
    .toSorted()
    .map((name) => ({ name }));
}

function isMessage(name: string): boolean {
  return FILE_DESCRIPTORS.some(({ symbols }) => symbols.includes(name));
}

function fileAnswer(file: { readonly base64: string } | undefined): Answer {
  if (file === undefined) return notFound();
  return { fileDescriptorResponse: { fileDescriptorProto: [Buffer.from(file.base64, "base64")] } };
}

function notFound(): Answer {
  return { errorResponse: { errorCode: status.NOT_FOUND, errorMessage: "not found" } };
}
