import { startProcess } from "./cli/start-process.ts";

void startProcess();
