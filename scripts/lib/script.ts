import { messageChain } from "../../src/core/errors.ts";

/** Runs a script's main function: what it throws is printed as a message, and the script then exits with 1. */
export async function runScript(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${messageChain(error)}\n`);
    process.exitCode = 1;
  }
}
