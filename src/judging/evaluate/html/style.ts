// The style of the evaluation page. Blue is the model's own source, orange another one, everywhere; colour is never the
// only sign.
import { REPORT_STYLE } from '../../../foundation/html/index.ts';

export const EVALUATION_STYLE = `${REPORT_STYLE}
:root{--own:#1c5d99;--other:#b1500f;--right:28,93,153;--wrong:177,80,15}
@media (prefers-color-scheme:dark){:root{--own:#79b4ee;--other:#f0a066;--right:121,180,238;--wrong:240,160,102}}
h1{font-size:2rem;line-height:1.15}
h2{margin:56px 0 16px;letter-spacing:-.005em}
h3{margin:0 0 2px}
p{max-width:68ch}
.origin{color:var(--muted);font-size:.875rem}
.remarks{max-width:72ch}.remarks li{border-left-color:var(--other)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(calc(50% - 8px),280px),1fr));gap:16px;margin-top:28px}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:20px 22px;min-width:0}
.panel .title{font-weight:600;overflow-wrap:anywhere}
.own{--tone:var(--own)}.other{--tone:var(--other)}
.origin{display:flex;align-items:baseline;gap:7px}
.origin::before{content:"";flex:none;width:9px;height:9px;border-radius:50%;background:var(--tone)}
.other .origin::before{border-radius:1px;transform:rotate(45deg)}
.big{font-size:2.75rem;line-height:1.1;font-weight:650;letter-spacing:-.03em;margin:14px 0 2px;font-variant-numeric:tabular-nums}
.absent .big{color:var(--muted);font-size:1.5rem;font-weight:500;letter-spacing:0;padding:10px 0 9px}
.track{position:relative;height:22px;margin:12px 0 4px}
.track::before{content:"";position:absolute;left:0;right:0;top:10px;height:2px;background:var(--line)}
.track i{position:absolute;display:block}
.track .range{top:7px;height:8px;border-radius:4px;background:var(--tone);opacity:.32;min-width:2px}
.track .point{top:5px;width:12px;height:12px;margin-left:-6px;border-radius:50%;background:var(--tone)}
.other .track .point{border-radius:2px;transform:rotate(45deg) scale(.85)}
.track .guess{top:2px;width:2px;height:18px;margin-left:-1px;background:var(--muted)}
.ends{display:flex;justify-content:space-between;color:var(--muted);font-size:.75rem}
.figures{width:100%}
.figures th,.figures td,.rows th,.rows td{text-align:left;padding:8px 16px 8px 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400}
.figures thead th{border-bottom-color:var(--muted);vertical-align:bottom}
.figures .absent{color:var(--muted)}.figures thead b,.figures tbody th b{font-weight:600}
.figures small,.rows small{display:block;color:var(--muted);font-size:.8125rem}
.figures thead td{width:40%}.figures td,.figures th{min-width:92px}
.rows{width:100%}.rows td,.rows th:not(:first-child){text-align:right;white-space:nowrap}.rows td:last-child,.rows th:last-child{padding-right:0}
.rows thead th{color:var(--muted);font-size:.8125rem;vertical-align:bottom;padding-bottom:4px}
.rows th[scope=row]{overflow-wrap:anywhere}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,270px),1fr));gap:28px 32px;margin-top:20px}
figcaption{margin-bottom:10px}
figcaption p{min-height:4.2em}
svg{max-width:400px}
.tick,.axis{font-size:11.5px}.inside{font-size:13px}
.reference{stroke:var(--muted);stroke-dasharray:4 4}.gap{stroke:var(--tone);opacity:.55;stroke-width:2}.dot{fill:var(--tone)}.count{fill:var(--tone);opacity:.2}
.curve{fill:none;stroke:var(--tone);stroke-width:2.25;stroke-linejoin:round}.curve-1{stroke-dasharray:7 4}.curve-2{stroke-dasharray:2 3}.curve-3{stroke-dasharray:9 3 2 3}
.confusion{width:100%;max-width:400px;table-layout:fixed;border-spacing:3px;border-collapse:separate}
.confusion th{font-weight:600;font-size:.8125rem;padding:4px;overflow-wrap:anywhere}.confusion th[scope=row]{text-align:right}
.cell{text-align:center;padding:20px 4px;border-radius:5px;background:rgba(var(--shade),calc(.07 + .42*var(--share)))}
.cell.right{--shade:var(--right)}.cell.wrong{--shade:var(--wrong)}
.cell b{display:block;font-size:1.125rem}.cell span{font-size:.8125rem}
.bar{display:inline-block;width:72px;height:6px;border-radius:3px;background:linear-gradient(to right,var(--tone) var(--share),var(--line) var(--share));margin-right:10px;vertical-align:middle}
h2 .origin{font-weight:400;letter-spacing:0;margin-bottom:2px}
.tables{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,360px),1fr));gap:28px 48px;margin-top:32px;align-items:start}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;font-size:.875rem;margin:0}
code{overflow-wrap:anywhere}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
footer{margin-top:64px;border-top:1px solid var(--line);padding-top:20px}
@media (max-width:560px){.pair{gap:10px}.pair{grid-template-columns:repeat(auto-fit,minmax(calc(50% - 5px),1fr))}.panel{padding:14px}.big{font-size:1.875rem;margin-top:10px}.absent .big{font-size:1.125rem}.rows th,.rows td{padding-right:10px!important}.rows td:last-child,.rows th:last-child{padding-right:0!important}.figures{table-layout:fixed;min-width:calc(110px*var(--columns))}.figures thead td{width:33%}.figures th,.figures td{padding-right:8px!important}h2{margin-top:44px}.figures small.interval{white-space:normal}figcaption p{min-height:0}.bar{width:44px}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}}
@media print{.panel{break-inside:avoid}}
`;
