// The style of the load test's page. Blue marks successful requests, orange slow or refused ones, red failures;
// dashes and shapes say the same.
import { REPORT_STYLE } from '../../../foundation/html/index.ts';

export const LOADTEST_STYLE = `${REPORT_STYLE}
:root{--main:#1c5d99;--second:#b1500f;--third:#5b7f3b;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--main:#79b4ee;--second:#f0a066;--third:#a3cb80;--bad:#ff8a80}}
h1{font-size:1.75rem;line-height:1.2}
h2{margin:48px 0 14px}
h3{margin:0}
p{max-width:72ch}
.result{display:inline-flex;align-items:center;gap:8px;margin:16px 0 0;padding:5px 12px;border-radius:6px;border:1px solid currentColor;font-weight:600}
.result.good{color:var(--main)}.result.bad{color:var(--bad)}.result.plain{color:var(--muted)}
.remarks{max-width:76ch}.remarks li{border-left-color:var(--second)}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:14px;margin-top:28px}
.tile{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:16px 18px;min-width:0}
.tile b{display:block;font-size:1.875rem;line-height:1.15;font-weight:650;letter-spacing:-.025em;font-variant-numeric:tabular-nums;margin:2px 0}
.tile.bad b{color:var(--bad)}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:32px 36px;margin-top:36px}
figcaption{margin-bottom:8px;min-height:4.6em}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;margin:2px 0 0;padding:0;list-style:none;font-size:.8125rem}
.legend li{display:flex;align-items:center;gap:6px}
.legend svg{width:26px;height:10px;flex:none}
.tick,.axis,.inside{font-size:12px}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.main{stroke:var(--main)}.second{stroke:var(--second);stroke-dasharray:7 4}.third{stroke:var(--third);stroke-dasharray:2 4}.bad.line{stroke:var(--bad);stroke-dasharray:9 3 2 3}.asked{stroke:var(--muted);stroke-dasharray:4 4;stroke-width:1.5}
.limit{stroke:var(--bad);stroke-dasharray:6 4}.found{stroke:var(--main);stroke-width:1.5;opacity:.6}.met{fill:var(--main)}.missed{stroke:var(--second);stroke-width:2.25;fill:none;stroke-linecap:round}
table{width:100%}
th,td{text-align:right;padding:7px 0 7px 18px;border-bottom:1px solid var(--line);font-weight:400;white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0}
tbody th{font-weight:600}
thead th{color:var(--muted);font-size:.8125rem;border-bottom-color:var(--muted)}
.missed-row{color:var(--bad);font-weight:600}
footer{margin-top:56px;border-top:1px solid var(--line);padding-top:18px}
@media (max-width:720px){.tiles{grid-template-columns:repeat(2,1fr);gap:10px}}
@media (max-width:560px){h1{font-size:1.375rem}.tile{padding:12px 14px}.tile b{font-size:1.5rem}figcaption{min-height:0}.tick,.axis,.inside{font-size:14px}th,td{padding-left:12px}}
@media print{.tile{break-inside:avoid}}
`;
