import { status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import {
  HealthCheckRequest,
  HealthCheckResponse,
  HealthCheckResponseServingStatus as ServingStatus,
} from "../generated/health.js";
import { CallRefusal } from "./call-refusal.ts";
import type { CallContext, CallRunner } from "./call-runner.ts";
import { defineMethod, INSTALLER_SERVICE } from "./methods.ts";

const SERVICE = "grpc.health.v1.Health";

/** The standard health service: whoever gets an answer at all is served. */
export const HEALTH_METHODS = {
  Check: defineMethod(SERVICE, "Check", HealthCheckRequest, HealthCheckResponse),
  Watch: defineMethod(SERVICE, "Watch", HealthCheckRequest, HealthCheckResponse, { responseStream: true }),
} as const;

const SERVICES: ReadonlySet<string> = new Set(["", INSTALLER_SERVICE]);

export function createHealthService(runner: CallRunner): UntypedServiceImplementation {
  return {
    Check: runner.unary(({ service }: HealthCheckRequest): HealthCheckResponse => {
      if (!SERVICES.has(service)) throw new CallRefusal(status.NOT_FOUND, "unknown service");
      return { status: ServingStatus.SERVING };
    }),
    Watch: runner.serverStream(watch),
  };
}

/** Nothing changes until the server ends. */
async function* watch(
  { service }: HealthCheckRequest,
  { signal }: CallContext,
): AsyncGenerator<HealthCheckResponse, void> {
  yield { status: SERVICES.has(service) ? ServingStatus.SERVING : ServingStatus.SERVICE_UNKNOWN };
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (!signal.aborted) await promise;
}
