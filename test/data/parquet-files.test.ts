// Parquet as other programs write it: files of pyarrow, pandas and the `datasets` library (reference/parquet-files.py).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBadRow } from '../../src/learning/data/csv-parser.ts';
import type { RawFile, RowLimits } from '../../src/learning/data/raw-row.ts';
import { readRawRows } from '../../src/learning/data/raw-rows.ts';
import { formatFileReading, formatRawNote } from '../../src/learning/data/reading.ts';

const reference = fileURLToPath(new URL('./reference/parquet/', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parquet-files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const columns = { title: 'title', text: 'text', label: 'label', source: null, date: null, id: null };

async function read(path: string, file: Partial<RawFile> = {}, limits: RowLimits = {}) {
  const rows: Record<string, unknown>[] = [];
  const texts: (string | null)[][] = [];
  const notes: string[] = [];
  let how = '';
  let batches = 0;
  for await (const batch of readRawRows({ path, format: null, columns, ...file }, { path }, limits)) {
    batches++;
    for (const row of batch.rows) {
      if (isBadRow(row)) texts.push([row.reason.code]);
      else {
        rows.push(row.values());
        texts.push(['title', 'text', 'label'].map(row.get));
      }
    }
    notes.push(...batch.notes.map(formatRawNote));
    if (batch.reading !== null) how = formatFileReading(batch.reading);
  }
  return { rows, texts, notes, how, batches };
}

/** The rows that the script writes. */
const written = Array.from({ length: 40 }, (_, i) => [
  i % 7 === 0 ? '' : `Ferry ${i} – Fähre`,
  `The ferry number ${i} sailed, “again”. `.repeat(1 + (i % 3)),
  i % 2 === 0 ? 'REAL' : 'FAKE',
]);

describe('a Parquet file', () => {
  it.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4', 'pages-v2'])(
    'is read as it was written: %s',
    async (name) => {
      const { texts, notes, how } = await read(join(reference, `${name}.parquet`));
      expect(texts).toEqual(written);
      expect([notes, how]).toEqual([[], 'Parquet']);
    },
  );

  it('is read row group by row group', async () => {
    expect((await read(join(reference, 'none.parquet'))).batches).toBeGreaterThanOrEqual(3);
  });

  it('has dates, numbers and texts as JSON would have them, and names columns that are not read', async () => {
    const { rows, texts, notes } = await read(join(reference, 'kinds.parquet'));
    expect(rows[0]).toEqual({
      ...{ title: 'a', text: 'one', label: 1, day: '2017-12-31' },
      milliseconds: '2017-12-31T23:59:59.250Z',
      microseconds: '2017-12-31T23:59:59Z',
      nanoseconds: '2017-12-31T23:59:59Z',
      ...{ big: '9007199254740993', unsigned: '18446744073709551615' },
      ...{ ratio: 1, money: 12.5, flag: true, bytes: null },
    });
    expect(rows[1]).toMatchObject({ day: null, big: -1, unsigned: 0, ratio: 0.5, money: null, bytes: 'ok' });
    expect(rows[2]).toMatchObject({ day: '1969-07-20', ratio: null, money: -0.05, flag: null, label: null });
    expect(texts).toEqual([
      ['a', 'one', '1'],
      ['b', 'two', '0'],
      ['', 'three', ''],
    ]);
    expect(notes).toEqual([
      'the column "tags" holds lists or records; it is not read',
      'the column "place" holds lists or records; it is not read',
    ]);
  });

  it('is refused if a column of lists or records is to be read, or if a column is missing', async () => {
    const path = join(reference, 'kinds.parquet');
    await expect(read(path, { columns: { ...columns, text: 'tags' } })).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringContaining('in the column tags, got lists or records'),
      hint: expect.stringContaining('.str.join'),
    });
    await expect(read(path, { columns: { ...columns, text: 'body' } })).rejects.toMatchObject({
      code: 'DATA_COLUMN_MISSING',
      message: expect.stringMatching(/column body .*columns title, text, label, day/),
    });
  });

  it('loses only the rows whose text is not UTF-8', async () => {
    const { texts } = await read(join(reference, 'not-utf8.parquet'), {
      columns: { ...columns, label: null },
    });
    expect(texts).toEqual([['ENCODING_INVALID'], ['b', 'fine', null]]);
  });

  it('loses only the rows that are longer than a row may be', async () => {
    const path = join(reference, 'none.parquet');
    const { texts } = await read(path, {}, { maxRowBytes: 100 });
    const lengths = written.map((row) => Buffer.byteLength(row.join('')));
    expect(texts).toEqual(written.map((row, i) => (lengths[i]! > 100 ? ['ROW_TOO_LONG'] : row)));
    expect(lengths.filter((length) => length > 100)).toHaveLength(24);
  });

  it.each(['snappy', 'gzip', 'zstd', 'brotli', 'lz4'])(
    'is refused if all of its pages together unpack to more than is allowed: %s',
    async (name) => {
      const path = join(reference, `${name}.parquet`);
      expect((await read(path, {}, { maxUnpackedBytes: 10_000 })).texts).toEqual(written);
      await expect(read(path, {}, { maxUnpackedBytes: 3000 })).rejects.toMatchObject({
        code: 'DATA_FILE_INVALID',
        message: expect.stringContaining('at most 3000 bytes when unpacked, got more'),
      });
    },
  );

  it('may have no rows', async () => {
    expect((await read(join(reference, 'no-rows.parquet'))).texts).toEqual([]);
  });

  it('may be of pandas, with categories and an index', async () => {
    const { texts } = await read(join(reference, 'pandas.parquet'));
    expect(texts).toEqual(written.slice(0, 4));
  });

  it('of the datasets library has the names of its classes in place of numbers, unless they are wanted', async () => {
    const path = join(reference, 'datasets.parquet');
    const about = { columns: { ...columns, title: null } };
    const { texts, how } = await read(path, about);
    expect(texts.slice(0, 2).map((row) => row[2])).toEqual(['REAL', 'FAKE']);
    expect(how).toBe('Parquet, class names of the file: REAL, FAKE');
    const raw = await read(path, { ...about, labelNames: null });
    expect(raw.texts.slice(0, 2).map((row) => row[2])).toEqual(['0', '1']);
  });

  it('is recognised under another name, and in gzip', async () => {
    const bytes = readFileSync(join(reference, 'snappy.parquet'));
    writeFileSync(join(folder, 'a.csv'), bytes);
    expect(await read(join(folder, 'a.csv'))).toMatchObject({
      texts: written,
      notes: ['the file is Parquet, and is read as that'],
    });
    writeFileSync(join(folder, 'a.parquet.gz'), gzipSync(bytes));
    expect(await read(join(folder, 'a.parquet.gz'))).toMatchObject({
      texts: written,
      notes: [],
      how: 'gzip, Parquet',
    });
  });

  it('is refused if it is cut at any place, and never read in part without an error', async () => {
    const bytes = readFileSync(join(reference, 'zstd.parquet'));
    const path = join(folder, 'cut.parquet');
    for (let size = 4; size < bytes.length; size += 97) {
      writeFileSync(path, bytes.subarray(0, size));
      await expect(read(path)).rejects.toMatchObject({
        code: 'DATA_FILE_INVALID',
        message: expect.stringMatching(
          /expected a whole Parquet file, got a damaged one \(its end is missing\)/,
        ),
      });
    }
  });

  it.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4'])(
    'is read whole or refused, and nothing else, if one byte is damaged: %s',
    async (name) => {
      const bytes = readFileSync(join(reference, `${name}.parquet`));
      const path = join(folder, 'damaged.parquet');
      for (let at = 4; at < bytes.length; at += 131) {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= 0x55;
        writeFileSync(path, damaged);
        const error = await read(path).catch((thrown: unknown) => thrown);
        if (error instanceof Error)
          expect(error).toMatchObject({
            code: expect.stringMatching(/DATA_FILE_INVALID|DATA_COLUMN_MISSING/),
          });
      }
    },
  );
});
