"""The look of the HTML file: dense, calm, dark or light as the reader's system is, and printable."""

from __future__ import annotations

STYLE = """
:root { color-scheme: dark light; --ground: #11161c; --panel: #1a222b; --text: #dde3ea; --calm: #8fa3ad;
  --line: #2c3641; --c0: #5b9bd5; --c1: #e0a458; --c2: #7fb685; --c3: #c97b84; --c4: #9a86c2; --c5: #8fa3ad;
  --gain: #2a9d8f; --loss: #d1495b; }
@media (prefers-color-scheme: light) { :root { --ground: #ffffff; --panel: #f2f5f8; --text: #1b2733; --calm: #5d6b78;
  --line: #d3dbe3; --c0: #2b6cb0; --c1: #b7791f; --c2: #3f8a4d; --c3: #a8434f; --c4: #6b52a3; --c5: #5d6b78; } }
body { background: var(--ground); color: var(--text); font: 14px/1.45 system-ui, sans-serif; margin: 0; }
main { max-width: 1080px; margin: 0 auto; padding: 1.2rem 1rem 3rem; }
h1 { font-size: 1.25rem; margin: 0 0 .2rem; } h2 { font-size: .95rem; margin: 1.4rem 0 .4rem; }
p { margin: .4rem 0; } .calm { color: var(--calm); }
.note { border-left: 3px solid var(--c1); padding: .15rem .6rem; background: var(--panel); }
.label { font-size: .7rem; margin-left: .6rem; padding: .1rem .4rem; border-radius: .3rem; color: #fff;
  background: var(--loss); vertical-align: middle; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .85rem; }
th, td { padding: .16rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--calm); font-weight: 500; } th:first-child, td:first-child, td:last-child { text-align: left; }
td:last-child { white-space: normal; min-width: 5rem; } .gain { color: var(--gain); } .loss { color: var(--loss); }
svg { width: 100%; background: var(--panel); border-radius: .4rem; display: block; }
svg text { fill: var(--calm); font-size: 11px; } svg .grid { stroke: var(--line); stroke-width: 1; }
polyline { fill: none; stroke-width: 1.3; opacity: .8; vector-effect: non-scaling-stroke; }
polyline.c0 { stroke: var(--c0); stroke-width: 2; opacity: 1; } polyline.c1 { stroke: var(--c1); }
polyline.c2 { stroke: var(--c2); } polyline.c3 { stroke: var(--c3); } polyline.c4 { stroke: var(--c4); }
polyline.c5 { stroke: var(--c5); } i { display: inline-block; width: .8rem; height: .2rem; margin-right: .35rem;
  vertical-align: middle; } i.c0 { background: var(--c0); } i.c1 { background: var(--c1); }
i.c2 { background: var(--c2); } i.c3 { background: var(--c3); } i.c4 { background: var(--c4); }
i.c5 { background: var(--c5); } .legend span { margin-right: 1.1rem; color: var(--calm); }
@media print { section { break-inside: avoid; } }
"""
