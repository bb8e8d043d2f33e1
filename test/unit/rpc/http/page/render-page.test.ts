import { describe, expect, it } from "vitest";
import { UNKNOWN_MACHINE } from "../../../../../src/engine/machine/read-machine-facts.ts";
import { renderPage } from "../../../../../src/rpc/http/page/render-page.ts";
import type { PageRequest } from "../../../../../src/rpc/http/page-source.ts";
import { ScriptedRun } from "../../../../support/scripted-run.ts";
import { SCRIPTED_STATES } from "../../../../support/scripted-states.ts";

const request = (query = "", host = "node7:6978"): PageRequest => ({
  query: new URLSearchParams(query),
  host,
});

/** The text of a page, as one reads it. */
function textOf(html: string): string {
  return html
    .replace(/<(style|noscript|svg)\b.*?<\/\1>/gs, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, " ");
}

function section(html: string, id: string): string {
  return new RegExp(`<(section|footer) id="${id}".*?</\\1>`, "s").exec(html)?.[0] ?? "";
}

describe("renderPage", () => {
  it("has the title and headings that scripts of the original look for", () => {
    const page = renderPage(new ScriptedRun(), request());
    expect(page).toContain("<title>installer status page</title>");
    expect(page).toContain("<h1>installer status page</h1>");
    expect(page).toContain('<a href="logs">Logs:</a>');
    expect(page).toContain('<a href="metrics">metrics</a>');
    expect(textOf(page)).toMatch(/Start time: 20 Nov 2026 20:42:25 UTC\s+Uptime: 0s/);
    expect(page).toContain("Page generated at: 20 Nov 2026 20:42:25 UTC with 1.0.0 (Node v26.0.0)");
  });

  const EVIL = `</pre></style><script>alert("1")</script><img src=x onerror='alert(2)'>&\u001b[2J\u202etxt.exe`;

  it("escapes everything that came from outside", () => {
    const run = new ScriptedRun();
    run.hostname = EVIL;
    run.machine = {
      ...UNKNOWN_MACHINE,
      vendor: EVIL,
      model: EVIL,
      serial: EVIL,
      cpu: EVIL,
      cpuCount: 1,
      kernel: EVIL,
      drives: [{ name: EVIL, model: EVIL, serial: EVIL, sizeBytes: 1, transport: EVIL }],
    };
    run.interfaces = [
      {
        name: EVIL,
        macAddress: EVIL,
        isUp: true,
        hasCarrier: true,
        speedBps: 1e9,
        mtu: 9000,
        addresses: [EVIL],
        isPhysical: false,
      },
    ];
    run.sessions = [{ device: EVIL, userName: EVIL, peer: EVIL, protocol: EVIL, startedAt: 0 }];
    const volume = { number: 1, startBytes: 0, sizeBytes: 1, isEncrypted: true };
    const texts = { type: EVIL, label: EVIL, mountPoint: EVIL, purpose: EVIL };
    const drive = { model: EVIL, serial: EVIL, sizeBytes: 1, role: "boot" } as const;
    run.publish("drives-planned", {
      plan: [
        {
          ...drive,
          name: "sdz",
          volumes: [
            { ...volume, ...texts },
            { ...volume, ...texts, mountPoint: "" },
          ],
        },
      ],
    });
    run.publish("notice", { notice: { id: EVIL, severity: "warning", text: EVIL } });
    run.start(EVIL, EVIL).publish("step-waiting", { id: EVIL, waitingFor: EVIL });
    run.publish("step-progress", { id: EVIL, done: 1, total: 2, unit: "bytes", note: EVIL });
    run.publish("log", { level: "error", message: EVIL, fields: { [EVIL]: EVIL } });
    const stalled = renderPage(run.pass(60_000), request(`include=${encodeURIComponent(EVIL)}`, EVIL));
    run.publish("step-failed", { id: EVIL, durationMs: 1, code: EVIL, message: EVIL, hint: EVIL });
    run.publish("run-ended", { outcome: "failed", message: EVIL });
    const failed = renderPage(run, request());
    for (const page of [stalled, failed]) {
      expect(page).not.toMatch(/<script(?! src="page\.js" defer><\/script>)/);
      expect(page).not.toContain("<img");
      expect(page).not.toContain("\u001b");
      expect(page).not.toContain("\u202e");
      expect(page.match(/<\/pre>/g)).toHaveLength(1);
      // Nothing gets out of an attribute: each tag is made of what the renderers write.
      expect(page.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*onerror/);
      expect(textOf(page)).toContain('<script>alert("1")</script>');
    }
    expect(section(stalled, "summary")).toContain("Nothing has moved for");
    expect(section(failed, "failure")).toContain("What to do");
  });

  it.each(Object.entries(SCRIPTED_STATES))(
    "loads nothing but its own script and icon: %s",
    (_name, script) => {
      const page = renderPage(script(), request());
      const loaded = [...page.matchAll(/(?:\bsrc|<link[^>]* href)="([^"]*)"/g)].map(([, url]) => url ?? "");
      expect(loaded.toSorted()).toEqual(["page.js", "page.svg"]);
      expect(page).not.toMatch(/url\(|@import|<iframe|<object|<embed/);
    },
  );

  it.each([
    ["early", ["Installing", "Bring up the network", "waiting for a DHCP server", "Started with -insecure"]],
    [
      "downloading",
      ["Installing", "1170 MiB of 1782 MiB (65 %)", "180 MiB/s", "4s left", "/var/log", "25 Gbit/s"],
    ],
    ["stalled", ["Stalled", "Nothing has moved for 23s : waiting for mkfs.xfs -f -L /data/0"]],
    [
      "failed",
      [
        "Installation failed",
        "“Partition and format the drives” failed",
        "What to do",
        "E_COMMAND_FAILED",
        "restarts in 4m32s",
      ],
    ],
    [
      "held",
      ["Installed", "100 %", "held back until somebody releases it", "pts/2 alice 10.1.4.22:51514 SRPC"],
    ],
    ["many-drives", ["/data/23", "encrypted"]],
  ] as const)("says what matters: %s", (name, texts) => {
    const text = textOf(renderPage(SCRIPTED_STATES[name](), request()));
    for (const expected of texts) expect(text).toContain(expected);
  });

  it("orders remote shells with numbers as numbers, and shows no table without any", () => {
    const sessions = section(renderPage(SCRIPTED_STATES.held(), request()), "sessions");
    expect(sessions.indexOf("pts/2")).toBeLessThan(sessions.indexOf("pts/10"));
    expect(section(renderPage(new ScriptedRun(), request()), "sessions")).not.toContain("<table");
  });

  it("never shows 100 % before the end", () => {
    const run = new ScriptedRun().start("notify-completion", "Notify").pass(1).end("notify-completion");
    expect(textOf(renderPage(run, request()))).toContain("99 %");
    run.publish("run-ended", { outcome: "succeeded", message: "" });
    expect(textOf(renderPage(run, request()))).toContain("100 %");
  });

  it("links to the health agent of the host it was asked by", () => {
    expect(renderPage(new ScriptedRun(), request("", "node7.example:6978"))).toContain(
      'href="http://node7.example:6910/"',
    );
    expect(renderPage(new ScriptedRun(), request("", "[fe80::1]:6978"))).toContain(
      'href="http://[fe80::1]:6910/"',
    );
  });

  it.each(["", "a b", "evil/..", "javascript:x", 'x"onclick="y', "[::1", "a:99999999"])(
    "has no such link when the Host header is %j",
    (host) => {
      expect(renderPage(new ScriptedRun(), request("", host))).not.toContain("health agent");
    },
  );

  it("reloads itself without script, but not under somebody who filters", () => {
    const reload = '<noscript><meta http-equiv="refresh" content="5">';
    expect(renderPage(new ScriptedRun(), request())).toContain(reload);
    expect(renderPage(new ScriptedRun(), request("include=x&level=warn"))).not.toContain("http-equiv");
  });

  it("shows figures that make no sense without failing", () => {
    const run = new ScriptedRun().start("x", "X");
    run.publish("step-progress", { id: "x", done: 5, total: 0, unit: "bytes" });
    run.publish("step-progress", { id: "x", done: 50, total: 2, unit: "objects" });
    const drive = { name: "sda", model: "", serial: "", sizeBytes: 0, role: "data", volumes: [] } as const;
    run.publish("drives-planned", { plan: [drive] });
    run.publish("hand-over", { state: { phase: "waiting", rebooter: "kexec", until: -5_000 } });
    const page = renderPage(run, request());
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
    expect(textOf(page)).toContain("restarts into the new system (kexec) in 0s");
  });
});
