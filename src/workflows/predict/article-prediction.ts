// The prediction of one article and, if asked for, its explanation.
import type {
  ArticleExplanation,
  ArticleText,
  ModelFolder,
  Prediction,
} from '../../foundation/records/index.ts';
import { type DetailedPrediction, refuseWithoutText } from '../../judging/predict/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { withModel } from '../locate-model/index.ts';

export interface PredictArticleRequest {
  readonly article: ArticleText;
  /** NAME, NAME@VERSION, a run id or a folder; null: production, else the newest. */
  readonly model: string | null;
  /** 0: one per core. */
  readonly threads: number;
  readonly explain: boolean;
}

export interface PredictedArticle {
  readonly prediction: Prediction;
  readonly warnings: DetailedPrediction['warnings'];
  /** What the model's articles are called, and when it abstains. */
  readonly info: Pick<ModelFolder, 'noun' | 'calibration'>;
  /** null: not asked for. */
  readonly explanation: ArticleExplanation | null;
}

/** Predicts one article. @throws ARTICLE_TEXT_MISSING, and what locating, loading and explaining throw */
export async function predictArticle(
  { article, model, threads, explain }: PredictArticleRequest,
  context: WorkflowContext,
): Promise<PredictedArticle> {
  return withModel(model, { threads }, context, async ({ classifier, folder }) => {
    const refusal = refuseWithoutText(article, classifier.info);
    if (refusal !== null) throw refusal;
    const [detailed] = await classifier.predictDetailed([article]);
    const { prediction, warnings } = detailed!;
    const explanation = explain ? await explainArticle(folder, article, threads) : null;
    return { prediction, warnings, info: classifier.info, explanation };
  });
}

/** Loads what explains only now: it is as large as all the rest, and seldom asked for. */
async function explainArticle(
  folder: string,
  article: ArticleText,
  threads: number,
): Promise<ArticleExplanation> {
  const { loadExplainer } = await import('../../judging/explain/index.ts');
  const explainer = await loadExplainer(folder, { threads });
  try {
    return await explainer.explain(article);
  } finally {
    await explainer.dispose();
  }
}
