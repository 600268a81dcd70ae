// A check of continuous integration: its steps, and the report as Markdown for a comment on a pull request.
import { type AppError, isAppError } from '../../foundation/core/index.ts';

/** skipped: there was nothing to do, or it was not asked for. */
export type StepStatus = 'ok' | 'failed' | 'skipped';

export interface CheckStep {
  readonly name: string;
  readonly status: StepStatus;
  /** One sentence. */
  readonly found: string;
  /** Markdown below the table of steps; absent: none. */
  readonly details?: string;
  /** Of a step that an error has failed: 2 for a wrong input, 1 for a refusal; absent: the check itself says no. */
  readonly exitCode?: number;
}

export interface CheckReport {
  readonly title: string;
  readonly ok: boolean;
  /** 0: passed; 1: a check failed; 2: a check had a wrong input, such as a missing file. */
  readonly exitCode: number;
  readonly steps: readonly CheckStep[];
}

export function buildReport(title: string, steps: readonly CheckStep[]): CheckReport {
  const codes = steps.map(({ status, exitCode = 1 }) => (status === 'failed' ? exitCode : 0));
  const exitCode = Math.max(...codes);
  return { title, steps, ok: exitCode === 0, exitCode };
}

/**
 * Runs one step. A refusal or a wrong input fails the step; a bug, or a request to stop, is thrown.
 */
export async function runStep(name: string, run: () => Promise<Omit<CheckStep, 'name'>>): Promise<CheckStep> {
  try {
    return { name, ...(await run()) };
  } catch (error) {
    if (!isAppError(error) || !isExpected(error)) throw error;
    const { code, message, hint, exitCode } = error;
    return { name, status: 'failed', found: `${code}: ${message}`, details: hint, exitCode };
  }
}

function isExpected({ exitCode }: AppError): boolean {
  return exitCode === 1 || exitCode === 2;
}

const STATUS_WORDS: Readonly<Record<StepStatus, string>> = {
  ok: 'ok',
  failed: '**failed**',
  skipped: 'skipped',
};
/** GitHub refuses longer comments. */
const MAX_COMMENT = 65_000;

/** A hidden mark at the start, by which a workflow finds its own comment again. */
export function formatReportMarkdown({ title, ok, steps }: CheckReport, mark: string): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
  const table = steps.map(
    ({ name, status, found }) => `| ${name} | ${STATUS_WORDS[status]} | ${cell(found)} |`,
  );
  const sections = steps.flatMap(({ name, status, details }) =>
    details === undefined
      ? []
      : [
          `<details${status === 'failed' ? ' open' : ''}><summary>${name}</summary>\n\n${details}\n\n</details>`,
        ],
  );
  const text = [
    `<!-- ${mark} -->`,
    `## ${title}: ${ok ? 'passed' : 'failed'}`,
    ['| check | result | found |', '| --- | --- | --- |', ...table].join('\n'),
    ...sections,
  ].join('\n\n');
  return text.length > MAX_COMMENT ? `${text.slice(0, MAX_COMMENT)}\n\n… cut\n` : `${text}\n`;
}

export function formatReportText({ title, ok, steps }: CheckReport): string {
  const width = Math.max(...steps.map(({ name }) => name.length));
  return [
    `${title}: ${ok ? 'passed' : 'failed'}`,
    ...steps.map(({ name, status, found }) => `${status.padEnd(7)}  ${name.padEnd(width)}  ${found}`),
  ].join('\n');
}
