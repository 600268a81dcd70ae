import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { articleSchema } from '../../foundation/records/article.ts';
import { readCollection } from './collection.ts';
import { DEFAULT_READING, type ReadingOptions } from './reading.ts';

const columns = { title: 'title', text: 'text', label: 'label', source: 'outlet', date: null, id: null };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-collection-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('readCollection', () => {
  it('cleans articles, numbers labels as the model does, and counts skipped rows', async () => {
    const path = join(folder, 'other.csv');
    writeFileSync(
      path,
      'title,text,label,outlet\nOne,OSLO (Meridian) - It sank.,true,Courier\nTwo,Satire it was,joke,\nThree,,fake,\nFour,It did not.,fake,\nFive,x\n',
    );
    const collection = readCollection({
      name: 'other',
      path,
      columns,
      labels: { true: 'REAL', fake: 'FAKE' },
      reading: { encoding: null, separator: null, quotes: null },
      classNames: ['FAKE', 'REAL'],
      strip: true,
    });
    const articles = [];
    for await (const article of collection) articles.push(articleSchema.parse(article));
    expect(articles.map(({ title, text, label, source }) => ({ title, text, label, source }))).toEqual([
      { title: 'One', text: 'It sank.', label: 1, source: 'Courier' },
      { title: 'Four', text: 'It did not.', label: 0, source: null },
    ]);
    expect(collection.counts).toMatchObject({ read: 5, kept: 2, empty: 1 });
    expect(collection.counts.skipped.list()).toEqual([
      { reason: { code: 'LABEL_UNMAPPED' }, count: 1 },
      { reason: { code: 'FIELDS_MISSING' }, count: 1 },
    ]);
  });

  it('reads a file as its settings say, and finds encodings by itself', async () => {
    const path = join(folder, 'andere.csv');
    const rows = [
      'title|text|label|outlet',
      'Gruß|"Die Fähre fährt.|A|',
      'Öl|Böe "am" Süßsee.|B|',
      'Ä|Ü ö.|A|',
    ];
    writeFileSync(path, Buffer.from(`${rows.join('\n')}\n`, 'latin1'));
    const read = async (reading: Partial<ReadingOptions>): Promise<string[]> => {
      const about = { name: 'andere', path, columns, labels: null, classNames: ['A', 'B'], strip: true };
      const found: string[] = [];
      const collection = readCollection({ ...about, reading: { ...DEFAULT_READING, ...reading } });
      for await (const { text } of collection) found.push(text);
      return found;
    };
    expect(await read({ encoding: 'windows-1252', separator: 'pipe', quotes: false })).toEqual([
      'Die Fähre fährt.', // cleaning removes its quotes
      'Böe am Süßsee.',
      'Ü ö.',
    ]);
    const lines = [...rows, 'Ö|Plain words.|A|', 'Ö|Other words.|B|'].join('\n');
    for (const bytes of [Buffer.from(lines, 'latin1'), Buffer.from(lines, 'utf16le')]) {
      writeFileSync(path, bytes);
      expect(await read({})).toContain('Ü ö.');
    }
  });

  it('names a missing file and an unset label column', async () => {
    const read = async (change: object): Promise<void> => {
      for await (const _ of readCollection({
        name: 'x',
        path: join(folder, 'none.csv'),
        columns,
        labels: null,
        reading: { encoding: null, separator: null, quotes: null },
        classNames: ['A', 'B'],
        strip: true,
        ...change,
      }));
    };
    await expect(read({})).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(read({ columns: { ...columns, label: null } })).rejects.toMatchObject({
      code: 'DATA_COLUMN_UNSET',
    });
  });
});
