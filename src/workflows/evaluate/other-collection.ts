// Opens one of `evaluate.collections`. Training and evaluation share it, so that both measure the same articles.

import { statSync } from 'node:fs';
import { appError, contentId, hashFile, isAppError } from '../../foundation/core/index.ts';
import {
  type Collection,
  isPackagePath,
  locateCollectionFiles,
  readCollection,
  resolveDataPath,
  resolveReading,
} from '../../learning/data/index.ts';
import type { TrainConfig } from '../configuration/index.ts';

export type OtherCollection = TrainConfig['evaluate']['collections'][number];

export interface OpenedCollection {
  /** Absolute. */
  readonly path: string;
  /** Can be iterated once. */
  readonly articles: Collection;
  /** What a report says about it. */
  readonly about: {
    readonly collection: string;
    readonly testSet: string;
    readonly outOfSource: true;
    readonly synthetic: boolean;
  };
}

/**
 * Finds and names a collection. Its articles are read only when they are iterated.
 * @param model  gives the classes for the labels and the cleaning of the articles
 * @throws FILE_NOT_FOUND
 */
export async function openOtherCollection(
  other: OtherCollection,
  model: { readonly classNames: readonly string[]; readonly strip: boolean },
  workingDirectory: string,
): Promise<OpenedCollection> {
  const path = resolveDataPath(other.path, workingDirectory);
  return {
    path,
    articles: readCollection({ ...other, ...model, path, reading: resolveReading(other) }),
    about: {
      collection: other.name,
      testSet: await nameCollection(path, other, model.strip),
      outOfSource: true,
      // All articles that come with the program are invented.
      synthetic: isPackagePath(other.path),
    },
  };
}

/** A name that is the same on any machine for the same articles, read in the same way. @throws FILE_NOT_FOUND */
async function nameCollection(
  path: string,
  { columns, labels, ...other }: OtherCollection,
  strip: boolean,
): Promise<string> {
  // Without such settings the name is that of earlier versions.
  const reading = Object.entries(resolveReading(other)).filter(([, value]) => value !== null);
  const settings = { columns, labels, strip, ...Object.fromEntries(reading) };
  try {
    if (!statSync(path).isDirectory())
      return contentId('collection', { sha256: await hashFile(path), ...settings });
    const files = await locateCollectionFiles(path, columns);
    return contentId('collection', { files: files.map(({ name, md5 }) => ({ name, md5 })), ...settings });
  } catch (error) {
    if (isAppError(error)) throw error;
    throw appError('FILE_NOT_FOUND', { path, kind: 'collection' }, { cause: error });
  }
}
