// Recognises files of another kind than the expected one by their first bytes, and says what to do with each. All readers
// of files that people bring (data, weights, configurations of models) use it. Signatures: the formats' specifications.

import { closeSync, openSync, readSync } from 'node:fs';
import { appError } from './errors.ts';

export interface FileKind {
  /** What the file is: "a gzip archive". */
  readonly name: string;
  /** What to do, as a sentence. */
  readonly remedy: string;
  /** If the file is text in another encoding than UTF-8. */
  readonly encoding?: string;
}

interface Signature extends FileKind {
  readonly bytes: string;
  readonly offset?: number;
}

/** This many bytes are enough to recognise every kind. */
export const FILE_KIND_BYTES = 512;

const BINARY = 'a binary file';
const UNPACK = 'Unpack it and give the file inside.';
const TO_CSV = 'Save it as CSV in UTF-8 with a header line (in Excel and LibreOffice: Save As).';
const PYTHON = 'In Python: pandas.read_';

// latin1 strings: one character for each byte
const SIGNATURES: readonly Signature[] = [
  {
    bytes: 'PK\x03\x04',
    name: 'a zip archive',
    remedy: `${UNPACK} A workbook (.xlsx, .ods) is a zip archive too: save it as CSV in UTF-8.`,
  },
  { bytes: 'PK\x05\x06', name: 'an empty zip archive', remedy: UNPACK },
  { bytes: '\x1f\x8b', name: 'a gzip archive', remedy: 'Unpack it: gunzip FILE (a .tar.gz: tar xzf FILE).' },
  { bytes: 'BZh', name: 'a bzip2 archive', remedy: 'Unpack it: bunzip2 FILE.' },
  { bytes: '\xfd7zXZ\x00', name: 'an xz archive', remedy: 'Unpack it: unxz FILE.' },
  { bytes: '\x28\xb5\x2f\xfd', name: 'a zstd archive', remedy: 'Unpack it: unzstd FILE.' },
  { bytes: '7z\xbc\xaf\x27\x1c', name: 'a 7z archive', remedy: UNPACK },
  { bytes: 'Rar!\x1a\x07', name: 'a rar archive', remedy: UNPACK },
  { bytes: 'ustar', offset: 257, name: 'a tar archive', remedy: 'Unpack it: tar xf FILE.' },
  {
    bytes: 'PAR1',
    name: 'a Parquet file',
    remedy: `${PYTHON}parquet(FILE).to_json("data.jsonl", orient="records", lines=True)`,
  },
  {
    bytes: 'ARROW1',
    name: 'an Arrow or Feather file',
    remedy: `${PYTHON}feather(FILE).to_json("data.jsonl", orient="records", lines=True)`,
  },
  {
    bytes: 'ORC',
    name: 'an ORC file',
    remedy: `${PYTHON}orc(FILE).to_json("data.jsonl", orient="records", lines=True)`,
  },
  {
    bytes: 'Obj\x01',
    name: 'an Avro file',
    remedy: 'Convert it to JSON Lines: avro-tools tojson FILE > data.jsonl',
  },
  { bytes: '\x89HDF\r\n\x1a\n', name: 'an HDF5 file', remedy: 'Convert it to CSV or JSON Lines.' },
  { bytes: '\x93NUMPY', name: 'a NumPy array', remedy: 'Convert it to CSV or JSON Lines.' },
  {
    bytes: 'SQLite format 3\x00',
    name: 'an SQLite database',
    remedy: 'Export the table: sqlite3 -header -csv FILE "select * from TABLE" > data.csv',
  },
  { bytes: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', name: 'an old Office document (.xls, .doc)', remedy: TO_CSV },
  { bytes: '%PDF-', name: 'a PDF document', remedy: TO_CSV },
  { bytes: '{\\rtf', name: 'an RTF document', remedy: TO_CSV },
  { bytes: '\x89PNG\r\n\x1a\n', name: 'a PNG picture', remedy: 'Check the path.' },
  { bytes: '\xff\xd8\xff', name: 'a JPEG picture', remedy: 'Check the path.' },
  { bytes: '\x7fELF', name: 'a program', remedy: 'Check the path.' },
];

/**
 * Recognises binary files, web pages, pointers to files kept elsewhere, and text in another encoding than UTF-8.
 * @param head  the first bytes of the file; 512 are enough
 * @returns undefined for what may be text in UTF-8
 */
export function recogniseFileKind(head: Buffer): FileKind | undefined {
  const text = head.toString('latin1', 0, FILE_KIND_BYTES);
  const known = SIGNATURES.find(({ bytes, offset = 0 }) => text.startsWith(bytes, offset));
  if (known !== undefined) return { name: known.name, remedy: known.remedy };
  return recogniseWideText(head.subarray(0, FILE_KIND_BYTES)) ?? recogniseMarkup(text);
}

/** Recognises the kind of the file at `path` as `recogniseFileKind` does; undefined too if it cannot be read. */
export function readFileKind(path: string): FileKind | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      const head = Buffer.alloc(FILE_KIND_BYTES);
      return recogniseFileKind(head.subarray(0, readSync(file, head)));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined; // whoever reads the file next reports why
  }
}

/**
 * Refuses a file whose first bytes are those of another kind: a pointer, a page or an archive in place of the file.
 * @param expected  what the file should be, for the message
 * @throws FILE_KIND_WRONG
 */
export function assertFileKind(path: string, expected: string): void {
  const kind = readFileKind(path);
  if (kind === undefined || kind.name === BINARY || kind.encoding !== undefined) return;
  throw appError('FILE_KIND_WRONG', { path, expected, got: kind.name, remedy: kind.remedy });
}

function recogniseWideText(head: Buffer): FileKind | undefined {
  const mark = head.toString('hex', 0, 4);
  if (mark === 'fffe0000' || mark === '0000feff') return wide(mark === 'fffe0000' ? 'UTF-32LE' : 'UTF-32BE');
  if (mark.startsWith('fffe')) return wide('UTF-16LE');
  if (mark.startsWith('feff')) return wide('UTF-16BE');
  const zeros = [0, 0, 0, 0];
  for (const [at, byte] of head.entries()) if (byte === 0) zeros[at % 4]!++;
  const [a, b, c, d] = zeros.map((count) => count / Math.max(1, Math.floor(head.length / 4))) as [
    number,
    number,
    number,
    number,
  ];
  if (head.length < 4 || a + b + c + d === 0) return undefined;
  // Text in most languages has a zero in every second byte, if only in its spaces, separators and line breaks.
  if (b > 0.5 && c > 0.5 && d > 0.5 && a < 0.1) return wide('UTF-32LE');
  if (a > 0.5 && b > 0.5 && c > 0.5 && d < 0.1) return wide('UTF-32BE');
  if (b + d > 0.1 && a + c < (b + d) / 10) return wide('UTF-16LE');
  if (a + c > 0.1 && b + d < (a + c) / 10) return wide('UTF-16BE');
  if (a + b + c + d < 0.08) return undefined; // stray bytes in text
  return { name: BINARY, remedy: 'Check the path; text has no zero bytes.' };
}

function wide(encoding: string): FileKind {
  return {
    encoding,
    name: `text in ${encoding}`,
    remedy: `Convert it: iconv -f ${encoding} -t UTF-8 FILE > NEWFILE.`,
  };
}

function recogniseMarkup(text: string): FileKind | undefined {
  const start = text.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (start.startsWith('version https://git-lfs.github.com/spec/'))
    return { name: 'a Git LFS pointer', remedy: 'Get the file itself: git lfs install && git lfs pull' };
  if (/^(outs|md5):\s/.test(start) && /\bmd5: [0-9a-f]{32}/.test(start))
    return { name: 'a DVC pointer', remedy: 'Get the file itself: dvc pull' };
  if (/^(<!doctype html|<!--|<(html|head|body|title|meta|script|style|div|table|p)[\s>])/i.test(start))
    return {
      name: 'a web page (HTML)',
      remedy:
        'The download was answered with a page, often a sign-in page. Download the file itself (on GitHub: the raw file).',
    };
  if (/^<\?xml/i.test(start)) return { name: 'an XML document', remedy: 'Convert it to CSV or JSON Lines.' };
  return undefined;
}
