// Builds the second, smaller synthetic collection in memory: five other invented outlets in another invented region. It is
// used only for evaluation, never for training. The same seed gives the same bytes on every machine.
import { readFileSync } from 'node:fs';
import { createRandom } from '../../../src/foundation/core/random.ts';
import type { SampleRow } from '../build-sample.ts';
import { type Banks, parseBanks } from '../grammar.ts';
import { type Piece, parsePieces } from '../handwritten.ts';
import { jaccard, shinglesOf } from '../similarity.ts';
import { houseStyles } from './house-styles.ts';
import { plans } from './plans.ts';
import { loadStories, topics } from './stories.ts';
import { writeArticle } from './write-article.ts';

/** No two articles may share more of their five-word shingles than this. */
const maxSimilarity = 0.3;

export function loadOtherPieces(): Piece<string>[] {
  return parsePieces(read('handwritten'), 'other-outlets/handwritten.txt', topics);
}

/** One article of each plan from each story, and the hand-written pieces. */
export function buildCollection(seed = 2024): SampleRow[] {
  const phrases: Banks = parseBanks(read('phrases'));
  const names = parseBanks(read('names'));
  const pieces = loadOtherPieces();
  const titles = new Set(pieces.map((piece) => piece.title));
  const shingles = pieces.map((piece) => shinglesOf(piece.text));

  for (const [storyIndex, story] of loadStories().entries()) {
    for (const plan of plans) {
      for (let attempt = 0; ; attempt++) {
        if (attempt > 200) throw new Error(`${story.name}: too little variety for ${plan.kind}`);
        const random = createRandom(seed, story.topic, story.name, plan.kind, plan.label, attempt);
        // Both forms of a kind go to the same outlet, so that an outlet has as many of each class.
        const style = houseStyles[(storyIndex + kinds.indexOf(plan.kind)) % houseStyles.length]!;
        const draft = writeArticle(story, plan, { phrases, names, style, random });
        const own = shinglesOf(draft.text);
        if (titles.has(draft.title) || shingles.some((other) => jaccard(own, other) > maxSimilarity))
          continue;
        titles.add(draft.title);
        shingles.push(own);
        const date = new Date(Date.UTC(2023, 0, 1 + random.integer(730))).toISOString().slice(0, 10);
        pieces.push({ ...draft, label: plan.label, source: style.outlet, topic: story.topic, date });
        break;
      }
    }
  }

  createRandom(seed, 'order').shuffle(pieces);
  return pieces.map(({ title, text, label, source, topic, date }, index) => {
    const id = `synthetic-other-${String(index + 1).padStart(3, '0')}`;
    return { id, title, text, label, source, topic, date };
  });
}

const kinds = [...new Set(plans.map((plan) => plan.kind))];

function read(name: string): string {
  return readFileSync(new URL(`./${name}.txt`, import.meta.url), 'utf8');
}
