// The style of the audit's page.
import { REPORT_STYLE } from '../../../foundation/html/index.ts';

export const AUDIT_STYLE = `${REPORT_STYLE}
:root{--bar:#2f6fca;--before:#a9b6c6;--stops:#b3261e;--warns:#8a5a00;--fine:#1b6e3c}
@media (prefers-color-scheme:dark){:root{--bar:#6ea8ff;--before:#4d5a6a;--stops:#ff8a80;--warns:#f0b95a;--fine:#7fd6a0}}
h2{margin:40px 0 8px}
.outcome{margin:16px 0 0;padding:10px 14px;border-left:4px solid var(--fine);background:var(--panel)}
.outcome.stops{border-color:var(--stops)}.outcome.case{border-color:var(--warns)}
.finding{display:grid;grid-template-columns:2rem 1fr;gap:0 8px;padding:12px 0;border-top:1px solid var(--line)}
.finding>.rank{color:var(--muted);font-variant-numeric:tabular-nums}
.finding p{margin:0}.finding .note{margin-top:2px;overflow-wrap:anywhere}
.finding strong{overflow-wrap:anywhere}
.status{font-size:.8125rem;font-weight:600;color:var(--muted);white-space:nowrap}
.status.stops{color:var(--stops)}.status.case,.status.unread{color:var(--warns)}
.bars{display:grid;grid-template-columns:4.5rem 1fr 3.5rem;gap:2px 8px;align-items:center;max-width:32rem;margin:6px 0;font-size:.8125rem;color:var(--muted);font-variant-numeric:tabular-nums}
.bars span:nth-child(3n){text-align:right;color:var(--ink)}
.track{display:block;height:8px;background:var(--line);border-radius:2px;position:relative}
.track i{display:block;height:8px;border-radius:2px;background:var(--bar)}
.track i.raw{background:var(--before)}
.track b{position:absolute;top:-2px;width:2px;height:12px;background:var(--stops)}
q{quotes:none;font-family:ui-monospace,SFMono-Regular,Menlo,monospace;font-size:.8125rem}
table{margin:8px 0}
th,td{text-align:left;padding:4px 14px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;font-size:.8125rem;color:var(--muted)}
.number{text-align:right;white-space:nowrap}
details{margin:8px 0}summary{cursor:pointer}
.swatch{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 4px 0 12px}
`;

/** Colours of classes in plots, distinct in both colour schemes and for colour-blind readers. */
export const CLASS_COLOURS: readonly string[] = [
  '#c7622c',
  '#2f7fc1',
  '#4f9d5d',
  '#9467bd',
  '#b5a021',
  '#5f6b76',
];
