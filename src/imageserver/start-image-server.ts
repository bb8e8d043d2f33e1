import type { Logger } from "../core/logger.ts";
import { DirectoryObjectStore } from "../objectcache/directory-object-store.ts";
import { type ListeningPort, listenOnPort } from "../rpc/port/listen.ts";
import { SrpcServer } from "../rpc/srpc/server.ts";
import type { JudgingCredentials } from "../rpc/tls/credentials.ts";
import type { Host } from "../system/host.ts";
import { answerObjectRequest } from "./http-object.ts";
import { ImageRepository } from "./image-repository.ts";
import { imageServerMethods } from "./image-server-methods.ts";
import { objectServerMethods } from "./object-server-methods.ts";

export interface ImageServerOptions {
  /** Absolute; both directories are made when absent. */
  readonly imageDirectory: string;
  readonly objectDirectory: string;
  /** 0: any free port. The usual one is 6971. */
  readonly port: number;
  /** Address to listen on; default: all. */
  readonly address?: string;
  /** Absent: no TLS, and everybody may read everything. */
  readonly credentials?: JudgingCredentials;
  /** Without credentials: everybody may write as well. Otherwise a server that cannot tell its callers offers no way to. */
  readonly permitInsecureWrites?: boolean;
  /** With credentials: whoever has no certificate may read as well, and `GET /getObject` is offered. */
  readonly allowUnauthenticatedReads?: boolean;
  readonly trustedUsers?: readonly string[];
  readonly trustedGroups?: readonly string[];
  readonly hostname: string;
  readonly host: Pick<Host, "files" | "hashing" | "clock">;
  readonly log: Logger;
}

/** A whole fleet may come from one address, and all at once. */
const FLEET_LIMITS = {
  maxConnectionsPerAddress: 512,
  newConnectionsPerSecond: 500,
  newConnectionsBurst: 1000,
};

/**
 * Serves the images and objects of two directories over SRPC (spec/imageservice.md). Images that
 * are published meanwhile show at once; leftovers of interrupted publishing are removed, so do not start it while
 * something is being published there. Rejects with E_PORT_UNAVAILABLE.
 */
export async function startImageServer(options: ImageServerOptions): Promise<ListeningPort> {
  const { host, log } = options;
  const repository = new ImageRepository({
    root: options.imageDirectory,
    files: host.files,
    clock: host.clock,
    log,
  });
  const store = new DirectoryObjectStore({
    root: options.objectDirectory,
    files: host.files,
    hashing: host.hashing,
  });
  await repository.removeTemporaries();
  await store.removeTemporaries();
  const isUnauthenticated = options.allowUnauthenticatedReads ?? false;
  const isWritable = options.credentials !== undefined || (options.permitInsecureWrites ?? false);
  const objects = { store, files: host.files };
  const srpc = new SrpcServer({
    methods: [
      ...imageServerMethods({ repository, store, clock: host.clock, isUnauthenticated, isWritable, log }),
      ...objectServerMethods(objects, { isUnauthenticated, isWritable }),
    ],
    hostname: options.hostname,
    credentials: () => options.credentials,
    isInsecure: options.credentials === undefined,
    ...(options.trustedUsers === undefined ? {} : { trustedUsers: options.trustedUsers }),
    ...(options.trustedGroups === undefined ? {} : { trustedGroups: options.trustedGroups }),
    log,
  });
  return listenOnPort({
    port: options.port,
    ...(options.address === undefined ? {} : { host: options.address }),
    srpc,
    ...(isUnauthenticated ? { http: answerObjectRequest(store, log) } : {}),
    ...FLEET_LIMITS,
    log,
  });
}
