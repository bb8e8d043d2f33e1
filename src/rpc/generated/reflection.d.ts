// Made from src/rpc/grpc/protos/reflection.proto by `npm run proto`; do not edit.
import type { MessageType } from "../grpc/message-type.ts";

export interface ServerReflectionRequest {
  readonly host: string;
  /** The file of that name. */
  readonly fileByFilename?: string;
  /** The file that declares a service, method, message, field or enum of that full name. */
  readonly fileContainingSymbol?: string;
  /** The file that declares an extension (proto2). */
  readonly fileContainingExtension?: ExtensionRequest;
  /** The numbers of all known extensions of a message type (proto2). */
  readonly allExtensionNumbersOfType?: string;
  /** The names of all services; the text does not matter. */
  readonly listServices?: string;
}
export const ServerReflectionRequest: MessageType<ServerReflectionRequest>;

export interface ExtensionRequest {
  readonly containingType: string;
  readonly extensionNumber: number;
}
export const ExtensionRequest: MessageType<ExtensionRequest>;

export interface ServerReflectionResponse {
  readonly validHost: string;
  readonly originalRequest?: ServerReflectionRequest;
  /** To all requests for files: the file and those that it imports. */
  readonly fileDescriptorResponse?: FileDescriptorResponse;
  readonly allExtensionNumbersResponse?: ExtensionNumberResponse;
  readonly listServicesResponse?: ListServiceResponse;
  readonly errorResponse?: ErrorResponse;
}
export const ServerReflectionResponse: MessageType<ServerReflectionResponse>;

export interface FileDescriptorResponse {
  /** Each an encoded google.protobuf.FileDescriptorProto. */
  readonly fileDescriptorProto: readonly Uint8Array[];
}
export const FileDescriptorResponse: MessageType<FileDescriptorResponse>;

export interface ExtensionNumberResponse {
  readonly baseTypeName: string;
  readonly extensionNumber: readonly number[];
}
export const ExtensionNumberResponse: MessageType<ExtensionNumberResponse>;

export interface ListServiceResponse {
  readonly service: readonly ServiceResponse[];
}
export const ListServiceResponse: MessageType<ListServiceResponse>;

export interface ServiceResponse {
  /** Full name. */
  readonly name: string;
}
export const ServiceResponse: MessageType<ServiceResponse>;

export interface ErrorResponse {
  /** A status code of gRPC. */
  readonly errorCode: number;
  readonly errorMessage: string;
}
export const ErrorResponse: MessageType<ErrorResponse>;
