import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Admission, type AdmissionLimits } from "../../../../src/rpc/port/admission.ts";

const limits: AdmissionLimits = {
  maxConnections: 10,
  maxConnectionsPerAddress: 4,
  newConnectionsPerSecond: 2,
  newConnectionsBurst: 6,
};

describe("Admission", () => {
  it("refuses an address that has as many connections as it may, and no other", () => {
    const admission = new Admission(limits);
    for (let count = 0; count < 4; count++) expect(admission.admit("10.0.0.1", 0)).toBeUndefined();
    expect(admission.admit("10.0.0.1", 0)).toBe("address");
    expect(admission.admit("10.0.0.2", 0)).toBeUndefined();
    admission.release("10.0.0.1");
    expect(admission.admit("10.0.0.1", 0)).toBeUndefined();
    expect(admission.open).toBe(5);
  });

  it("refuses everybody when there are too many in all", () => {
    const admission = new Admission(limits);
    for (let host = 1; host <= 10; host++) expect(admission.admit(`10.0.0.${host}`, 0)).toBeUndefined();
    expect(admission.admit("10.0.0.11", 0)).toBe("total");
    admission.release("10.0.0.3");
    expect(admission.admit("10.0.0.11", 0)).toBeUndefined();
  });

  it("slows an address down that comes and goes, to its average", () => {
    const admission = new Admission(limits);
    const visit = (nowMs: number) => {
      const refusal = admission.admit("10.0.0.1", nowMs);
      if (refusal === undefined) admission.release("10.0.0.1");
      return refusal;
    };
    expect(Array.from({ length: 8 }, () => visit(0))).toEqual([...Array.from({ length: 6 }), "rate", "rate"]);
    expect(visit(499)).toBe("rate");
    expect([visit(500), visit(500)]).toEqual([undefined, "rate"]);
    expect([visit(1500), visit(1500), visit(1500)]).toEqual([undefined, undefined, "rate"]);
    expect(
      Array.from({ length: 7 }, () => visit(1_000_000)).filter((refusal) => refusal !== undefined),
    ).toEqual(["rate"]);
  });

  it("does not charge an address for what it was refused", () => {
    const admission = new Admission({ ...limits, maxConnectionsPerAddress: 1 });
    expect(admission.admit("10.0.0.1", 0)).toBeUndefined();
    for (let attempt = 0; attempt < 20; attempt++) expect(admission.admit("10.0.0.1", 0)).toBe("address");
    admission.release("10.0.0.1");
    expect(admission.admit("10.0.0.1", 0)).toBeUndefined();
  });

  it("forgets addresses that have left and recovered", () => {
    const admission = new Admission({ ...limits, maxConnections: 10_000 });
    for (let host = 0; host < 1000; host++) {
      const address = `10.0.${host >> 8}.${host & 255}`;
      admission.admit(address, 0);
      if (host > 0) admission.release(address);
    }
    expect(admission.rememberedSources).toBe(1000);
    admission.admit("10.1.0.0", 10_000);
    expect(admission.rememberedSources).toBe(2);
  });

  it("refuses to release what it did not admit", () => {
    const admission = new Admission(limits);
    expect(() => admission.release("10.0.0.1")).toThrow(RangeError);
  });

  it("never goes beyond its limits, whatever comes and goes", () => {
    const step = fc.record({
      host: fc.integer({ min: 1, max: 5 }),
      isLeaving: fc.boolean(),
      waitMs: fc.integer({ min: 0, max: 700 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const admission = new Admission(limits);
        const open = new Map<string, number>();
        const admitted = new Map<string, number[]>();
        let nowMs = 0;
        for (const { host, isLeaving, waitMs } of steps) {
          nowMs += waitMs;
          const address = `10.0.0.${host}`;
          const count = open.get(address) ?? 0;
          if (isLeaving && count > 0) {
            admission.release(address);
            open.set(address, count - 1);
          } else if (!isLeaving && admission.admit(address, nowMs) === undefined) {
            open.set(address, count + 1);
            admitted.set(address, [...(admitted.get(address) ?? []), nowMs]);
          }
        }
        const total = [...open.values()].reduce((sum, count) => sum + count, 0);
        expect(total).toBe(admission.open);
        expect(total).toBeLessThanOrEqual(limits.maxConnections);
        for (const count of open.values()) expect(count).toBeLessThanOrEqual(limits.maxConnectionsPerAddress);
        for (const times of admitted.values()) {
          times.forEach((start, from) => {
            times.slice(from).forEach((end, index) => {
              const allowed =
                limits.newConnectionsBurst + ((end - start) * limits.newConnectionsPerSecond) / 1000;
              expect(index + 1).toBeLessThanOrEqual(allowed + 1e-6);
            });
          });
        }
      }),
    );
  });
});
