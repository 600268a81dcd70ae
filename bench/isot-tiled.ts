// Makes a folder of the size of the full ISOT set from parts of it: every title, date and subject of isot-titles.csv, and the
// bodies of the sample, each used several times with one word in ten replaced by a word of another body of its class, so that
// copies are not near-copies of one another.
// npx tsx bench/isot-tiled.ts ISOT-TITLES.CSV SAMPLE-FOLDER OUT-FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, type Random } from '../src/foundation/core/random.ts';
import { readRawRows } from '../src/learning/data/raw-rows.ts';

const REPLACED = 0.1;
const NO_COLUMNS = { title: null, text: null, label: null, source: null, date: null, id: null };

async function readColumn(path: string, names: readonly string[]): Promise<string[][]> {
  const columns = { ...NO_COLUMNS, text: names[0] as string };
  const found: string[][] = [];
  for await (const { rows } of readRawRows({ path, columns, format: 'csv' }))
    for (const row of rows) if ('get' in row) found.push(names.map((name) => row.get(name) ?? ''));
  return found;
}

function vary(body: string, random: Random, words: readonly string[]): string {
  return body.replaceAll(/\p{L}+/gu, (word) =>
    random.next() < REPLACED ? (words[random.integer(words.length)] as string) : word,
  );
}

const [titlesPath, sampleFolder, outFolder] = process.argv.slice(2) as [string, string, string];
mkdirSync(outFolder, { recursive: true });
const titles = await readColumn(titlesPath, ['title', 'subject', 'date', 'label']);
for (const [label, name] of [
  ['REAL', 'True.csv'],
  ['FAKE', 'Fake.csv'],
] as const) {
  const bodies = (await readColumn(join(sampleFolder, name), ['text'])).map(([text]) => text as string);
  const words = bodies.flatMap((body) => body.match(/\p{L}+/gu) ?? []);
  const random = createRandom('isot-tiled', label);
  const rows = titles
    .filter((row) => row[3] === label)
    .map(([title, subject, date], i) => {
      const fields = [title, vary(bodies[i % bodies.length] as string, random, words), subject, date];
      return fields.map((field) => `"${(field ?? '').replaceAll('"', '""')}"`).join(',');
    });
  writeFileSync(join(outFolder, name), `title,text,subject,date\n${rows.join('\n')}\n`);
}
