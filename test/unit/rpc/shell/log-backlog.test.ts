import { expect, it, vi } from "vitest";
import { LogBacklog } from "../../../../src/rpc/shell/log-backlog.ts";

const entry = (text: string): Buffer => Buffer.from(text);

it("gives entries in order, at once or as they come", async () => {
  const backlog = new LogBacklog(100, () => undefined);
  backlog.push(entry("a"));
  backlog.push(entry("b"));
  expect(String(await backlog.next())).toBe("a");
  expect(String(await backlog.next())).toBe("b");
  const waiting = backlog.next();
  backlog.push(entry("c"));
  expect(String(await waiting)).toBe("c");
});

it("counts only what waits", async () => {
  const onOverflow = vi.fn<() => void>();
  const backlog = new LogBacklog(10, onOverflow);
  for (let count = 0; count < 100; count++) {
    backlog.push(entry("0123456789"));
    await backlog.next();
  }
  expect(onOverflow).not.toHaveBeenCalled();
});

it("reports an overflow once, then holds nothing", async () => {
  const onOverflow = vi.fn<() => void>();
  const backlog = new LogBacklog(10, onOverflow);
  for (let count = 0; count < 5; count++) backlog.push(entry("01234"));
  expect(onOverflow).toHaveBeenCalledTimes(1);
  expect(await backlog.next()).toBeUndefined();
});

it("lets go of who waits when it is closed", async () => {
  const backlog = new LogBacklog(10, () => undefined);
  const waiting = backlog.next();
  backlog.close();
  expect(await waiting).toBeUndefined();
  backlog.push(entry("late"));
  expect(await backlog.next()).toBeUndefined();
});
