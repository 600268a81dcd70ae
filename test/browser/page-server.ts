// A server with the built page and a classifier whose predictions the test decides, for states that a real model rarely
// reaches. The page is built again if its sources are newer.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/foundation/core/clock.ts';
import type { ArticleText } from '../../src/foundation/records/article.ts';
import { type EvaluationReport, evaluationReportRecord } from '../../src/foundation/records/evaluation.ts';
import { type ModelFolder, modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import type { Warning } from '../../src/foundation/records/warning.ts';
import type { DetailedClassifier } from '../../src/judging/predict/detailed-prediction.ts';
import { createFileFeedbackLog } from '../../src/keeping/journal/file-feedback-log.ts';
import { createFilePredictionStore } from '../../src/keeping/journal/file-prediction-store.ts';
import { type AppOptions, createApp } from '../../src/serving/app/app.ts';

const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The probability of each class, in the order of the model. */
export type Rule = (article: ArticleText) => readonly number[] | Promise<readonly number[]>;

export interface PageServerOptions extends Omit<Partial<AppOptions>, 'classifier'> {
  readonly rule?: Rule;
  readonly warnings?: readonly Warning[];
  readonly info?: Partial<ModelFolder>;
  readonly port?: number;
  readonly modelVersion?: string;
}

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Builds dist/web if it is stale. */
export function buildPage(): void {
  execFileSync(process.execPath, ['scripts/build.mjs', '--if-stale'], {
    cwd: repositoryRoot,
    stdio: ['ignore', 'ignore', 'pipe'], // what it complains about stands in the error
  });
}

/** Opens the journal and the feedback log of a server in `folder`; without them a prediction has no receipt and no id. */
export function openReceipts(folder: string) {
  const journal = createFilePredictionStore(join(folder, 'predictions'), systemClock).openJournal({
    keepText: false,
    maxBytes: 1e6,
    maxDays: 1,
  });
  return { journal, feedback: createFileFeedbackLog(join(folder, 'feedback.jsonl'), systemClock) };
}

export const sampleExamples = readExamples();

/** Figures for the model's own source and for other sources, as real models have them. */
export const ownFigures: EvaluationReport = {
  ...evaluationReportRecord.example,
  n: 412,
  metrics: { ...evaluationReportRecord.example.metrics, accuracy: 0.934, ece: 0.021 },
  intervals: { ...evaluationReportRecord.example.intervals, accuracy: [0.908, 0.956] },
  reliability: [
    { low: 0.8667, high: 0.9333, n: 12, confidence: 0.9, accuracy: 0.75 },
    { low: 0.9333, high: 1, n: 200, confidence: 0.97, accuracy: 0.96 },
  ],
};
export const otherFigures: EvaluationReport = {
  ...ownFigures,
  collection: 'elsewhere2016',
  outOfSource: true,
  synthetic: false,
  n: 251,
  metrics: { ...ownFigures.metrics, accuracy: 0.578, ece: 0.31 },
  intervals: { ...ownFigures.intervals, accuracy: [0.514, 0.637] },
};

export async function startPageServer(options: PageServerOptions = {}): Promise<PageServer> {
  const { rule, warnings, info, modelVersion, port = 0, ...rest } = options;
  const app = createApp({
    examples: sampleExamples,
    evaluations: [ownFigures],
    ...rest,
    classifier: createDecidedClassifier({
      rule: rule ?? (() => [0.06, 0.94]),
      warnings: warnings ?? [],
      info: info ?? {},
      modelVersion: modelVersion ?? 'compact@3',
    }),
  });
  const url = await app.listen({ host: '127.0.0.1', port });
  return { url, close: () => app.close() };
}

function createDecidedClassifier(options: {
  readonly rule: Rule;
  readonly warnings: readonly Warning[];
  readonly info: Partial<ModelFolder>;
  readonly modelVersion: string;
}): DetailedClassifier {
  const info: ModelFolder = {
    ...modelFolderRecord.example,
    calibration: { temperature: 1.4, abstainBelow: 0.7 },
    ...options.info,
  };
  const predictDetailed: DetailedClassifier['predictDetailed'] = (articles) =>
    Promise.all(
      articles.map(async (article) => {
        const shares = await options.rule(article);
        const probability = Math.max(...shares);
        return {
          prediction: {
            label: info.classNames[shares.indexOf(probability)]!,
            probability,
            probabilities: Object.fromEntries(info.classNames.map((name, index) => [name, shares[index]!])),
            abstained: probability < info.calibration.abstainBelow,
            modelVersion: options.modelVersion,
          },
          measures: { tokens: 100, articleTokens: 100, truncated: false, letterScore: null, distance: null },
          warnings: options.warnings,
        };
      }),
    );
  return {
    info,
    modelVersion: options.modelVersion,
    predictDetailed,
    predict: async (articles) => (await predictDetailed(articles)).map(({ prediction }) => prediction),
    computeLogits: async () => new Float32Array(0),
    dispose: async () => {},
  };
}

function readExamples(): NonNullable<AppOptions['examples']> {
  const path = `${repositoryRoot}/sample/examples.json`;
  if (!existsSync(path)) return [];
  const rows = JSON.parse(readFileSync(path, 'utf8')) as Record<
    'title' | 'text' | 'label' | 'source',
    string
  >[];
  return rows.map((row, index) => ({ id: `example-${index}`, ...row }));
}
