// veracity data audit: reports what gives the label away, duplicates, empty articles and class balance, as text, JSON and
// HTML.
import { resolveUserPath, writeFileAtomic } from '../../foundation/core/index.ts';
import { loadTrainConfig } from '../../workflows/configuration/index.ts';
import {
  auditArticles,
  auditPagePath,
  buildDatasetWarningAnswer,
  formatAuditHtml,
  formatAuditText,
  formatLabelErrors,
  listAuditWarnings,
} from '../../workflows/prepare/index.ts';
import type { Command } from './command.ts';

export const dataAuditCommand: Command = {
  name: 'data audit',
  summary: 'report leaks of the label and other problems of the data',
  argumentsUsage: '[overrides...]',
  options: [
    { flags: '--html <file>', description: 'file for the page (default: audits/NAME.html in the home)' },
    {
      flags: '--label-errors <file>',
      description: 'list labels that may be wrong as .csv or .jsonl: ids, no texts',
    },
    { flags: '--no-examples', description: 'show no words of articles but the marks themselves' },
  ],
  examples: [
    'veracity data audit',
    'veracity data audit data=isot data.path=FOLDER --html audit.html',
    'veracity data audit data=csv data.path=FILE --label-errors review.csv',
    'veracity data audit data=csv data.path=FILE data.strip=false --json',
  ],
  run: async ({ args, options }, context) => {
    const { config } = loadTrainConfig(args, context);
    const whole = await auditArticles(config.data, context);
    const report = options.examples === false ? withoutExamples(whole) : whole;
    const htmlPath =
      typeof options.html === 'string'
        ? resolveUserPath(context.workingDirectory, options.html)
        : auditPagePath(context.home, report);
    writeFileAtomic(htmlPath, formatAuditHtml(report));
    context.say(`wrote the page of the audit: ${htmlPath}`);
    if (typeof options.labelErrors === 'string') {
      const listPath = resolveUserPath(context.workingDirectory, options.labelErrors);
      const rows = report.whole?.suspects.rows ?? [];
      writeFileAtomic(listPath, formatLabelErrors(rows, listPath));
      context.say(`wrote ${rows.length} labels that may be wrong: ${listPath}`);
    }
    const rejected = Object.fromEntries(report.rows.rejected.map(({ words, rows }) => [words, rows]));
    const { labels: _, notes: _notes, ...findings } = report;
    const warnings = buildDatasetWarningAnswer(listAuditWarnings(report));
    const json = { ...findings, rows: { ...report.rows, rejected }, html: htmlPath, ...warnings };
    return { json, text: formatAuditText(report) };
  },
};

/** A report that can be shown where the articles may not. */
function withoutExamples<T extends { readonly giveAways: readonly { readonly example: string | null }[] }>(
  report: T,
): T {
  return { ...report, giveAways: report.giveAways.map((one) => ({ ...one, example: null })) };
}
