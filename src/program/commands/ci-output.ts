// Where the report of a check goes: a file, the summary of the job on GitHub, and the terminal.
import { appendFileSync } from 'node:fs';
import { resolveUserPath, writeFileAtomic } from '../../foundation/core/index.ts';
import { type CheckReport, formatReportMarkdown, formatReportText } from '../../workflows/ci/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import type { Command, CommandInput, CommandResult } from './command.ts';

export const REPORT_OPTION: Command['options'][number] = {
  flags: '--out <file>',
  description: 'write the report as Markdown (- for standard output); GITHUB_STEP_SUMMARY gets it, too',
};

/** @param name  of the command, by which a workflow finds its comment again */
export function answerCheck(
  name: string,
  report: CheckReport,
  { options }: CommandInput,
  context: WorkflowContext,
): CommandResult {
  const markdown = formatReportMarkdown(report, `veracity ${name}`);
  const { out } = options;
  const isPrinted = out === '-';
  if (typeof out === 'string' && !isPrinted) {
    const path = resolveUserPath(context.workingDirectory, out);
    writeFileAtomic(path, markdown);
    context.say(`wrote the report: ${path}`);
  }
  const { GITHUB_STEP_SUMMARY: summary } = process.env;
  if (summary !== undefined && summary !== '') appendFileSync(summary, markdown);
  return {
    json: report,
    text: isPrinted ? markdown.trimEnd() : formatReportText(report),
    exitCode: report.exitCode,
  };
}
