// Loads a model folder as a classifier, by default in a thread of its own. Errors name what is missing or does not fit.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { appError, assertFileKind } from '../../foundation/core/index.ts';
import { loadRecord, type ModelFolder, modelFolderRecord } from '../../foundation/records/index.ts';
import type { LoadClassifierOptions } from './classifier.ts';
import type { DetailedClassifier } from './detailed-prediction.ts';
import { loadThreadedClassifier } from './threaded-classifier.ts';

/**
 * Loads the model in `folder` and predicts one probe, so that a model that cannot predict fails here.
 * @throws MODEL_INCOMPLETE when a file is missing, RECORD_INVALID, MODEL_UNUSABLE when the files do not fit together
 * @example
 * const classifier = await loadClassifier('.veracity/models/compact/1', { threads: 0 });
 * const [prediction] = await classifier.predict([{ title: 'Ferry resumes', text: 'The ferry resumed on Tuesday.' }]);
 * await classifier.dispose();
 */
export async function loadClassifier(
  folder: string,
  options: LoadClassifierOptions,
): Promise<DetailedClassifier> {
  const info = loadModelInfo(folder);
  if (options.inline !== true) return loadThreadedClassifier(folder, info, options);
  // Imported here only: a server's main thread needs neither ONNX Runtime nor tokenizers.
  const { loadInlineClassifier } = await import('./inline-classifier.ts');
  return loadInlineClassifier(folder, info, options);
}

/** Reads veracity.json and checks that the other files are there. @throws MODEL_INCOMPLETE, FILE_KIND_WRONG, RECORD_INVALID */
export function loadModelInfo(folder: string): ModelFolder {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw appError('MODEL_INCOMPLETE', { path: folder, missing: 'the files of a trained model' });
  }
  const requireFile = (name: string): string => {
    const path = join(folder, name);
    if (!existsSync(path)) throw appError('MODEL_INCOMPLETE', { path: folder, missing: name });
    assertFileKind(path, 'a file of a model');
    return path;
  };
  const info = loadRecord(modelFolderRecord, requireFile('veracity.json'));
  requireFile('onnx/model.onnx');
  requireFile(info.traits.tokenizerFile);
  return info;
}
