// Loads a model folder into a Classifier, in a thread of its own unless told otherwise, naming what is missing or
// does not fit.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { appError } from '../../foundation/core/index.ts';
import { loadRecord, type ModelFolder, modelFolderRecord } from '../../foundation/records/index.ts';
import type { LoadClassifierOptions } from './classifier.ts';
import type { DetailedClassifier } from './detailed-prediction.ts';
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
): Promise<DetailedClassifier> {
  const info = loadModelInfo(folder);
  if (options.inline !== true) return loadThreadedClassifier(folder, info, options);
  // Only where it is wanted: a server's own thread needs neither ONNX Runtime nor tokenizers.
  const { loadInlineClassifier } = await import('./inline-classifier.ts');
  return loadInlineClassifier(folder, info, options);
}

/** veracity.json of a folder that has the files to be loaded. @throws MODEL_INCOMPLETE, RECORD_INVALID */
export function loadModelInfo(folder: string): ModelFolder {
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
  requireFile(info.traits.tokenizerFile);
  return info;
}
