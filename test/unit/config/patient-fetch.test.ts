import { expect, test } from "vitest";
import { makePatient } from "../../../src/config/patient-fetch.ts";
import { InstallerError } from "../../../src/core/errors.ts";
import { systemError } from "../../../src/system/system-error.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";

const never = new AbortController().signal;
const QUICK = { attempts: 3, firstDelayMs: 0, maxDelayMs: 0 };

const failing = (
  code: "E_TFTP_TIMEOUT" | "E_TFTP_SERVER" | "E_TFTP_NOT_FOUND" | "E_TFTP_ACCESS" | "E_TFTP_TOO_LARGE",
) => new InstallerError(code, `receiving x: ${code}`);

test.each([failing("E_TFTP_TIMEOUT"), failing("E_TFTP_SERVER"), systemError("ENETUNREACH", "send")])(
  "a cable that is pulled delays a transfer and does not fail it: %s",
  async (error) => {
    const log = createRecordingLogger();
    let failures = 2;
    const fetchFile = makePatient(
      async () => {
        if (failures-- > 0) throw error;
        return Buffer.from("content");
      },
      log,
      QUICK,
    );
    expect((await fetchFile("x", never)).toString()).toBe("content");
    expect(log.messages).toEqual(Array.from({ length: 2 }, () => `${error.message}, trying again in 0 s`));
  },
);

test("not for ever", async () => {
  let attempts = 0;
  const fetchFile = makePatient(
    async () => {
      attempts += 1;
      throw failing("E_TFTP_TIMEOUT");
    },
    createRecordingLogger(),
    QUICK,
  );
  await expect(fetchFile("x", never)).rejects.toMatchObject({ code: "E_TFTP_TIMEOUT" });
  expect(attempts).toBe(3);
});

test.each([
  failing("E_TFTP_NOT_FOUND"),
  failing("E_TFTP_ACCESS"),
  failing("E_TFTP_TOO_LARGE"),
  new TypeError("bug"),
])("a clear answer is taken at once: %s", async (error) => {
  let attempts = 0;
  const fetchFile = makePatient(
    async () => {
      attempts += 1;
      throw error;
    },
    createRecordingLogger(),
    QUICK,
  );
  await expect(fetchFile("x", never)).rejects.toBe(error);
  expect(attempts).toBe(1);
});
