// The details of a suite beside its figures: tables of the parts of a whole, and notes on what was checked or left out.
// They are stored beside the suite's result as NAME.details.json; bench/RESULTS.md shows them below the figures.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../src/foundation/core/atomic-file.ts';
import { resultsFolder } from './harness.ts';

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface Details {
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
}

export function saveDetails(suite: string, details: Details): void {
  mkdirSync(resultsFolder, { recursive: true });
  writeFileAtomic(pathOf(suite), `${JSON.stringify(details, null, 2)}\n`);
}

export function loadDetails(suite: string): Details {
  if (!existsSync(pathOf(suite))) return { tables: [], notes: [] };
  return JSON.parse(readFileSync(pathOf(suite), 'utf8')) as Details;
}

export function formatDetails({ tables, notes }: Details): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [
    ...notes.map((note) => `- ${note}\n`),
    ...tables.map(({ title, columns, rows }) =>
      [`\n**${title}**\n`, line(columns), line(columns.map(() => '---')), ...rows.map(line), ''].join('\n'),
    ),
  ].join('');
}

function pathOf(suite: string): string {
  return join(resultsFolder, `${suite}.details.json`);
}
