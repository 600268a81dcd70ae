import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import { dataAuditCommand } from './data-audit.ts';
import { dataPrepareCommand } from './data-prepare.ts';

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-data-'));
  said = [];
  const colours = 'red green blue black white'.split(' ');
  const rows = Array.from({ length: 60 }, (_, i) => {
    const words = Array.from({ length: 12 }, (__, k) => `${colours[(i * 7 + k * i) % 5]}${i}x${k}`).join(' ');
    return `${i % 2},"OSLO (Meridian) - ${words}"`;
  });
  writeFileSync(join(folder, 'articles.csv'), ['verdict,body', ...rows].join('\n'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const context = (): WorkflowContext =>
  createQuietContext(locateHome(join(folder, 'home')), folder, {
    say: (line) => said.push(line),
  });
const overrides = [
  'data=csv',
  'data.path=articles.csv',
  'data.columns={title: null, text: body, label: verdict}',
  'data.labels={0: FAKE, 1: REAL}',
];

describe('data prepare', () => {
  it('prints the keys that scripts rely on, and resolves paths from the working directory', async () => {
    const { json, text } = await dataPrepareCommand.run({ args: overrides, options: {} }, context());
    expect(json).toEqual({
      datasetVersion: expect.stringMatching(/^ds-[0-9a-f]{12}$/),
      rows: { read: 60, kept: 60, rejected: 0, empty: 0, duplicate: 0, conflicting: 0 },
      splits: { train: 48, validation: 6, test: 6 },
      seconds: expect.any(Number),
      readings: [expect.objectContaining({ file: 'articles.csv', format: 'csv', separator: 'comma' })],
      unusable: [],
      warnings: [],
      warningFacts: [],
    });
    expect(text).toContain('files    articles.csv: CSV, separator comma, UTF-8');
    expect(text).toContain('dateline 60');
    expect(said.join('\n')).toContain('manifest.json');
  });

  it.each([
    ['articles.csv', 'csv'],
    ['rows.jsonl', 'jsonl'],
  ])('takes no file for the bundled sample, and names its format: %s', async (file, format) => {
    const args = [`data.path=${file}`, ...overrides.slice(2)];
    await expect(dataPrepareCommand.run({ args, options: {} }, context())).rejects.toMatchObject({
      code: 'DATA_SAMPLE_PATH',
      hint: expect.stringContaining(`data=${format}`),
    });
  });

  it('shows warnings and has them in its JSON, also for the existing version', async () => {
    const file = join(folder, 'articles.csv');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replaceAll('\n1,', '\nREAL,').replaceAll('\n0,', '\nreal,'),
    );
    const args = overrides.slice(0, 3);
    const warned: string[] = [];
    const quiet = { ...context(), warn: (text: string) => void warned.push(text) };
    const first = await dataPrepareCommand.run({ args, options: {} }, quiet);
    const again = await dataPrepareCommand.run({ args, options: {} }, quiet);
    for (const { json } of [first, again]) {
      const { warnings, warningFacts } = json as { warnings: string[]; warningFacts: object[] };
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(`'data.labels={real: REAL, REAL: REAL}'`);
      expect(warningFacts).toMatchObject([{ code: 'LABELS_ALIKE', message: warnings[0] }]);
    }
    expect(warned).toEqual([...(first.json as { warnings: string[] }).warnings, warned[0]]);
  });

  it('has what the reader noticed and the unusable rows as facts, also for the existing version', async () => {
    const file = join(folder, 'articles.csv');
    const text = readFileSync(file, 'utf8').replace('verdict,body', 'verdict,body,body');
    writeFileSync(file, `${text.replaceAll('"\n', '",x\n')},x\n1,zu,viele,Felder\n`);
    for (let run = 0; run < 2; run++) {
      const { json } = await dataPrepareCommand.run({ args: overrides, options: {} }, context());
      expect(json).toMatchObject({
        rows: { read: 61, rejected: 1 },
        unusable: [
          {
            reason: 'FIELDS_EXTRA',
            words: 'more fields than the header',
            rows: 1,
            examples: [{ file: 'articles.csv', line: 62 }],
          },
        ],
        warningFacts: [
          {
            code: 'COLUMN_REPEATED',
            file: 'articles.csv',
            column: 'body',
            times: 2,
            message: 'articles.csv: 2 columns are called "body"; the first one is read',
          },
        ],
      });
    }
    const audit = await dataAuditCommand.run({ args: overrides, options: {} }, context());
    expect(audit.json).toMatchObject({ warningFacts: [{ code: 'COLUMN_REPEATED', times: 2 }] });
    expect(said.filter((line) => line.includes('2 columns are called "body"'))).toHaveLength(3);
  });

  it('has one dataset version for all seeds of training, and another for another seed of the split', async () => {
    const idOf = async (...more: string[]): Promise<unknown> =>
      (
        (await dataPrepareCommand.run({ args: [...overrides, ...more], options: {} }, context())).json as {
          datasetVersion: string;
        }
      ).datasetVersion;
    const id = await idOf();
    expect(await idOf('seed=7')).toBe(id);
    expect(await idOf('data.split.seed=7')).not.toBe(id);
    expect(await idOf('data.split.seed=null', 'seed=42')).toBe(id);
  });

  it('prints the id of the existing version if nothing changed', async () => {
    const first = await dataPrepareCommand.run({ args: overrides, options: {} }, context());
    const again = await dataPrepareCommand.run({ args: overrides, options: {} }, context());
    expect(again.json).toMatchObject({
      datasetVersion: (first.json as { datasetVersion: string }).datasetVersion,
    });
    expect(said.join('\n')).toContain('already exists');
  });

  it('names a missing file', async () => {
    const args = [...overrides.slice(0, 1), 'data.path=none.csv', ...overrides.slice(2)];
    await expect(dataPrepareCommand.run({ args, options: {} }, context())).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
  });
});

describe('data audit', () => {
  it('reports as text, JSON and a page', async () => {
    const { json, text } = await dataAuditCommand.run(
      { args: overrides, options: { html: 'audit.html' } },
      context(),
    );
    expect(json).toMatchObject({
      schemaVersion: 2,
      rows: { read: 60, usable: 60 },
      html: join(folder, 'audit.html'),
    });
    expect(text).toContain('audit of articles.csv');
    expect(readFileSync(join(folder, 'audit.html'), 'utf8')).toContain('<!doctype html>');
  });

  it('warns of labels that look alike', async () => {
    const file = join(folder, 'articles.csv');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replaceAll('\n1,', '\nfrage,').replaceAll('\n0,', '\nFrage ,'),
    );
    const warned: string[] = [];
    const { json } = await dataAuditCommand.run(
      { args: overrides.slice(0, 3), options: {} },
      { ...context(), warn: (text) => void warned.push(text) },
    );
    expect(warned.join()).toContain('alike (case): "Frage" 30, "frage" 30');
    expect(json).toMatchObject({ warnings: warned, warningFacts: [{ code: 'LABELS_ALIKE' }] });
  });

  it('puts the page into the home by default', async () => {
    const { json } = await dataAuditCommand.run({ args: overrides, options: {} }, context());
    expect(json).toMatchObject({ html: join(folder, 'home', 'audits', 'articles_csv.html') });
  });
});
