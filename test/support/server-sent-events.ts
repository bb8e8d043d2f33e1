import { once } from "node:events";
import { type ClientRequest, get, type IncomingMessage } from "node:http";

/** One event of a stream (WHATWG HTML section 9.2). */
export interface ServerSentEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data: unknown;
}

/** A client that reads when it is asked to. */
export class EventSourceClient implements Disposable {
  readonly response: IncomingMessage;
  readonly #request: ClientRequest;
  readonly #pieces: AsyncIterator<string>;
  #text = "";

  private constructor(request: ClientRequest, response: IncomingMessage) {
    this.#request = request;
    this.response = response;
    this.#pieces = response.setEncoding("utf8")[Symbol.asyncIterator]() as AsyncIterator<string>;
  }

  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventSourceClient> {
    const request = get(url, { headers, agent: false });
    // It is ended from either side.
    request.on("error", () => undefined);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return new EventSourceClient(request, response);
  }

  /** The next event; undefined when the stream has ended. */
  async next(): Promise<ServerSentEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end !== -1) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        const event = parse(block);
        if (event !== undefined) return event;
        continue;
      }
      const { value, done } = await this.#pieces.next().catch(() => ({ value: "", done: true }));
      if (done === true) return undefined;
      this.#text += value;
    }
  }

  /** The next `count` events. */
  async take(count: number): Promise<readonly (ServerSentEvent | undefined)[]> {
    const events: (ServerSentEvent | undefined)[] = [];
    while (events.length < count) events.push(await this.next());
    return events;
  }

  [Symbol.dispose](): void {
    this.#request.destroy();
  }
}

/** Undefined for comments. */
function parse(block: string): ServerSentEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 2));
  }
  const [id, event, data] = ["id", "event", "data"].map((name) => fields.get(name));
  if (data === undefined) return undefined;
  return {
    data: JSON.parse(data) as unknown,
    ...(id === undefined ? {} : { id }),
    ...(event === undefined ? {} : { event }),
  };
}
