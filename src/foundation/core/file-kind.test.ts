import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { assertFileKind, recogniseFileKind } from './file-kind.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

it.each<[string, Buffer, RegExp]>([
  ['a zip archive', bytes('PK\x03\x04\x14\x00\x06\x00'), /Unpack.*\.xlsx/],
  ['a gzip archive', bytes('\x1f\x8b\x08\x00'), /gunzip/],
  ['a zstd archive', bytes('\x28\xb5\x2f\xfd'), /unzstd/],
  ['a tar archive', Buffer.concat([Buffer.alloc(257, 'a'), bytes('ustar\x0000')]), /tar xf/],
  ['a Parquet file', bytes('PAR1\x15\x04\x15'), /read_parquet.*to_json/],
  ['an SQLite database', bytes('SQLite format 3\x00\x10\x00'), /sqlite3 -header -csv/],
  ['a PDF document', bytes('%PDF-1.7\n'), /CSV/],
  ['an old Office document (.xls, .doc)', bytes('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), /CSV in UTF-8/],
  ['text in UTF-16LE', Buffer.from('title,text\nÄrger,größer\n', 'utf16le'), /iconv -f UTF-16LE/],
  ['text in UTF-16LE', Buffer.from('\ufefftitle;text\n', 'utf16le'), /iconv/],
  ['text in UTF-16LE', Buffer.from('title,text\n标题,正文内容在这里没有空格\n', 'utf16le'), /iconv/],
  ['text in UTF-16BE', utf16be('title,text\nA,b\n'), /iconv -f UTF-16BE/],
  ['text in UTF-16BE', utf16be('\ufeff{"title":"A"}\n'), /iconv/],
  [
    'text in UTF-32LE',
    Buffer.from([...'title,text\n'].flatMap((c) => [c.charCodeAt(0), 0, 0, 0])),
    /iconv -f UTF-32LE/,
  ],
  [
    'a Git LFS pointer',
    bytes('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n'),
    /git lfs pull/,
  ],
  ['a DVC pointer', bytes('outs:\n- md5: 0123456789abcdef0123456789abcdef\n  path: a.csv\n'), /dvc pull/],
  ['a web page (HTML)', bytes('\n  <!DOCTYPE html>\n<html>'), /sign-in page/],
  ['a web page (HTML)', bytes('\xef\xbb\xbf<html lang="en">'), /file itself/],
  ['a web page (HTML)', bytes('<!-- mirror -->\n<!doctype html>'), /file itself/],
  ['a web page (HTML)', bytes('\r\n\t<div class="login">Sign in</div>\n'), /file itself/],
  ['an XML document', bytes('<?xml version="1.0"?>'), /CSV/],
  ['a binary file', Buffer.from(Array.from({ length: 400 }, (_, i) => (i * i) % 7)), /zero bytes/],
])('recognises %s and says what to do', (name, head, remedy) => {
  expect(recogniseFileKind(head)?.name).toBe(name);
  expect(recogniseFileKind(head)?.remedy).toMatch(remedy);
});

it.each([
  'title,text\nA,b\n',
  '\ufefftitle;text\n',
  '{"title":"<html>"}\n',
  '[{"title":"A"}]',
  'title,text\n"<html> in a field",b\n',
  `title,text\nA,${'b'.repeat(300)}\0${'c'.repeat(100)}\n`,
  'версия,текст\nодин,два\n',
  'version,text\n1,https://git-lfs.github.com\n',
  '',
])('takes %j as text', (text) => {
  expect(recogniseFileKind(Buffer.from(text))).toBeUndefined();
});

it('refuses a pointer in place of a file, and leaves the file itself to its reader', () => {
  const folder = mkdtempSync(join(tmpdir(), 'file-kind-'));
  const path = join(folder, 'model.safetensors');
  writeFileSync(path, 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n');
  expect(() => assertFileKind(path, 'weights')).toThrow(
    expect.objectContaining({
      code: 'FILE_KIND_WRONG',
      message: expect.stringContaining('expected weights, got a Git LFS pointer'),
      hint: expect.stringContaining('git lfs pull'),
    }),
  );
  writeFileSync(path, Buffer.from([16, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d, 0, 0]));
  expect(() => assertFileKind(path, 'weights')).not.toThrow();
  expect(() => assertFileKind(join(folder, 'none'), 'weights')).not.toThrow();
  rmSync(folder, { recursive: true });
});
