// The room's door: what other rooms may use.
export { escapeHtml } from './escape.ts';
export { type Axis, createPlot, drawSegment, formatPlace, listTicks, type Plot, type Tick } from './plot.ts';
export { formatPage, REPORT_STYLE } from './report-page.ts';
