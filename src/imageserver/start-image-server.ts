import type { Logger } from "../core/logger.ts";
import { DirectoryObjectStore } from "../objectcache/directory-object-store.ts";
import { type ListeningPort, listenOnPort } from "../rpc/port/listen.ts";
import { SrpcServer } from "../rpc/srpc/server.ts";
import type { ServerCredentials } from "../rpc/tls/credentials.ts";
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
  readonly credentials?: ServerCredentials;
  /** With credentials: whoever has no certificate may read as well, and `GET /getObject` is offered. */
  readonly allowUnauthenticatedReads?: boolean;
  readonly trustedUsers?: readonly string[];
  readonly trustedGroups?: readonly string[];
  readonly hostname: string;
  readonly host: Pick<Host, "files" | "hashing" | "clock">;
  readonly log: Logger;
}

/**
 * Serves the images and objects of two directories over SRPC (spec/imageservice.md, the read methods). Images that
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
  const objects = { store, files: host.files };
  const srpc = new SrpcServer({
    methods: [
      ...imageServerMethods({ repository, clock: host.clock, isUnauthenticated, log }),
      ...objectServerMethods(objects, { isUnauthenticated }),
    ],
    hostname: options.hostname,
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    ...(options.trustedUsers === undefined ? {} : { trustedUsers: options.trustedUsers }),
    ...(options.trustedGroups === undefined ? {} : { trustedGroups: options.trustedGroups }),
    log,
  });
  return listenOnPort({
    port: options.port,
    ...(options.address === undefined ? {} : { host: options.address }),
    srpc,
    ...(isUnauthenticated ? { http: answerObjectRequest(store, log) } : {}),
    log,
  });
}
