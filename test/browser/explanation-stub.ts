// Stubs explanations without a model: every second sentence speaks for the label, the others against it.
import type { Page } from 'playwright-core';
import type { Explanation } from '../../src/client/types.ts';
import { predictionReceiptRecord } from '../../src/foundation/records/prediction-receipt.ts';

const LABEL = 'REAL';

export interface StubOptions {
  readonly similar?: readonly {
    readonly title: string;
    readonly source: string | null;
    readonly label: string;
    readonly similarity: number;
  }[];
  readonly unread?: Explanation['unread'];
  /** Factor of all influences. */
  readonly scale?: number;
}

/** Responds to requests for an explanation instead of the server; other requests reach the server. */
export async function stubExplanation(page: Page, options: StubOptions = {}): Promise<void> {
  await page.route('**/v1/predict', async (route) => {
    const body = route.request().postDataJSON() as { title: string; text: string; explain?: boolean };
    if (body.explain !== true) return route.continue();
    const { similar } = options;
    return route.fulfill({
      json: {
        label: LABEL,
        probability: 0.94,
        probabilities: { FAKE: 0.06, [LABEL]: 0.94 },
        abstained: false,
        modelVersion: 'compact@3',
        predictionId: predictionReceiptRecord.example.id,
        requestId: '7f8c5f6e-2d3b-4c1a-9e57-0a1b2c3d4e5f',
        latencyMs: 40,
        warnings: [],
        warningFacts: [],
        explanation: explainText(body, options),
        ...(similar === undefined ? {} : { similar }),
      },
    });
  });
}

function explainText(
  { title, text }: { title: string; text: string },
  { unread = [], scale = 1 }: StubOptions,
): Explanation {
  const places = [
    ...cut(title, /.+/g).map((place) => ({ field: 'title' as const, ...place })),
    ...cut(text, /[^.]+\.?/g).map((place) => ({ field: 'text' as const, ...place })),
  ];
  const influences = [0.3, -0.2, 0.09, -0.05].map((influence) => influence * scale);
  const sentences = places.map((place, index) => ({
    ...place,
    influence: influences[index % 4]!,
    marginInfluence: influences[index % 4]! * 4,
    gradient: null,
  }));
  const words = sentences.flatMap((sentence, index) => {
    const inside = (sentence.field === 'title' ? title : text).slice(sentence.start, sentence.end);
    return cut(inside, /\S+/g).map(({ start, end }, word) => ({
      field: sentence.field,
      start: sentence.start + start,
      end: sentence.start + end,
      sentence: index,
      influence: word % 3 === 0 ? sentence.influence / 2 : 0.001,
      marginInfluence: word % 3 === 0 ? sentence.marginInfluence / 2 : 0.01,
      gradient: null,
    }));
  });
  return {
    schemaVersion: 1,
    label: LABEL,
    probability: 0.94,
    margin: 2.75,
    sentences,
    words,
    unread,
    occlusion: { variants: 9, wordsTried: words.length, wordsTotal: words.length },
    warnings: [],
    warningFacts: [],
    gradients: null,
  };
}

function cut(text: string, pattern: RegExp): { start: number; end: number }[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    const start = match.index + match[0].length - match[0].trimStart().length;
    const end = match.index + match[0].trimEnd().length;
    return start < end ? [{ start, end }] : [];
  });
}
