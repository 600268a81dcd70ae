// What is done with a batch of files, in a thread or without one.
import { appError, asSystemError, errorCodeOf, isAppError } from '../../foundation/core/index.ts';
import { hashFileSync } from './file-hash.ts';
import type { FailedObject, ObjectMethods, PlacedFile } from './object-contract.ts';
import { placeObject, storeFile } from './object-files.ts';

export const objectBatches = {
  hash: ({ paths, hash }) =>
    paths.map((path) => {
      try {
        return hashFileSync(path, hash);
      } catch (error) {
        if (errorCodeOf(error) === 'ENOENT') throw appError('FILE_NOT_FOUND', { path, kind: 'file' });
        throw asSystemError(error, path, 'read');
      }
    }),
  store: ({ paths, place }) => paths.map((path) => storeFile(path, place)),
  place: ({ objects, linkTypes, place }) => {
    const placed: PlacedFile[] = [];
    const failed: FailedObject[] = [];
    let types = linkTypes;
    for (const one of objects) {
      try {
        const { left, stamp } = placeObject(one, types, place);
        types = left;
        placed.push({ target: one.target, md5: one.md5, stamp });
      } catch (error) {
        if (!isAppError(error)) throw error;
        const { code } = error;
        if (code !== 'CACHE_OBJECT_CORRUPT' && code !== 'CACHE_OBJECT_MISSING') throw error;
        failed.push({ md5: one.md5, object: one.object, target: one.target, code });
      }
    }
    return { linkTypes: types, placed, failed };
  },
} satisfies {
  readonly [K in keyof ObjectMethods]: (
    argument: Parameters<ObjectMethods[K]>[0],
  ) => ReturnType<ObjectMethods[K]>;
};
