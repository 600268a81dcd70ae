// The page's only style sheet, inlined. Blue is what was answered, orange what is slow or was refused, red what failed;
// dashes and shapes say the same. Contrast of text is at least 4.5:1 in both schemes.
export const STYLE = `
:root{color-scheme:light dark;--paper:#fcfcfa;--panel:#fff;--ink:#1b1f24;--muted:#59626d;--line:#dde1e6;--main:#1c5d99;--second:#b1500f;--third:#5b7f3b;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--paper:#13161a;--panel:#1a1e24;--ink:#e7eaee;--muted:#9da7b3;--line:#303740;--main:#79b4ee;--second:#f0a066;--third:#a3cb80;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1040px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:1.75rem;line-height:1.2;margin:0;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:1.25rem;line-height:1.3;margin:48px 0 14px}
h3{font-size:.9375rem;margin:0}
p{margin:0 0 8px;max-width:72ch}
.eyebrow,.note{color:var(--muted);font-size:.875rem}
.eyebrow{margin:0 0 4px}
.verdict{display:inline-flex;align-items:center;gap:8px;margin:16px 0 0;padding:5px 12px;border-radius:6px;border:1px solid currentColor;font-weight:600}
.verdict.good{color:var(--main)}.verdict.bad{color:var(--bad)}.verdict.plain{color:var(--muted)}
.remarks{margin:20px 0 0;padding:0;list-style:none;max-width:76ch}
.remarks li{padding:6px 0 6px 14px;border-left:3px solid var(--second);margin-bottom:8px}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:14px;margin-top:28px}
.tile{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:16px 18px;min-width:0}
.tile b{display:block;font-size:1.875rem;line-height:1.15;font-weight:650;letter-spacing:-.025em;font-variant-numeric:tabular-nums;margin:2px 0}
.tile.bad b{color:var(--bad)}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:32px 36px;margin-top:36px}
figure{margin:0;min-width:0}
figcaption{margin-bottom:8px;min-height:4.6em}
figcaption p{color:var(--muted);font-size:.875rem;line-height:1.4;margin:0}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;margin:2px 0 0;padding:0;list-style:none;font-size:.8125rem}
.legend li{display:flex;align-items:center;gap:6px}
.legend svg{width:26px;height:10px;flex:none}
svg{display:block;width:100%;height:auto;overflow:visible}
.grid{stroke:var(--line)}.tick,.axis,.inside{fill:var(--muted);font-size:12px;font-variant-numeric:tabular-nums}.inside{fill:var(--ink)}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.main{stroke:var(--main)}.second{stroke:var(--second);stroke-dasharray:7 4}.third{stroke:var(--third);stroke-dasharray:2 4}.bad.line{stroke:var(--bad);stroke-dasharray:9 3 2 3}.asked{stroke:var(--muted);stroke-dasharray:4 4;stroke-width:1.5}
.limit{stroke:var(--bad);stroke-dasharray:6 4}.found{stroke:var(--main);stroke-width:1.5;opacity:.6}.met{fill:var(--main)}.missed{stroke:var(--second);stroke-width:2.25;fill:none;stroke-linecap:round}
.scroll{overflow-x:auto;margin:0 -24px;padding:0 24px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9375rem;width:100%}
th,td{text-align:right;padding:7px 0 7px 18px;border-bottom:1px solid var(--line);font-weight:400;white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0}
tbody th{font-weight:600}
thead th{color:var(--muted);font-size:.8125rem;border-bottom-color:var(--muted)}
.missed-row{color:var(--bad);font-weight:600}
footer{margin-top:56px;border-top:1px solid var(--line);padding-top:18px}
@media (max-width:720px){.tiles{grid-template-columns:repeat(2,1fr);gap:10px}}
@media (max-width:560px){main{padding:24px 16px 48px}h1{font-size:1.375rem}.tile{padding:12px 14px}.tile b{font-size:1.5rem}.scroll{margin:0 -16px;padding:0 16px}figcaption{min-height:0}.tick,.axis,.inside{font-size:14px}th,td{padding-left:12px}}
@media print{.tile,figure,tr{break-inside:avoid}}
`;
