// The style and the parts that the pages of differences and statistics share. Bars are drawn with numbers beside them: colour is
// never the only sign.
import { escapeHtml, REPORT_STYLE } from '../../foundation/html/index.ts';

export const INSPECT_STYLE = `${REPORT_STYLE}
:root{--bar:#1c5d99;--second:#b1500f}
@media (prefers-color-scheme:dark){:root{--bar:#79b4ee;--second:#f0a066}}
h1{font-size:1.875rem;line-height:1.2}
h2{margin:44px 0 12px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:12px;margin:24px 0}
.figures div{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:12px 16px;min-width:0}
.figures b{display:block;font-size:1.625rem;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums;letter-spacing:-.02em;overflow-wrap:anywhere}
.figures span{color:var(--muted);font-size:.875rem}
table{width:100%}
th,td{text-align:left;padding:6px 16px 6px 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400;overflow-wrap:anywhere}
thead th{color:var(--muted);font-size:.8125rem;vertical-align:bottom}
.number{text-align:right;white-space:nowrap}
th:last-child,td:last-child{padding-right:0}
.scroll table{min-width:34rem}.scroll.slim table{min-width:0}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:28px 32px;margin-top:16px}
figure h3{margin:0 0 6px}
svg{max-width:480px}
.tick,.axis{font-size:11px}
.column{fill:var(--bar)}
.track{display:block;position:relative;height:.7rem;min-width:90px;background:var(--line);border-radius:3px;margin-top:.4rem}
.track i{display:block;height:100%;border-radius:3px;background:var(--bar)}
.track i.second{background:var(--second)}
.rows{padding-left:0;list-style:none;margin:8px 0}
.rows li{padding:5px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
.rows small{color:var(--muted);display:block}
`;

export function formatFigures(figures: readonly (readonly [words: string, value: string])[]): string {
  return `<div class="figures">${figures
    .map(([words, value]) => `<div><b>${escapeHtml(value)}</b><span>${escapeHtml(words)}</span></div>`)
    .join('')}</div>`;
}

/** A cell of a table: text, or markup. */
export type PageCell = string | { readonly html: string };

export interface HtmlTable {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly PageCell[])[];
  /** Columns that hold numbers. */
  readonly numeric: readonly number[];
  /** Few columns: the table fits narrow screens. */
  readonly isSlim?: boolean;
}

export function formatHtmlTable({ headers, rows, numeric, isSlim = false }: HtmlTable): string {
  const align = (i: number): string => (numeric.includes(i) ? ' class="number"' : '');
  const cell = (value: PageCell, i: number): string =>
    `<td${align(i)}>${typeof value === 'string' ? escapeHtml(value) : value.html}</td>`;
  return `<div class="scroll${isSlim ? ' slim' : ''}" tabindex="0" role="region" aria-label="table"><table><thead><tr>${headers
    .map((header, i) => `<th scope="col"${align(i)}>${escapeHtml(header)}</th>`)
    .join(
      '',
    )}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n')}</tbody></table></div>`;
}

/** @param share  0 to 1 */
export function drawBar(share: number, isSecond = false): PageCell {
  return {
    html: `<span class="track"><i${isSecond ? ' class="second"' : ''} style="width:${(100 * Math.min(1, share)).toFixed(1)}%"></i></span>`,
  };
}
