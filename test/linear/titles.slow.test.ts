// Tests the linear model on real titles: the accuracy that issue 2 asks for, and that the exported folder predicts like the
// trained model.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  measureAccuracy,
  TITLES_ABSENT,
  type TitleFiles,
  trainOnFile,
  writeTitleFiles,
} from './titles-protocol.ts';

/** The accuracy of fastText in the description of the protocol. */
const ACCURACY_FLOOR = 0.964;

if (TITLES_ABSENT !== null) console.warn(`titles protocol skipped: ${TITLES_ABSENT}`);

describe.skipIf(TITLES_ABSENT !== null)('the linear model on titles', () => {
  let folder: string;
  let files: TitleFiles;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'linear-titles-'));
    files = writeTitleFiles(folder, 0);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is measured on the protocol’s groups', () => {
    expect(files.groups).toBe(38_720);
  });

  it(`reaches ${ACCURACY_FLOOR} on held-out groups, with any seed of its own`, async () => {
    for (const seed of [0, 1, 2]) {
      const trained = await trainOnFile(files.train, [`seed=${seed}`]);
      expect(await measureAccuracy(trained, files.test), `seed ${seed}`).toBeGreaterThanOrEqual(
        ACCURACY_FLOOR,
      );
    }
  });
});
