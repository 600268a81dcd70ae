// Another collection of `evaluate.collections`, opened for judging: the same in a training and in `evaluate`, so that
// their figures on it are figures on the same articles.

import { appError, contentId, hashFile } from '../../foundation/core/index.ts';
import {
  type Collection,
  isPackagePath,
  readCollection,
  resolveDataPath,
} from '../../learning/data/index.ts';
import type { TrainConfig } from '../configuration/index.ts';

export type OtherCollection = TrainConfig['evaluate']['collections'][number];

export interface OpenedCollection {
  /** Iterate once. */
  readonly articles: Collection;
  /** What a report says of it. */
  readonly about: {
    readonly collection: string;
    readonly testSet: string;
    readonly outOfSource: true;
    readonly synthetic: boolean;
  };
}

/**
 * Finds and names a collection; its articles are read when they are iterated.
 * @param model  whose classes the labels become and whose cleaning is applied
 * @throws FILE_NOT_FOUND
 */
export async function openOtherCollection(
  other: OtherCollection,
  model: { readonly classNames: readonly string[]; readonly strip: boolean },
  workingDirectory: string,
): Promise<OpenedCollection> {
  const path = resolveDataPath(other.path, workingDirectory);
  return {
    articles: readCollection({ ...other, ...model, path }),
    about: {
      collection: other.name,
      testSet: await nameCollection(path, other, model.strip),
      outOfSource: true,
      // Whatever comes with the program was invented for it.
      synthetic: isPackagePath(other.path),
    },
  };
}

/** The same articles, read the same way, have the same name on any machine. @throws FILE_NOT_FOUND */
async function nameCollection(
  path: string,
  { columns, labels }: OtherCollection,
  strip: boolean,
): Promise<string> {
  try {
    return contentId('collection', { sha256: await hashFile(path), columns, labels, strip });
  } catch (error) {
    throw appError('FILE_NOT_FOUND', { path, kind: 'collection' }, { cause: error });
  }
}
