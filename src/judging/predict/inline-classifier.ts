// Loads the parts of a model folder on the calling thread and makes a classifier of them.
import { join } from 'node:path';
import { createOnnxSession, type OnnxSession } from '../../engine/runtime/session/index.ts';
import { appError, isAppError } from '../../foundation/core/index.ts';
import type { ModelFolder } from '../../foundation/records/index.ts';
import type { ArticleEncoder } from '../../text/tokenize/index.ts';
import { loadArticleEncoder } from '../../text/tokenize/index.ts';
import { loadOutOfDistributionDetector } from '../out-of-distribution/index.ts';
import type { LoadClassifierOptions } from './classifier.ts';
import { type ArticleClassifier, createClassifier } from './create-classifier.ts';

/**
 * Loads encoder and session, and predicts one probe.
 * @throws MODEL_UNUSABLE
 */
export async function loadInlineClassifier(
  folder: string,
  info: ModelFolder,
  options: LoadClassifierOptions,
): Promise<ArticleClassifier> {
  const encoder = await loadEncoder(folder, info);
  const session = await loadSession(folder, options);
  const classifier = createClassifier({
    info,
    encoder,
    session,
    detector: loadOutOfDistributionDetector(folder, info),
    modelVersion: options.modelVersion ?? info.runId,
  });
  try {
    await classifier.predictDetailed([{ title: 'probe', text: '' }]);
    if (options.warmsUp === true)
      await classifier.predictDetailed([{ title: '', text: 'probe '.repeat(info.maxTokens) }]);
    return classifier;
  } catch (error) {
    await classifier.dispose();
    throw asUnusable(error, folder, 'a model that answers a probe');
  }
}

async function loadEncoder(folder: string, info: ModelFolder): Promise<ArticleEncoder> {
  try {
    return await loadArticleEncoder(folder, { maxTokens: info.maxTokens, truncation: info.truncation });
  } catch (error) {
    throw asUnusable(error, folder, 'a tokenizer that loads');
  }
}

async function loadSession(
  folder: string,
  { threads, device = 'cpu', spins = true }: LoadClassifierOptions,
): Promise<OnnxSession> {
  const path = join(folder, 'onnx', 'model.onnx');
  try {
    return await createOnnxSession(path, { threads, device, spins });
  } catch (error) {
    throw asUnusable(error, path, 'an ONNX model that loads');
  }
}

/** Keeps our own errors; an error of the engine becomes MODEL_UNUSABLE with its message, which cannot quote an article yet. */
function asUnusable(error: unknown, path: string, expected: string): Error {
  if (isAppError(error) && error.exitCode !== 70) return error;
  const got = error instanceof Error ? error.message.split('\n')[0] : 'an unknown failure';
  return appError('MODEL_UNUSABLE', { path, expected, got }, { cause: error });
}
