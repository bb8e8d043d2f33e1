import type { MethodDefinition } from "@grpc/grpc-js";
import * as messages from "../generated/installer.js";
import { decodeMessage, encodeMessage } from "./codec.ts";
import type { MessageType } from "./message-type.ts";

/** Full name of the service, as health checks and reflection know it. */
export const INSTALLER_SERVICE = "installer.v1.Installer";

interface Streams {
  readonly requestStream?: true;
  readonly responseStream?: true;
}

/** What a method of a service sends and receives, for servers and clients. */
export function defineMethod<Request, Reply>(
  service: string,
  name: string,
  request: MessageType<Request>,
  reply: MessageType<Reply>,
  {
    requestStream = false,
    responseStream = false,
  }: { requestStream?: boolean; responseStream?: boolean } = {},
): MethodDefinition<Request, Reply> {
  return {
    path: `/${service}/${name}`,
    requestStream,
    responseStream,
    requestSerialize: (message) => encodeMessage(request, message),
    requestDeserialize: (bytes) => decodeMessage(request, bytes),
    responseSerialize: (message) => encodeMessage(reply, message),
    responseDeserialize: (bytes) => decodeMessage(reply, bytes),
  };
}

function define<Request, Reply>(
  name: string,
  request: MessageType<Request>,
  reply: MessageType<Reply>,
  streams: Streams = {},
): MethodDefinition<Request, Reply> {
  return defineMethod(INSTALLER_SERVICE, name, request, reply, streams);
}

const OUT = { responseStream: true } as const;
const BOTH = { requestStream: true, responseStream: true } as const;

/** The methods of installer.proto. */
export const INSTALLER_METHODS = {
  GetStatus: define("GetStatus", messages.GetStatusRequest, messages.Status),
  WatchEvents: define("WatchEvents", messages.WatchEventsRequest, messages.Event, OUT),
  StreamLogs: define("StreamLogs", messages.StreamLogsRequest, messages.LogEntry, OUT),
  Shell: define("Shell", messages.ShellInput, messages.ShellOutput, BOTH),
  HoldReboot: define("HoldReboot", messages.HoldRebootRequest, messages.ControlReply),
  ReleaseReboot: define("ReleaseReboot", messages.ReleaseRebootRequest, messages.ControlReply),
  RebootNow: define("RebootNow", messages.RebootNowRequest, messages.ControlReply),
  Rerun: define("Rerun", messages.RerunRequest, messages.ControlReply),
  Cancel: define("Cancel", messages.CancelRequest, messages.ControlReply),
  Diagnose: define("Diagnose", messages.DiagnoseRequest, messages.TarChunk, OUT),
} as const;

/** What may be done to a run from outside, by the names of the methods. */
export type ControlMethod = "HoldReboot" | "ReleaseReboot" | "RebootNow" | "Rerun" | "Cancel";
