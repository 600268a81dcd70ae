// Describes one table of articles: a dataset version, raw files, or the data that the configuration names.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { resolveUserPath } from '../../foundation/core/index.ts';
import { samplePath } from '../../learning/data/index.ts';
import { type DataStatistics, describeTable, type StatisticsOptions } from '../../learning/inspect/index.ts';
import { loadArticleEncoder } from '../../text/tokenize/index.ts';
import type { DataConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { locateModel } from '../locate-model/index.ts';
import { readTableSettings } from './data-comparison.ts';
import { disposeTable, findTable, openTable } from './open-table.ts';

export interface DescriptionRequest {
  /** null: the data of the configuration. */
  readonly reference: string | null;
  readonly data: DataConfig;
  /** A model, or a folder with a tokenizer, that counts tokens; null: words and punctuation marks are counted. */
  readonly tokenizer: string | null;
}

/** @throws FILE_NOT_FOUND, DATASET_NOT_FOUND, and what describeTable throws */
export async function describeData(
  { reference, data, tokenizer: named }: DescriptionRequest,
  context: WorkflowContext,
): Promise<DataStatistics> {
  const tokenizer = named === null ? null : await loadTokenizer(named, context);
  const found = findTable(reference ?? data.path ?? samplePath, context);
  const bar = context.progress('describing', 1, 'table');
  try {
    const table = await openTable(found, { ...readTableSettings(data), cleaning: null }, context);
    return await describeTable(table, { tokenizer });
  } finally {
    bar.stop();
    disposeTable(found);
  }
}

/** @throws what locating a model and loading a tokenizer throw */
async function loadTokenizer(
  name: string,
  context: WorkflowContext,
): Promise<StatisticsOptions['tokenizer']> {
  const folder = resolveUserPath(context.workingDirectory, name);
  const isFolder = ['tokenizer.json', 'vocab.txt'].some((file) => existsSync(join(folder, file)));
  const located = isFolder ? folder : (await locateModel(name, context)).folder;
  const encoder = await loadArticleEncoder(located, {
    maxTokens: Number.MAX_SAFE_INTEGER,
    truncation: 'head',
  });
  return { name, count: (title, text) => encoder.countTokens({ title, text }) };
}
