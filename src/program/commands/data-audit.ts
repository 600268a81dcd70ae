// veracity data audit: reports what gives the label away, duplicates, empty articles and class balance, as text, JSON and
// HTML.
import { join } from 'node:path';
import { resolveUserPath, writeFileAtomic } from '../../foundation/core/index.ts';
import { loadTrainConfig } from '../../workflows/configuration/index.ts';
import {
  auditArticles,
  buildDatasetWarningAnswer,
  formatAuditHtml,
  formatAuditText,
  listAuditWarnings,
} from '../../workflows/prepare/index.ts';
import type { Command } from './command.ts';

export const dataAuditCommand: Command = {
  name: 'data audit',
  summary: 'report leaks of the label and other problems of the data',
  argumentsUsage: '[overrides...]',
  options: [
    { flags: '--html <file>', description: 'file for the page (default: audits/NAME.html in the home)' },
  ],
  examples: [
    'veracity data audit',
    'veracity data audit data=isot data.path=FOLDER --html audit.html',
    'veracity data audit data=csv data.path=FILE data.strip=false --json',
  ],
  run: async ({ args, options }, context) => {
    const { config } = loadTrainConfig(args, context);
    const report = await auditArticles(config.data, context);
    const htmlPath =
      typeof options.html === 'string'
        ? resolveUserPath(context.workingDirectory, options.html)
        : join(context.home.root, 'audits', `${report.name.replace(/[^\w-]/g, '_')}.html`);
    writeFileAtomic(htmlPath, formatAuditHtml(report));
    context.say(`wrote the page of the audit: ${htmlPath}`);
    const rejected = Object.fromEntries(report.rows.rejected.map(({ words, rows }) => [words, rows]));
    const { labels: _, notes: _notes, ...findings } = report;
    const warnings = buildDatasetWarningAnswer(listAuditWarnings(report));
    const json = { ...findings, rows: { ...report.rows, rejected }, html: htmlPath, ...warnings };
    return { json, text: formatAuditText(report) };
  },
};
