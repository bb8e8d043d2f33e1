// Made from src/rpc/grpc/protos/health.proto by `npm run proto`; do not edit.
import type { MessageType } from "../grpc/message-type.ts";

export interface HealthCheckRequest {
  /** Full name of a service; empty: the server as a whole. */
  readonly service: string;
}
export const HealthCheckRequest: MessageType<HealthCheckRequest>;

export interface HealthCheckResponse {
  readonly status: HealthCheckResponseServingStatus;
}
export const HealthCheckResponse: MessageType<HealthCheckResponse>;

export type HealthCheckResponseServingStatus = (typeof HealthCheckResponseServingStatus)[keyof typeof HealthCheckResponseServingStatus];
export const HealthCheckResponseServingStatus: {
  readonly UNKNOWN: 0;
  readonly SERVING: 1;
  readonly NOT_SERVING: 2;
  /** Only in answers of Watch. */
  readonly SERVICE_UNKNOWN: 3;
};
