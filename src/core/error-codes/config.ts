import type { ErrorCodeTable } from "./entry.ts";

/** Configuration files and their sources. */
export const CONFIG_ERRORS = {
  E_CONFIG_MISSING: {
    kind: "config",
    meaning: "A configuration file or value that is needed is not there.",
    hint: "provide it where the message says, or by the flag that replaces it",
  },
  E_CONFIG_SYNTAX: {
    kind: "config",
    meaning: "A configuration file is not JSON.",
    hint: "correct the file at the line and column given",
  },
  E_CONFIG_VALUE: {
    kind: "config",
    meaning: "A configuration value is of the wrong type or makes no sense.",
    hint: "correct the value at the place given",
  },
  E_CONFIG_FETCH: {
    kind: "network",
    meaning: "The configuration could not be fetched.",
    hint: "try the same request from another machine on that network",
  },
  E_HTTP: {
    kind: "network",
    meaning: "A web server's answer cannot be used, or the URL is none.",
    hint: "try the URL with curl from another machine on that network",
  },
  E_PLUG_IN: {
    kind: "config",
    meaning: "A program that the operator provided (loader, drive selector, configurator, notifier) failed.",
    hint: "run the program by hand with the same arguments; it gets an empty environment, the drive selector ours",
  },
} as const satisfies ErrorCodeTable;
