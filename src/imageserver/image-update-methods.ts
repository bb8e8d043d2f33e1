import {
  getFilteredImageUpdatesRequest,
  type ImageUpdate,
  imageUpdate,
} from "../rpc/messages/image-server.ts";
import { type CallContext, type Method, type ServerCall, streamMethod } from "../rpc/srpc/method.ts";
import type { Clock } from "../system/power.ts";
import type { ImageRepository } from "./image-repository.ts";
import { EMPTY_LISTING, END_OF_INITIAL_LIST, imageUpdatesBetween } from "./image-updates.ts";
import { ListingWatch } from "./listing-watch.ts";

interface ImageUpdateOptions {
  readonly repository: ImageRepository;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  readonly isUnauthenticated: boolean;
}

/** The streams of changes of the receiver ImageServer (spec/imageservice.md 4.8); both are public. */
export function imageUpdateMethods({
  repository,
  clock,
  isUnauthenticated,
}: ImageUpdateOptions): readonly Method[] {
  const access = { isPublic: true, isUnauthenticated };
  const watch = new ListingWatch(repository, clock);
  return [
    streamMethod({
      name: "ImageServer.GetImageUpdates",
      ...access,
      run: async (call, context) => streamUpdates(call, context, { watch, ignoreExpiring: false }),
    }),
    streamMethod({
      name: "ImageServer.GetFilteredImageUpdates",
      ...access,
      run: async (call, context) => {
        const { IgnoreExpiring } = await call.receive(getFilteredImageUpdatesRequest);
        await streamUpdates(call, context, { watch, ignoreExpiring: IgnoreExpiring });
      },
    }),
  ];
}

/** Sends all there is, then the changes, until the client leaves. */
async function streamUpdates(
  call: ServerCall,
  context: CallContext,
  { watch, ignoreExpiring }: { readonly watch: ListingWatch; readonly ignoreExpiring: boolean },
): Promise<void> {
  let listing = await watch.current();
  const initial = imageUpdatesBetween(EMPTY_LISTING, listing, { ignoreExpiring });
  await send(call, [...initial, END_OF_INITIAL_LIST]);
  const stop = AbortSignal.any([context.signal, untilClientLeaves(call)]);
  for (;;) {
    const next = await watch.next(stop).catch((error: unknown) => {
      if (stop.aborted) return undefined;
      throw error;
    });
    if (next === undefined) return;
    const updates = imageUpdatesBetween(listing, next, { ignoreExpiring });
    if (updates.length > 0) await send(call, updates);
    listing = next;
  }
}

async function send(call: ServerCall, updates: readonly ImageUpdate[]): Promise<void> {
  await call.write(Buffer.concat(updates.map((update) => call.encode(imageUpdate, update))));
}

/** Aborted when the client has closed the connection; what it sends until then is dropped, as the original does. */
function untilClientLeaves(call: ServerCall): AbortSignal {
  const left = new AbortController();
  const read = async (): Promise<void> => {
    call.setReadTimeout(0);
    try {
      while ((await call.reader.readSome(DISCARD_BYTES)) !== undefined);
    } finally {
      left.abort();
    }
  };
  // A broken connection is as good as one that was closed.
  read().catch(() => undefined);
  return left.signal;
}

const DISCARD_BYTES = 64 * 1024;
