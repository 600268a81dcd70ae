// What the page tells about the model: where it comes from, how well it does on articles like its own and on other
// people's (always both), and its limits in plain words.
import { z } from 'zod';
import { type EvaluationReport, evaluationReportSchema } from '../records/evaluation.ts';
import { calibrationSchema, type ModelFolder } from '../records/model-folder.ts';

const figuresSchema = evaluationReportSchema.pick({
  collection: true,
  outOfSource: true,
  synthetic: true,
  n: true,
  metrics: true,
  intervals: true,
  abstention: true,
});

export const modelFactsSchema = z.object({
  modelVersion: z.string(),
  /** linear, compact, … */
  model: z.string(),
  runId: z.string(),
  createdAt: z.string(),
  dataset: z.object({ name: z.string(), version: z.string(), synthetic: z.boolean() }),
  classNames: z.array(z.string()),
  parameterCount: z.int(),
  maxTokens: z.int(),
  calibration: calibrationSchema,
  /** The test split of the model's own data set; null where the model was not evaluated. */
  inSource: figuresSchema.nullable(),
  /** Collections from elsewhere; empty where there was none, which `limits` then says. */
  outOfSource: z.array(figuresSchema),
  /** Plain sentences. */
  limits: z.array(z.string()),
});
export type ModelFacts = z.infer<typeof modelFactsSchema>;

export function createModelFacts(
  info: ModelFolder,
  modelVersion: string,
  evaluations: readonly EvaluationReport[],
): ModelFacts {
  const own = evaluations.find((report) => !report.outOfSource);
  const others = evaluations.filter((report) => report.outOfSource);
  return {
    modelVersion,
    model: info.model,
    runId: info.runId,
    createdAt: info.createdAt,
    dataset: { name: info.datasetName, version: info.datasetVersion, synthetic: info.synthetic },
    classNames: info.classNames,
    parameterCount: info.parameterCount,
    maxTokens: info.maxTokens,
    calibration: info.calibration,
    inSource: own === undefined ? null : pickFigures(own),
    outOfSource: others.map(pickFigures),
    limits: listLimits(info, own, others),
  };
}

function pickFigures(report: EvaluationReport): z.infer<typeof figuresSchema> {
  const { collection, outOfSource, synthetic, n, metrics, intervals, abstention } = report;
  return { collection, outOfSource, synthetic, n, metrics, intervals, abstention };
}

function listLimits(
  info: ModelFolder,
  own: EvaluationReport | undefined,
  others: readonly EvaluationReport[],
): string[] {
  const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;
  const limits = ['It judges how an article is written, not whether what it says is true.'];
  if (info.synthetic) {
    limits.push(
      'It learned from invented articles, made to try the program: its answers about real news mean nothing.',
    );
  }
  if (others.length > 0) {
    const list = others
      .map((report) => `${percent(report.metrics.accuracy)} of ${report.collection}`)
      .join(', ');
    const inside =
      own === undefined
        ? ''
        : `It is right on ${percent(own.metrics.accuracy)} of the held-out articles of its own data set, but `;
    limits.push(`${inside}${inside === '' ? 'Elsewhere it is right' : 'elsewhere'} on ${list}.`);
  } else {
    limits.push('It was not measured on articles from other sources: expect it to do clearly worse there.');
  }
  limits.push(
    info.truncation === 'head'
      ? `It reads only the beginning of a long article (${info.maxTokens} tokens).`
      : `It reads only the beginning and the end of a long article (${info.maxTokens} tokens).`,
  );
  if (info.calibration.abstainBelow > 0) {
    limits.push(
      `It says "not sure" when its probability is below ${percent(info.calibration.abstainBelow)}.`,
    );
  }
  return limits;
}
