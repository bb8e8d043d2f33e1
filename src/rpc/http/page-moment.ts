import type { SequencedEvent } from "../../engine/event-history.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { makeFrame } from "./page/page-frame.ts";
import { changedSections, renderSections, type Sections } from "./page/sections.ts";
import type { PageSource } from "./page-source.ts";

export interface EncodedFrame {
  readonly bytes: Buffer;
  /** The newest log entry it brings. */
  readonly after: number;
}

/** The page at one moment, rendered once however many watch. */
export class PageMoment {
  readonly sections: Sections;
  readonly #run: string;
  readonly #snapshot: Snapshot;
  readonly #logEvents: readonly SequencedEvent[];
  /** By the newest log entry that a watcher knows. */
  readonly #wholeFrames = new Map<number, EncodedFrame>();

  constructor(source: PageSource, run: string) {
    this.#run = run;
    this.#snapshot = source.snapshot();
    this.#logEvents = source.logEvents();
    this.sections = renderSections(this.#snapshot);
  }

  /** For those who know everything of the tick before. */
  changesSince(before: Sections | undefined, after: number): EncodedFrame {
    return this.#encode(before === undefined ? this.sections : changedSections(before, this.sections), after);
  }

  wholeFrame(after: number): EncodedFrame {
    const frame = this.#wholeFrames.get(after) ?? this.#encode(this.sections, after);
    this.#wholeFrames.set(after, frame);
    return frame;
  }

  #encode(sections: Partial<Sections>, after: number): EncodedFrame {
    const frame = makeFrame({
      run: this.#run,
      snapshot: this.#snapshot,
      sections,
      logEvents: this.#logEvents,
      after,
    });
    const bytes = Buffer.from(`event: page\ndata: ${JSON.stringify(frame)}\n\n`, "utf8");
    return { bytes, after: frame.after };
  }
}
