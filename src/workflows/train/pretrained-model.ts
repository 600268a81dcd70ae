// Finds, opens and checks a pretrained model, before any article is read.
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { appError, resolveUserPath } from '../../foundation/core/index.ts';
import type { PretrainedOrigin } from '../../foundation/records/index.ts';
import { loadCheckpointFolder, parseModelSource } from '../../learning/hub/index.ts';
import {
  type CheckpointModelConfig,
  openCheckpoint,
  type PretrainedCheckpoint,
} from '../../learning/models/index.ts';
import { loadPieceEncoder, type PieceEncoder } from '../../text/tokenize/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export interface PretrainedModel {
  readonly checkpoint: PretrainedCheckpoint;
  readonly encoder: PieceEncoder;
  readonly origin: PretrainedOrigin;
}

/**
 * Opens the checkpoint that the configuration names, with its tokenizer; from the Hub it is downloaded first.
 * @param recorded  what a run that is gone on with started from: its commit is taken, wherever the branch is now
 * @throws what parseModelSource, loadCheckpointFolder, openCheckpoint and loadPieceEncoder throw; USAGE when
 *   max_length is above the position table
 */
export async function openPretrainedModel(
  model: CheckpointModelConfig,
  recorded: PretrainedOrigin | undefined,
  context: WorkflowContext,
): Promise<PretrainedModel> {
  const { folder, revision, name } = await locateFolder(model, recorded, context);
  const checkpoint = await openCheckpoint(folder);
  const { definition, sha256 } = checkpoint;
  if (definition.family !== model.kind)
    context.warn(
      `${folder}: its config.json says ${definition.family}, so it is read as ${definition.family}`,
      {
        code: 'MODEL_FAMILY_OTHER',
        configured: model.kind,
        family: definition.family,
      },
    );
  if (model.max_length > definition.maxPositions) {
    throw appError('USAGE', {
      where: 'model.max_length',
      problem: `expected at most ${definition.maxPositions}, the positions of ${model.path}, got ${model.max_length}`,
      hint: `Set model.max_length=${definition.maxPositions} or less; articles are cut there.`,
    });
  }
  const { max_length: maxTokens, truncation } = model;
  const encoder = await loadPieceEncoder(folder, { maxTokens, truncation });
  if (encoder.vocabularySize > definition.vocabularySize) {
    throw appError('TOKENIZER_INVALID', {
      where: join(folder, 'tokenizer'),
      expected: `at most the ${definition.vocabularySize} pieces that the model has a row for`,
      got: `${encoder.vocabularySize}`,
    });
  }
  warnOfCasedVocabulary(encoder, folder, context);
  return { checkpoint, encoder, origin: { name, revision, sha256 } };
}

/** A larger share of pieces with capitals in a tokenizer that lower-cases means that its vocabulary is cased. */
const CASED_SHARE = 0.01;

function warnOfCasedVocabulary(encoder: PieceEncoder, folder: string, { warn }: WorkflowContext): void {
  const { unreachablePieces: unreachable, vocabularySize } = encoder;
  if (unreachable < CASED_SHARE * vocabularySize) return;
  warn(
    `${folder}: the tokenizer lower-cases every text, but ${unreachable} of its ${vocabularySize} pieces have capitals and are never used; the vocabulary looks cased. If it is, put {"do_lower_case": false} into tokenizer_config.json there`,
    { code: 'VOCABULARY_CASED', unreachable, pieces: vocabularySize },
  );
}

interface LocatedCheckpoint {
  readonly folder: string;
  readonly revision: string | null;
  /** As models name it: the name on the Hub, or that of the folder. */
  readonly name: string;
}

async function locateFolder(
  { path, revision }: CheckpointModelConfig,
  recorded: PretrainedOrigin | undefined,
  { workingDirectory, signal, progress, say, warn }: WorkflowContext,
): Promise<LocatedCheckpoint> {
  const isFolder = (candidate: string): boolean =>
    statSync(candidate, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder(resolveUserPath(workingDirectory, path)))
    return describeFolder(resolveUserPath(workingDirectory, path));
  const source = parseModelSource(path);
  if (source.kind === 'hub') {
    const wanted = recorded?.revision ?? revision;
    const loaded = await loadCheckpointFolder({
      name: source.name,
      revision: wanted,
      env: process.env,
      signal,
      progress,
      say,
      warn,
    });
    return { ...loaded, name: source.name };
  }
  const folder = resolveUserPath(workingDirectory, source.path);
  if (!isFolder(folder))
    throw appError('PRETRAINED_INCOMPLETE', { path: folder, expected: 'a folder', got: 'none' });
  return describeFolder(folder);
}

/** A folder is called by its own name: the path to it says where on this machine it lies, which no model should tell. */
function describeFolder(folder: string): LocatedCheckpoint {
  return { folder, revision: null, name: basename(folder) };
}
