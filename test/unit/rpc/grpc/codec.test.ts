import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Event,
  HandOver,
  LogEntry,
  Status,
  Step,
  TarChunk,
} from "../../../../src/rpc/generated/installer.js";
import { decodeMessage, encodeMessage } from "../../../../src/rpc/grpc/codec.ts";

const STEP: Step = {
  id: "plan",
  title: "Plan",
  state: 1,
  destructive: false,
  startedAt: 0,
  unit: "",
  note: "",
  waitingFor: "",
};

describe("messages", () => {
  test("have their fields at the default after decoding, for copies and for JSON", () => {
    const status = decodeMessage(Status, Buffer.alloc(0));
    expect({ ...status }).toEqual({
      hostname: "",
      version: "",
      startedUnixMs: 0,
      at: 0,
      outcome: 0,
      message: "",
      steps: [],
      drives: [],
      interfaces: [],
      sessions: [],
      notices: [],
      sequence: 0,
    });
    expect(JSON.parse(JSON.stringify(status))).toEqual(status);
  });

  test("tell what is absent from what is zero", () => {
    expect("done" in decodeMessage(Step, encodeMessage(Step, STEP))).toBe(false);
    expect(decodeMessage(Step, encodeMessage(Step, { ...STEP, done: 0 })).done).toBe(0);
    const held = decodeMessage(HandOver, encodeMessage(HandOver, { phase: 3, rebooter: "kexec" }));
    expect(held).toEqual({ phase: 3, rebooter: "kexec" });
  });

  test("keep every whole number below 2^53", () => {
    const whole = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER));
    fc.assert(
      fc.property(whole, whole, (sequence, at) => {
        const decoded = decodeMessage(
          Event,
          encodeMessage(Event, { sequence, at, eventsLost: { count: at } }),
        );
        expect(decoded).toEqual({ sequence, at, eventsLost: { count: at } });
      }),
    );
  });

  test("keep texts and bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.uint8Array(), (message, data) => {
        const entry: LogEntry = {
          sequence: 1,
          at: 1,
          level: 1,
          message,
          stepId: "",
          line: "",
          fields: { [message]: message },
        };
        expect(decodeMessage(LogEntry, encodeMessage(LogEntry, entry))).toEqual(entry);
        expect([...decodeMessage(TarChunk, encodeMessage(TarChunk, { data })).data]).toEqual([...data]);
      }),
    );
  });

  test("cannot change what objects are by the name of a field", () => {
    const fields: Record<string, string> = Object.fromEntries([["__proto__", "hostile"]]);
    const entry: LogEntry = { sequence: 1, at: 1, level: 1, message: "", stepId: "", line: "", fields };
    const decoded = decodeMessage(LogEntry, encodeMessage(LogEntry, entry));
    expect(Object.getPrototypeOf(decoded.fields)).toBe(Object.prototype);
    expect(Object.keys({})).toEqual([]);
  });

  test("that are malformed are refused, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          expect(decodeMessage(Status, bytes)).toHaveProperty("hostname");
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
