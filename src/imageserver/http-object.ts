import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { isObjectId } from "../core/object-id.ts";
import type { ObjectStore } from "../objectcache/object-store.ts";

const PATH = "/getObject";
const ID_DIGITS = 128;

/** Answers `GET /getObject?<128 lower-case hex digits>` (spec/imageservice.md 5.5) and nothing else. */
export function answerObjectRequest(store: ObjectStore, log: Logger): RequestListener {
  return (request, response) => {
    answer(request, response, store).catch((error: unknown) => {
      log.warn("sending an object over HTTP failed", { reason: messageChain(error) });
      response.destroy();
    });
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, store: ObjectStore): Promise<void> {
  const [path, id = ""] = (request.url ?? "").split("?", 2);
  if (path !== PATH) return refuse(response, 404);
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(response, 405);
  if (id.length > ID_DIGITS || !/^[0-9a-f]*$/.test(id)) return refuse(response, 400);
  const sizeBytes = isObjectId(id) ? await store.size(id) : undefined;
  if (!isObjectId(id) || sizeBytes === undefined) return refuse(response, 404);
  response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": sizeBytes });
  if (request.method === "HEAD") response.end();
  else await pipeline(Readable.from(store.open(id)), response);
}

function refuse(response: ServerResponse, status: 400 | 404 | 405): void {
  response.writeHead(status, { "Content-Length": 0 }).end();
}
