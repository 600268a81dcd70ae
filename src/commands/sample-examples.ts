// Ten articles of the bundled sample to try a served model on: five of each class, from different outlets.
import { existsSync } from 'node:fs';
import { readRawRows } from '../data/raw-rows.ts';
import { samplePath } from '../data/source-files.ts';
import type { ExampleArticle } from '../serve/app-context.ts';

const PER_CLASS = 5;
const COLUMNS = { title: 'title', text: 'text', label: 'label', source: 'source', date: null, id: 'id' };

/** Takes the first article of each outlet until every class has enough; none where the sample is not installed. */
export async function loadSampleExamples(path: string = samplePath): Promise<ExampleArticle[]> {
  if (!existsSync(path)) return [];
  const chosen = new Map<string, { outlet: string; example: ExampleArticle }[]>();
  for await (const { rows } of readRawRows({ path, format: 'jsonl', columns: COLUMNS })) {
    for (const row of rows) {
      if ('reason' in row) continue;
      const [id, title, text, label] = ['id', 'title', 'text', 'label'].map((column) => row.get(column));
      const outlet = row.get('source') ?? '';
      if (!id || !title || !text || !label) continue;
      const ofClass = chosen.get(label) ?? [];
      chosen.set(label, ofClass);
      const taken = ofClass.some((other) => other.outlet === outlet);
      if (ofClass.length < PER_CLASS && !taken) ofClass.push({ outlet, example: { id, title, text, label } });
    }
  }
  return [...chosen.keys()].sort().flatMap((label) => chosen.get(label)!.map(({ example }) => example));
}
