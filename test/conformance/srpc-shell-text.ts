/** What a shell session shows before anything is typed. */
export interface Opening {
  /** Up to the line that names the terminal, with the log so far. */
  readonly banner: string;
  /** What the shell itself says before its prompt. */
  readonly greeting: string;
  /** The prompt, with the question for the place of the cursor that some shells ask. */
  readonly prompt: string;
}

/** Device status report (ECMA-48): the shell asks where the cursor is, and does not wait for an answer. */
const CURSOR_QUESTION = "\x1b[6n";
const STARTING = /Starting shell on: \S+\.\.\.\r\n/;

/** Takes the text of a session apart; throws when it does not say where the shell starts. */
export function readOpening(text: string): Opening {
  const starting = STARTING.exec(text);
  if (starting === null) throw new Error(`no shell is started: ${JSON.stringify(text.slice(0, 2000))}`);
  const end = starting.index + starting[0].length;
  const shown = text.slice(end);
  const promptStart = shown.lastIndexOf("\n") + 1;
  return {
    banner: text.slice(0, end),
    greeting: shown.slice(0, promptStart),
    prompt: shown.slice(promptStart),
  };
}

/** Whether the shell waits for something to be typed. */
export function isAtPrompt(text: string): boolean {
  const shown = text.endsWith(CURSOR_QUESTION) ? text.slice(0, -CURSOR_QUESTION.length) : text;
  return shown.endsWith("# ") || shown.endsWith("$ ");
}

/** The log lines of a recorded opening that had been written before the client came. */
export function logBefore({ banner }: Opening): readonly string[] {
  const [, ...lines] = banner.split("\r\n");
  return lines.slice(0, lines.indexOf("")).filter((line) => !isAboutConnection(line));
}

function isAboutConnection(line: string): boolean {
  return /^\[ *\d+\.\d{3}\] (SRPC\/s\(|shell on )/.test(line);
}

/**
 * An opening without what differs from session to session: times, terminals, the version of the shell, its directory.
 * Lines about accepted connections are the library's of the original.
 */
export function plainOpening({ banner, greeting, prompt }: Opening): Opening {
  return {
    banner: banner
      .replaceAll(/\/dev\/pts\/\d+/g, "/dev/pts/N")
      .replaceAll(/^\[ *\d+\.\d{3}\] SRPC\/s\(.*\r\n/gm, "")
      .replaceAll(/^\[ *\d+\.\d{3}\] (?=shell on )/gm, "[time] "),
    greeting: greeting.replace(/BusyBox v.* built-in shell/, "BusyBox built-in shell"),
    prompt: plainPrompt(prompt),
  };
}

/** What is shown for something that was typed, whatever the prompt looks like. */
export function plainOutput(text: string, prompt: string): string {
  return prompt === "" ? text : text.replaceAll(prompt, plainPrompt(prompt));
}

/** `~ # ` and `/work # ` are the same prompt in other places. */
function plainPrompt(prompt: string): string {
  return prompt.replace(/^\S+ /, "WHERE ").replace(CURSOR_QUESTION, "");
}
