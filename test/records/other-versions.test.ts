// Records of another version of the program are read, or refused as such: never called damaged.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/foundation/core/canonical-json.ts';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { hashSha256 } from '../../src/foundation/core/hash.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import { modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import { stageEventRecord } from '../../src/foundation/records/model-version.ts';
import { loadRecord, parseRecord, type RecordType, saveRecord } from '../../src/foundation/records/record.ts';
import { runEventRecord, runRecord } from '../../src/foundation/records/run.ts';
import { createFileModelRegistry } from '../../src/keeping/registry/file-model-registry.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-versions-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each<RecordType<unknown>>([
  runRecord,
  runEventRecord,
  stageEventRecord,
  modelFolderRecord,
] as RecordType<unknown>[])('a $name record', (type) => {
  const example = type.example as Record<string, unknown>;

  it('of a later schema version is refused as newer, not as damaged', () => {
    const later = JSON.stringify({ ...example, schemaVersion: type.schemaVersion + 1, shape: 'new' });
    expect(() => parseRecord(type, later, 'x.json')).toThrow(
      expect.objectContaining({
        code: 'RECORD_VERSION',
        message: expect.stringContaining('written by a newer Veracity'),
        hint: expect.stringContaining('Nothing is wrong with the file'),
      }),
    );
  });

  it('of a schema version that nothing converts is refused as older', () => {
    const earlier = JSON.stringify({ ...example, schemaVersion: 0 });
    expect(() => parseRecord(type, earlier, 'x.json')).toThrow(
      expect.objectContaining({ message: expect.stringContaining('written by an older Veracity') }),
    );
  });

  it('with a key that a later version added is read without it', () => {
    const more = JSON.stringify({ ...example, addedLater: { deep: [1] } });
    expect(parseRecord(type, more, 'x.json')).toEqual(parseRecord(type, JSON.stringify(example), 'x.json'));
  });

  it('that was cut or edited is still refused as invalid', () => {
    const { createdAt: _, ...less } = example;
    for (const text of [JSON.stringify(example).slice(0, -2), JSON.stringify({ ...less, addedLater: 1 })])
      expect(() => parseRecord(type, text, 'x.json')).toThrow(
        expect.objectContaining({ code: 'RECORD_INVALID' }),
      );
  });
});

it('reads keys that a later version added deep inside a record', () => {
  const { versions, ...rest } = runRecord.example;
  const json = { ...rest, versions: { ...versions, rust: '1.9' } };
  expect(parseRecord(runRecord, JSON.stringify(json), 'run.json').versions).toEqual(versions);
});

it('checks the digest of a model version over the keys that a later version added, too', async () => {
  const home = locateHome(folder);
  const source = join(folder, 'model');
  saveRecord(modelFolderRecord, join(source, 'veracity.json'), modelFolderRecord.example);
  const registry = createFileModelRegistry(home, systemClock);
  const { location } = await registry.register({ name: 'compact', folder: source, evaluations: [] });
  const path = join(location, 'version.json');
  const { digest: _, ...record } = JSON.parse(readFileSync(path, 'utf8'));
  const later = { ...record, approvedBy: 'Mira' };
  const write = (json: object) => {
    rmSync(path);
    writeFileSync(path, JSON.stringify(json));
  };
  write({ ...later, digest: hashSha256(canonicalJson(later)) });
  expect((await registry.resolve('compact@1')).reference).toBe('compact@1');
  write({ ...later, approvedBy: 'nobody', digest: hashSha256(canonicalJson(later)) });
  await expect(registry.resolve('compact@1')).rejects.toMatchObject({ code: 'MODEL_DIGEST_MISMATCH' });
});

it('names both schema versions', () => {
  const path = join(folder, 'run.json');
  writeFileSync(path, JSON.stringify({ ...runRecord.example, schemaVersion: 7 }));
  expect(() => loadRecord(runRecord, path)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('schema version 7 of the run record, this program reads 1'),
    }),
  );
});
