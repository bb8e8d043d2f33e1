import { describe, expect, it } from "vitest";
import { PAGE_STYLE } from "../../../../../src/rpc/http/page/page-style.ts";

type Colours = Readonly<Record<string, string>>;

function coloursIn(css: string): Colours {
  return Object.fromEntries(
    [...css.matchAll(/--([\w-]+): (#[\da-f]{3,6})[;\s]/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}

const [lightCss = "", darkCss = ""] = PAGE_STYLE.split("@media (prefers-color-scheme: dark)");
const LIGHT = coloursIn(lightCss);
const DARK = { ...LIGHT, ...coloursIn(darkCss) };

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const digits =
    colour.length === 4 ? colour.slice(1).replace(/./g, "$&$&").match(/../g) : colour.slice(1).match(/../g);
  const [red = 0, green = 0, blue = 0] = (digits ?? []).map((pair) => {
    const value = Number.parseInt(pair, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(left: string, right: string): number {
  const [bright = 0, dark = 0] = [luminance(left), luminance(right)].toSorted((one, other) => other - one);
  return (bright + 0.05) / (dark + 0.05);
}

const TEXTS = ["ink", "muted", "accent", "ok", "bad", "warn"];
const GROUNDS = ["ground", "surface", "sunken"];
const PAIRS = [
  ...TEXTS.flatMap((text) => GROUNDS.map((ground) => [text, ground] as const)),
  ...["accent", "bad", "warn"].flatMap((name) => [
    [name, `${name}-soft`] as const,
    ["ink", `${name}-soft`] as const,
  ]),
];

describe.each([
  ["light", LIGHT],
  ["dark", DARK],
] as const)("the %s colours of the page", (_scheme, colours) => {
  it.each(PAIRS)("%s on %s can be read (AA)", (text, ground) => {
    expect(contrast(colours[text] ?? "", colours[ground] ?? "")).toBeGreaterThanOrEqual(4.5);
  });

  it.each(["root", "boot", "efi", "data", "swap", "other"])(
    "white on a volume of kind %s can be read (AA)",
    (name) => {
      expect(contrast("#fff", colours[`v-${name}`] ?? "")).toBeGreaterThanOrEqual(4.5);
    },
  );
});

describe("the style of the page", () => {
  it("stands still for those who asked for that", () => {
    expect(PAGE_STYLE).toContain("prefers-reduced-motion: reduce");
  });
});
