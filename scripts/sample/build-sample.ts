// Builds the whole synthetic sample in memory: the same seed gives the same bytes on every machine.
import { readFileSync } from 'node:fs';
import { createRandom } from '../../src/foundation/core/random.ts';
import { writeArticle } from './article-writer.ts';
import { loadFrames } from './frames.ts';
import { type Banks, parseBanks, pickWeighted } from './grammar.ts';
import { loadPieces, type Piece } from './handwritten.ts';
import { type Label, type Plan, plans } from './plans.ts';
import { createSimilarityIndex } from './similarity.ts';

export interface SampleRow {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly label: Label;
  readonly source: string;
  readonly topic: string;
  /** ISO 8601 */
  readonly date: string;
}

export interface Sample {
  readonly rows: readonly SampleRow[];
  /** Row id -> "frame/plan", or "hand"; not part of the sample, but used for group splits when it is evaluated. */
  readonly families: Readonly<Record<string, string>>;
  readonly examples: readonly Omit<Piece, 'topic' | 'date'>[];
}

/** Articles of each class written from each frame. */
const perFrameAndLabel = 14;
/** No two articles may share more of their five-word shingles than this. */
const maxSimilarity = 0.4;

export function buildSample(seed = 2024): Sample {
  const phrases = readBanks('phrases');
  const names = readBanks('names');
  const outlets = names.get('outlet')!;
  const pieces: (Piece & { family: string })[] = loadPieces('pieces').map((piece) => ({
    ...piece,
    family: 'hand',
  }));
  const titles = new Set(pieces.map((piece) => piece.title));
  const written = createSimilarityIndex();
  for (const piece of pieces) written.add(piece.text);
  const examples = loadPieces('examples');
  for (const example of examples) titles.add(example.title);

  for (const frame of loadFrames()) {
    for (const label of ['FAKE', 'REAL'] as const) {
      for (let i = 0; i < perFrameAndLabel; i++) {
        for (let attempt = 0; ; attempt++) {
          if (attempt > 200) throw new Error(`${frame.topic}/${frame.name}: too little variety for ${label}`);
          const random = createRandom(seed, frame.topic, frame.name, label, i, attempt);
          const plan = pickPlan(label, random.next());
          const source = outlets[random.integer(outlets.length)]!;
          const date = new Date(Date.UTC(2023, 0, 1 + random.integer(730))).toISOString().slice(0, 10);
          const draft = writeArticle(frame, plan, { phrases, names, outlet: source, date, random });
          if (titles.has(draft.title) || written.highest(draft.text) > maxSimilarity) continue;
          titles.add(draft.title);
          written.add(draft.text);
          pieces.push({
            ...draft,
            label,
            source,
            topic: frame.topic,
            date,
            family: `${frame.name}/${plan.name}`,
          });
          break;
        }
      }
    }
  }

  createRandom(seed, 'order').shuffle(pieces);
  const families: Record<string, string> = {};
  const rows = pieces.map(({ family, title, text, label, source, topic, date }, index) => {
    const id = `synthetic-${String(index + 1).padStart(4, '0')}`;
    families[id] = family;
    return { id, title, text, label, source, topic, date };
  });
  return {
    rows,
    families,
    examples: examples.map(({ title, text, label, source }) => ({ title, text, label, source })),
  };
}

export function formatRows(rows: readonly SampleRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

export function formatExamples(examples: Sample['examples']): string {
  return `${JSON.stringify(examples, null, 2)}\n`;
}

function pickPlan(label: Label, share: number): Plan {
  const candidates = plans.filter((plan) => plan.label === label);
  const weights = Object.fromEntries(candidates.map((plan) => [plan.name, plan.weight]));
  const name = pickWeighted({ next: () => share }, weights);
  return candidates.find((plan) => plan.name === name)!;
}

function readBanks(name: string): Banks {
  return parseBanks(readFileSync(new URL(`./${name}.txt`, import.meta.url), 'utf8'));
}
