// A pretrained model as a training needs it: found, opened and checked before any article is read.
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PretrainedModelConfig } from '../config/schema.ts';
import { appError } from '../core/errors.ts';
import { type Checkpoint, openCheckpoint } from '../models/checkpoint/checkpoint-folder.ts';
import type { PretrainedOrigin } from '../records/pretrained-origin.ts';
import { type WordPieceEncoder, wrapTokenizer } from '../tokenize/wordpiece-encoder.ts';
import { loadWordPieceTokenizer } from '../tokenize/wordpiece-file.ts';
import type { CommandContext } from './command.ts';

export interface PretrainedModel {
  readonly checkpoint: Checkpoint;
  readonly encoder: WordPieceEncoder;
  readonly origin: PretrainedOrigin;
}

/**
 * Opens the checkpoint that the configuration names, with its tokenizer.
 * @throws what openCheckpoint and loadWordPieceTokenizer throw; USAGE when max_length is above the position table
 */
export async function openPretrainedModel(
  model: PretrainedModelConfig,
  context: CommandContext,
): Promise<PretrainedModel> {
  const { folder, revision } = await locateFolder(model, context);
  const checkpoint = await openCheckpoint(folder);
  const { shape, sha256 } = checkpoint;
  if (shape.family !== model.kind)
    context.say(`${folder}: its config.json says ${shape.family}, and it is read as that`);
  if (model.max_length > shape.maxPositions) {
    throw appError('USAGE', {
      where: 'model.max_length',
      problem: `expected at most ${shape.maxPositions}, the positions of ${model.path}, got ${model.max_length}`,
      hint: `Leave it out, or set model.max_length=${shape.maxPositions} at most.`,
    });
  }
  const { max_length: maxTokens, truncation } = model;
  const encoder = wrapTokenizer(loadWordPieceTokenizer(folder), { maxTokens, truncation });
  if (encoder.vocabularySize > shape.vocabularySize) {
    throw appError('TOKENIZER_INVALID', {
      where: join(folder, 'tokenizer'),
      expected: `at most the ${shape.vocabularySize} pieces that the model has a row for`,
      got: `${encoder.vocabularySize}`,
    });
  }
  return { checkpoint, encoder, origin: { name: model.path, revision, sha256 } };
}

async function locateFolder(
  { path }: PretrainedModelConfig,
  { workingDirectory }: CommandContext,
): Promise<{ folder: string; revision: string | null }> {
  const folder = resolve(workingDirectory, path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return { folder, revision: null };
  throw appError('PRETRAINED_INCOMPLETE', { path: folder, expected: 'a folder', got: 'none' });
}
