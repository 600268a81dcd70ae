// The frame of a report: one HTML page that needs nothing else, no script, no font, no request; and the style that
// reports share. Contrast of text is at least 4.5:1 in both colour schemes.
import { escapeHtml } from './escape.ts';

export interface ReportPage {
  readonly title: string;
  /** A style sheet, inlined. */
  readonly style: string;
  /** Markup. */
  readonly body: string;
  /** Ids of the records that the report is about, by which `veracity lineage` traces a saved page. */
  readonly parents?: readonly string[];
}

/** @returns a whole HTML document */
export function formatPage({ title, style, body, parents = [] }: ReportPage): string {
  const origin =
    parents.length === 0 ? '' : `\n<meta name="veracity-parents" content="${escapeHtml(parents.join(' '))}">`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>${origin}
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** Colours, type, page margins and what every plot has; a report's own rules come after it. */
export const REPORT_STYLE = `
:root{color-scheme:light dark;--paper:#fcfcfa;--panel:#fff;--ink:#1b1f24;--muted:#59626d;--line:#dde1e6}
@media (prefers-color-scheme:dark){:root{--paper:#13161a;--panel:#1a1e24;--ink:#e7eaee;--muted:#9da7b3;--line:#303740}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1040px;margin:0 auto;padding:40px 24px 64px}
h1{margin:0;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:1.25rem;line-height:1.3}
h3{font-size:.9375rem}
p{margin:0 0 8px}
.eyebrow,.note{color:var(--muted);font-size:.875rem}
.eyebrow{margin:0 0 4px}
.remarks{margin:20px 0 0;padding:0;list-style:none}
.remarks li{padding:6px 0 6px 14px;border-left:3px solid;margin-bottom:8px}
.scroll{overflow-x:auto;margin:0 -24px;padding:0 24px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9375rem}
figure{margin:0;min-width:0}
figcaption p{color:var(--muted);font-size:.875rem;line-height:1.4;margin:0}
svg{display:block;width:100%;height:auto;overflow:visible}
.grid{stroke:var(--line)}.tick,.axis,.inside{fill:var(--muted);font-variant-numeric:tabular-nums}.inside{fill:var(--ink)}
@media (max-width:560px){main{padding:24px 16px 48px}.scroll{margin:0 -16px;padding:0 16px}}
@media print{figure,tr{break-inside:avoid}}
`;
