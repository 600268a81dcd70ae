// Loads a model folder into a Classifier, in a thread of its own unless told otherwise, naming what is missing or
// does not fit.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { appError, isAppError } from '../core/errors.ts';
import { createInferenceSession, type InferenceSession } from '../engine/runtime/inference-session.ts';
import { type ModelFolder, modelFolderRecord } from '../records/model-folder.ts';
import { loadRecord } from '../records/record.ts';
import type { ArticleEncoder } from '../tokenize/article-encoder.ts';
import { loadArticleEncoder } from '../tokenize/load-article-encoder.ts';
import type { LoadClassifierOptions } from './classifier.ts';
import { createClassifier } from './create-classifier.ts';
import type { JudgingClassifier } from './judgement.ts';
import { loadThreadedClassifier } from './threaded-classifier.ts';

/**
 * Loads the model in `folder` and answers one probe, so that a folder that cannot answer fails here.
 * @throws MODEL_INCOMPLETE when a file is missing, RECORD_INVALID, MODEL_UNUSABLE when the files do not fit together
 * @example
 * const classifier = await loadClassifier('.veracity/models/compact/1', { threads: 0 });
 * const [answer] = await classifier.predict([{ title: 'Ferry resumes', text: 'The ferry resumed on Tuesday.' }]);
 * await classifier.dispose();
 */
export async function loadClassifier(
  folder: string,
  options: LoadClassifierOptions,
): Promise<JudgingClassifier> {
  const info = loadInfo(folder);
  return options.inline === true
    ? loadParts(folder, info, options)
    : loadThreadedClassifier(folder, info, options);
}

/** The same on the calling thread. @throws as loadClassifier */
export async function loadClassifierInline(
  folder: string,
  options: LoadClassifierOptions,
): Promise<JudgingClassifier> {
  return loadParts(folder, loadInfo(folder), options);
}

async function loadParts(
  folder: string,
  info: ModelFolder,
  options: LoadClassifierOptions,
): Promise<JudgingClassifier> {
  const encoder = loadEncoder(folder, info);
  const session = await loadSession(folder, options.threads);
  const classifier = createClassifier({
    info,
    encoder,
    session,
    modelVersion: options.modelVersion ?? info.runId,
  });
  try {
    await classifier.judge([{ title: 'probe', text: '' }]);
    return classifier;
  } catch (error) {
    await classifier.dispose();
    throw asUnusable(error, folder, 'a model that answers a probe');
  }
}

function loadInfo(folder: string): ModelFolder {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw appError('MODEL_INCOMPLETE', { path: folder, missing: 'the files of a trained model' });
  }
  const requireFile = (name: string): string => {
    const path = join(folder, name);
    if (!existsSync(path)) throw appError('MODEL_INCOMPLETE', { path: folder, missing: name });
    return path;
  };
  const info = loadRecord(modelFolderRecord, requireFile('veracity.json'));
  requireFile('onnx/model.onnx');
  requireFile(info.family === 'linear' ? 'hashing.json' : 'tokenizer.json');
  return info;
}

function loadEncoder(folder: string, info: ModelFolder): ArticleEncoder {
  try {
    return loadArticleEncoder(folder, { maxTokens: info.maxTokens, truncation: info.truncation });
  } catch (error) {
    throw asUnusable(error, folder, 'a tokenizer that loads');
  }
}

async function loadSession(folder: string, threads: number): Promise<InferenceSession> {
  const path = join(folder, 'onnx', 'model.onnx');
  try {
    return await createInferenceSession(path, { threads, inline: true });
  } catch (error) {
    throw asUnusable(error, path, 'an ONNX model that loads');
  }
}

/** Keeps our own errors; an engine's error becomes MODEL_UNUSABLE. Called before any article is there to leak. */
function asUnusable(error: unknown, path: string, expected: string): Error {
  if (isAppError(error) && error.exitCode === 2) return error;
  const got = error instanceof Error ? error.message.split('\n')[0] : 'an unknown failure';
  return appError('MODEL_UNUSABLE', { path, expected, got }, { cause: error });
}
