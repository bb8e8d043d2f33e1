import path from "node:path";

/** The checkout. */
export const ROOT = path.resolve(import.meta.dirname, "../..");
/** What we hand out. */
export const DIST = path.join(ROOT, "dist");
/** What is expensive to make again; safe to delete. */
export const CACHE = path.join(ROOT, ".cache");
