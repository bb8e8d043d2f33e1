/** Colours as roles; each text colour has at least 4.5:1 against each ground it stands on. */
const COLOURS = `
:root { color-scheme: light dark;
  --ground: #f3f5f8; --surface: #fff; --sunken: #eef1f5; --ink: #17202b; --muted: #525d6b; --line: #d9dfe7;
  --accent: #1a5cb8; --ok: #17693a; --bad: #b3241c; --warn: #835000;
  --accent-soft: #e3edfb; --ok-soft: #e1f3e7; --bad-soft: #fdeceb; --warn-soft: #fff2d6; --shadow: 0 1px 2px #1c26331a;
  --v-root: #2f6fd0; --v-boot: #7a4fc2; --v-efi: #b0457e; --v-data: #1f7f78; --v-swap: #946200; --v-other: #5b6675; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #0e1318; --surface: #171e26; --sunken: #10161c; --ink: #e8edf3; --muted: #a1adba; --line: #2b3540;
  --accent: #83b5ff; --ok: #74d397; --bad: #ff938a; --warn: #f4c56b;
  --accent-soft: #172a45; --ok-soft: #12301f; --bad-soft: #3c1816; --warn-soft: #362709; --shadow: none;
  --v-root: #2c62b4; --v-boot: #7150b3; --v-efi: #a04274; --v-data: #1c736d; --v-swap: #855a0a; --v-other: #566170; } }`;

const FRAME = `
* { box-sizing: border-box; }
html { font-size: clamp(15px, .36vw + 10.5px, 26px); scrollbar-gutter: stable; }
body { margin: 0 auto; padding: 0 1.25rem 1.5rem; max-width: 96rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; }
h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
ul, ol { list-style: none; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: .17rem solid var(--accent); outline-offset: .12rem; border-radius: .2rem; }
small { color: var(--muted); font-size: .85em; }
h2 { font-size: 1.05rem; margin-bottom: .75rem; }
h3 { font-size: 1rem; display: inline; }
hr { border: 0; border-top: 1px solid var(--line); margin: 1.25rem 0 .75rem; }
body > header { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; padding: .8rem 0; }
h1 { font-size: .95rem; font-weight: 600; color: var(--muted); }
nav { margin-left: auto; display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .95rem; }
main > section, .columns section { background: var(--surface); border: 1px solid var(--line); border-radius: .6rem;
  padding: 1rem 1.15rem; margin-bottom: 1rem; box-shadow: var(--shadow); }
main section:empty { display: none; }
main > #notices, main > #failure { padding: 0; border: 0; background: none; box-shadow: none; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 1rem; align-items: start; }
@media (min-width: 62rem) { .columns { grid-template-columns: minmax(0, 7fr) minmax(0, 5fr); } }
.tag { display: inline-block; padding: 0 .45em; border: 1px solid var(--line); border-radius: 1em; font-size: .78rem;
  font-weight: 400; color: var(--muted); white-space: nowrap; vertical-align: .08em; }
.icon { width: 1.15em; height: 1.15em; flex: none; fill: none; stroke: currentColor; stroke-width: 2.2;
  stroke-linecap: round; stroke-linejoin: round; vertical-align: -.2em; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; white-space: nowrap; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); }
tr:last-child td { border-bottom: 0; }
th { color: var(--muted); font-weight: 600; font-size: .85rem; }
#connection:not(:empty) { background: var(--bad-soft); color: var(--bad); border: 1px solid; border-radius: .4rem;
  padding: .4rem .9rem; font-weight: 600; position: fixed; z-index: 1; top: .6rem; left: 50%; translate: -50%;
  width: max-content; max-width: calc(100vw - 1.5rem); box-shadow: 0 .2rem .8rem #0004; }
.lost main { filter: grayscale(1); }
#about { color: var(--muted); font-size: .85rem; }
#about span:not(:last-child)::after { content: " · "; }`;

const SUMMARY = `
main > #summary { padding: 1.3rem 1.4rem; border-top: .4rem solid var(--accent); }
.done #summary { border-top-color: var(--ok); } .failed #summary { border-top-color: var(--bad); }
.stalled #summary { border-top-color: var(--warn); }
.summary { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .15rem 1.5rem; align-items: end; }
.host { grid-column: 1; font-size: clamp(1.15rem, 1.7vw, 2rem); font-weight: 600; color: var(--muted); line-height: 1.2; }
.outcome { grid-column: 1; font-size: clamp(1.9rem, 3.8vw, 4.2rem); font-weight: 700; line-height: 1.15; display: flex;
  gap: .35em; align-items: center; letter-spacing: -.015em; }
.outcome .icon { width: .8em; height: .8em; stroke-width: 2.4; }
.running > .outcome, .running > .state, .icon.running { color: var(--accent); }
.done > .outcome, .icon.done { color: var(--ok); }
.failed > .outcome, .failed > .state, .icon.failed { color: var(--bad); }
.stalled > .outcome, .stalled > .state, .icon.stalled { color: var(--warn); }
.share { grid-column: 2; grid-row: 1 / 3; font-size: clamp(2.8rem, 7.4vw, 8rem); font-weight: 700; line-height: 1;
  letter-spacing: -.03em; white-space: nowrap; }
.share span { font-size: .5em; color: var(--muted); margin-left: .12em; letter-spacing: 0; }
.summary > .bar, .now, .times, .stall { grid-column: 1 / -1; }
.bar { display: block; height: .55rem; border-radius: 1em; background: var(--sunken); box-shadow: inset 0 0 0 1px var(--line);
  overflow: hidden; }
.bar i { display: block; height: 100%; background: var(--accent); border-radius: 1em; transition: width .9s linear; }
.bar.done i { background: var(--ok); } .bar.failed i { background: var(--bad); } .bar.stalled i { background: var(--warn); }
.summary > .bar { height: clamp(.8rem, 1.1vw, 1.4rem); margin: .7rem 0 .6rem; }
.now { font-size: clamp(1.1rem, 1.75vw, 2rem); font-weight: 600; line-height: 1.3; }
.times { color: var(--muted); font-size: clamp(1rem, 1.2vw, 1.4rem); }
.stall { margin-top: .7rem; padding: .6rem .9rem; border-radius: .4rem; border-left: .35rem solid var(--warn);
  background: var(--warn-soft); color: var(--warn); font-size: clamp(1.1rem, 1.75vw, 2rem); font-weight: 600; }
.failure { border: 2px solid var(--bad); border-radius: .6rem; background: var(--bad-soft); padding: 1.1rem 1.3rem; }
.failure h2 { color: var(--bad); font-size: clamp(1.2rem, 1.9vw, 2.2rem); margin-bottom: .4rem; line-height: 1.25; }
.failure .message { font-size: clamp(1.05rem, 1.4vw, 1.6rem); white-space: pre-wrap; }
.failure .advice { margin-top: .8rem; padding-top: .8rem; border-top: 1px solid var(--bad); font-size: clamp(1.05rem, 1.4vw, 1.6rem); }
.failure strong { display: block; font-size: .8em; color: var(--bad); }
.code { font: 400 .6em ui-monospace, "DejaVu Sans Mono", monospace; padding: .1em .5em; border: 1px solid; border-radius: .3em;
  vertical-align: .15em; white-space: nowrap; }
.notices { display: grid; gap: .5rem; }
.notices li { padding: .55rem .9rem; border-radius: .4rem; border-left: .35rem solid var(--accent); background: var(--accent-soft); }
.notices .warning { border-color: var(--warn); background: var(--warn-soft); }
.notices .warning strong { color: var(--warn); }
.notices strong { margin-right: .4em; }
.notices .hand-over { font-size: clamp(1.05rem, 1.3vw, 1.5rem); }`;

const DETAILS = `
.step { display: grid; grid-template-columns: 1.4rem minmax(0, 1fr) auto 4.6rem; gap: .1rem .6rem; padding: .38rem 0;
  align-items: baseline; border-top: 1px solid var(--line); }
.step:first-child { border-top: 0; } .step > .icon { align-self: center; }
.step .took, .step .state { text-align: right; color: var(--muted); white-space: nowrap; }
.step.running > .state, .step.stalled > .state, .step.failed > .state { font-weight: 700; }
.step.running .title, .step.stalled .title, .step.failed .title { font-weight: 700; }
.detail, .step .bar { grid-column: 2 / -1; }
.step .bar { margin: .3rem 0 .15rem; }
.detail { color: var(--muted); font-size: .92rem; }
.detail.error { color: var(--bad); white-space: pre-wrap; }
.icon.running { animation: turn 1.6s linear infinite; }
@keyframes turn { to { transform: rotate(360deg); } }
.drives { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 1.1rem; }
.drive header { margin-bottom: .35rem; }
.map { display: flex; gap: 2px; height: 2.5rem; border-radius: .35rem; overflow: hidden; background: var(--sunken); }
.map i { flex: 0 1 0; min-width: .55rem; overflow: hidden; display: flex; align-items: center; justify-content: center; gap: .3rem;
  color: #fff; font-style: normal; font-size: .82rem; white-space: nowrap; }
.map i { container-type: inline-size; } .map b { overflow: hidden; font-weight: 600; }
@container (max-width: 2.6rem) { .map b { display: none; } } @container (max-width: 1rem) { .map .icon { display: none; } }
.map .icon { width: .9em; height: .9em; }
.map .free { background: repeating-linear-gradient(45deg, transparent 0 .3rem, var(--line) .3rem .4rem); }
.root { background: var(--v-root); } .boot:not(.tag) { background: var(--v-boot); } .efi, .bios-boot { background: var(--v-efi); }
.data:not(.tag) { background: var(--v-data); } .swap { background: var(--v-swap); } .other { background: var(--v-other); }
.volumes li { display: flex; flex-wrap: wrap; gap: 0 .5rem; align-items: baseline; margin-top: .3rem; }
.key { width: .75rem; height: .75rem; border-radius: .2rem; align-self: center; }
.size { margin-left: auto; white-space: nowrap; }
.network-host { display: inline-block; padding: .3rem .7rem; border: .13rem solid var(--muted); border-radius: .45rem; font-weight: 600; }
.network { margin-left: .8rem; }
.interface { position: relative; padding: .6rem 0 0 1.9rem; }
.interface::before { content: ""; position: absolute; left: 0; top: 1.75rem; width: 1.9rem; border-top: .15rem dashed var(--muted); }
.interface.carrier::before { border-top: .15rem solid var(--ok); }
.interface::after { content: ""; position: absolute; left: 0; top: 0; bottom: 0; border-left: .15rem solid var(--muted); }
.interface:last-child::after { bottom: auto; height: 1.9rem; }
.port { stroke-width: 1.5; margin-right: .4rem; }
.interface > div { border: 1px solid var(--line); border-radius: .45rem; padding: .45rem .7rem; background: var(--sunken); }
.interface.carrier .link, .interface.carrier .port { color: var(--ok); } .interface.no-carrier .link { color: var(--warn); }
.interface .link { font-weight: 600; margin: 0 .3rem; }
.addresses { display: flex; flex-wrap: wrap; gap: 0 1rem; }
.addresses .none { color: var(--muted); }
.drives.many { grid-template-columns: repeat(auto-fill, minmax(min(100%, 9.5rem), 1fr)); gap: .9rem .8rem; }
.many .partitioned { grid-column: 1 / -1; } .many .single .map { height: 1.7rem; } .many .single .tag { display: none; }
.many .single .volumes { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
.drive header small { display: block; }
dl ul { columns: 3 13rem; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .3rem 1rem; }
dt { color: var(--muted); }
form { display: flex; flex-wrap: wrap; gap: .5rem 1.1rem; align-items: center; margin-bottom: .6rem; }
form label { display: inline-flex; flex-wrap: wrap; gap: .1rem .5rem; align-items: center; }
input, select, button { font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--muted);
  border-radius: .35rem; padding: .25rem .55rem; min-height: 2.1rem; max-width: 100%; }
input[type=search] { width: 18rem; } input[type=checkbox] { min-height: 0; width: 1.1rem; height: 1.1rem; accent-color: var(--accent); }
[data-live] button[type=submit] { display: none; }
output { color: var(--muted); margin-left: auto; }
#log { margin: 0; padding: .7rem .85rem; min-height: 6rem; max-height: min(26rem, 75vh); overflow-y: auto; background: var(--sunken); border: 1px solid var(--line);
  border-radius: .4rem; font: .84rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.line { display: block; padding-left: 6.2em; text-indent: -6.2em; } .line[hidden] { display: none; }
.line time, .line.debug { color: var(--muted); } .line.error, .line.error time { color: var(--bad); }
.line.warn b { color: var(--warn); } .line.gap { color: var(--muted); font-style: italic; }
@media (max-width: 40rem) { body { padding: 0 .75rem 1rem; } main > section, .columns section { padding: .8rem; }
  main > #summary { padding: .9rem; } nav { margin-left: 0; } .step { grid-template-columns: 1.4rem minmax(0, 1fr) auto; }
  .step .took { grid-row: 1; grid-column: 3; } .step .state { grid-row: 2; grid-column: 3; }
  .step.done .state { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; } .step .detail, .step .bar { grid-column: 2; } output { margin-left: 0; }
  .summary { grid-template-columns: minmax(0, 1fr); } .share { grid-column: 1; grid-row: auto; margin-top: .3rem; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
@media print { #log { height: auto; max-height: none; overflow: visible; } nav, form { display: none; } }`;

/** The whole style of the page: it loads nothing from anywhere. */
export const PAGE_STYLE = COLOURS + FRAME + SUMMARY + DETAILS;
