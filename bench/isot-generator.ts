// Generates invented articles in the layout and size of the ISOT set (True.csv, Fake.csv), with its marks: datelines, curly
// quotes, lost apostrophes, credits, copies under several subjects. Seeded: the same bytes on every machine.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, type Random } from '../src/foundation/core/random.ts';

const SYLLABLES =
  'ba co de fi gu ha jo ke li mo nu pa qui ro sa te u va wi xe yo za bran cle drif fro gle kran plo ster tru'.split(
    ' ',
  );
const PLACES = ['ALDANE', 'PORT MEREL', 'NORTH HAVEN', 'SILBERG', 'TARNOW/ALDANE'];

export interface GeneratedSize {
  readonly rows: number;
  /** Approximate size of both files together. */
  readonly bytes: number;
}

/** Writes True.csv and Fake.csv into `folder`. */
export function generateIsotFolder(folder: string, size: GeneratedSize, seed = 1): void {
  mkdirSync(folder, { recursive: true });
  const random = createRandom('isot-generator', seed);
  const words = Array.from({ length: 20_000 }, () => makeWord(random));
  const trueRows = Math.round(size.rows * 0.477);
  const articleBytes = size.bytes / size.rows;
  writeCsv(join(folder, 'True.csv'), trueRows, (row) => makeArticle(random, words, articleBytes, true, row));
  writeCsv(join(folder, 'Fake.csv'), size.rows - trueRows, (row) =>
    makeArticle(random, words, articleBytes, false, row),
  );
}

function writeCsv(path: string, rows: number, makeRow: (row: number) => string[]): void {
  const file = openSync(path, 'w');
  let buffer = 'title,text,subject,date\n';
  let previous: string[] | undefined;
  for (let row = 0; row < rows; row++) {
    // One row in eight repeats the previous one under another subject, as in ISOT's FAKE half.
    const fields: string[] =
      row % 8 === 7 && previous !== undefined
        ? [...previous.slice(0, 2), 'other', previous[3] ?? '']
        : makeRow(row);
    previous = fields;
    buffer += `${fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')}\n`;
    if (buffer.length > 1 << 20) {
      writeSync(file, buffer);
      buffer = '';
    }
  }
  writeSync(file, buffer);
  closeSync(file);
}

function makeArticle(
  random: Random,
  words: readonly string[],
  bytes: number,
  real: boolean,
  row: number,
): string[] {
  const pick = (): string => words[Math.floor(random.next() ** 3 * words.length)] ?? 'word';
  const sentence = (length: number): string => {
    const parts = Array.from({ length }, pick);
    const text = parts.join(' ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  };
  const title = sentence(6 + random.integer(8)).slice(0, -1);
  const target = bytes * (0.3 + 1.4 * random.next()) - 150;
  let body = real ? `${PLACES[row % PLACES.length]} (Meridian) - ` : '';
  while (body.length < target) {
    const quoted = random.next() < 0.3;
    const spoken = sentence(8 + random.integer(16));
    body += real
      ? quoted
        ? `“${spoken}” `
        : `${spoken} It isn’t ${pick()}. `
      : `${spoken}${quoted ? '' : ' '}They couldn t say what ${pick()} s ${pick()} meant. `;
  }
  if (!real) body += 'Featured image via Lee Park/Meridian Images';
  return [title, body, real ? 'politicsNews' : 'News', `May ${1 + (row % 28)}, 2017${real ? ' ' : ''}`];
}

function makeWord(random: Random): string {
  return Array.from(
    { length: 1 + random.integer(4) },
    () => SYLLABLES[random.integer(SYLLABLES.length)] ?? 'na',
  ).join('');
}
