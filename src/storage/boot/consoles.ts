import type { Architecture } from "./boot-info.ts";

/** A serial port of a PC as GRUB and kexec want it described. */
export interface SerialPort {
  /** 0 for ttyS0. */
  readonly unit: number;
  /** Bits per second. */
  readonly speed: number;
  readonly parity: "n" | "o" | "e";
  readonly wordBits: number;
  /** RTS and CTS tell when the other side is ready. */
  readonly flowControl: boolean;
}

/** Where the installed system shows how it boots. */
export interface Consoles {
  /** Values of `console=` for the kernel; the last one becomes /dev/console. */
  readonly kernel: readonly string[];
  readonly serial: SerialPort;
}

/** The port that the original always uses (spec/storage.md section 8.5). */
export const DEFAULT_SERIAL_PORT: SerialPort = {
  unit: 0,
  speed: 115_200,
  parity: "n",
  wordBits: 8,
  flowControl: false,
};

const SERIAL_CONSOLES: Readonly<Record<Architecture, string>> = { amd64: "ttyS0", arm64: "ttyAMA0" };

/** What a boot loader's script and a kernel command line take without quoting. */
const PLAIN_CONSOLE = /^[A-Za-z]\w*(?:,\w+)*$/;

const VIRTUAL_TERMINAL = /^tty\d+$/;

/** serial-console.rst of the kernel: device, then speed, parity, bits, flow control, each optional. */
const PC_SERIAL_CONSOLE = /^ttyS(\d{1,2})(?:,(\d{1,7})([noe])?([5-8])?(r)?)?$/;

/** The kernel's own choice when the command line names no speed. */
const KERNEL_DEFAULT_SPEED = 9600;

/** GRUB knows the addresses of these only, and these speeds (grub-core/term/ns8250.c). */
const GRUB_UNITS = 4;
const GRUB_SPEEDS = [2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200];

/** What `console=` says unless the running kernel was told something else. */
export function defaultConsoles(architecture: Architecture): Consoles {
  return {
    kernel: ["tty0", `${SERIAL_CONSOLES[architecture]},115200n8`],
    serial: DEFAULT_SERIAL_PORT,
  };
}

/**
 * The consoles of the installed system follow those of the running one, going by its kernel command line: whoever wired a
 * machine's console to ttyS1 at 57600 has told the netboot kernel so. Without a serial console on that line it is the default.
 * A port that GRUB cannot drive is left to the kernel alone.
 */
export function chooseConsoles(commandLine: string, architecture: Architecture): Consoles {
  const named = [
    ...new Set(
      commandLine
        .split(/\s+/)
        .filter((word) => word.startsWith("console="))
        .map((word) => normalise(word.slice("console=".length)))
        .filter((value) => PLAIN_CONSOLE.test(value) && value !== "null"),
    ),
  ];
  if (named.every((value) => VIRTUAL_TERMINAL.test(value))) return defaultConsoles(architecture);
  return {
    kernel: named.some((value) => VIRTUAL_TERMINAL.test(value)) ? named : ["tty0", ...named],
    serial: named.map(parseSerialPort).findLast((port) => port !== undefined) ?? DEFAULT_SERIAL_PORT,
  };
}

/** `ttyS0,115200` and `ttyS0,115200n8` are the same port: the longer form, so that both give the default. */
function normalise(value: string): string {
  const [, unit, speed, parity = "n", bits = "8", flow = ""] = PC_SERIAL_CONSOLE.exec(value) ?? [];
  return unit === undefined || speed === undefined ? value : `ttyS${unit},${speed}${parity}${bits}${flow}`;
}

function parseSerialPort(value: string): SerialPort | undefined {
  const match = PC_SERIAL_CONSOLE.exec(value);
  if (match === null) return undefined;
  const [, unitText, speedText, parity, bits, flow] = match;
  const unit = Number(unitText);
  const speed = speedText === undefined ? KERNEL_DEFAULT_SPEED : Number(speedText);
  if (unit >= GRUB_UNITS || !GRUB_SPEEDS.includes(speed)) return undefined;
  return {
    unit,
    speed,
    parity: parity === "o" || parity === "e" ? parity : "n",
    wordBits: bits === undefined ? 8 : Number(bits),
    flowControl: flow === "r",
  };
}
