// Evidence beside one prediction, if the request asks for it: an explanation, and similar training articles.
import { appError } from '../../foundation/core/index.ts';
import { type ArticleText, buildExplanationAnswer } from '../../foundation/records/index.ts';
import type { NearestArticle } from '../../judging/out-of-distribution/index.ts';
import type { AppContext } from './app-context.ts';

export interface EvidenceRequest {
  readonly explain: boolean;
  /** How many similar articles; 0: none. */
  readonly similar: number;
}

export interface EvidenceParts {
  readonly explanation?: ReturnType<typeof buildExplanationAnswer>;
  /** null: the version that predicted keeps no index. */
  readonly similar?: NearestArticle[] | null;
}

/** @throws EXPLANATION_UNAVAILABLE, ARTICLE_TOO_LONG, SERVER_BUSY */
export async function gatherEvidence(
  { evidence, metrics, clock }: AppContext,
  article: ArticleText,
  modelVersion: string,
  { explain, similar }: EvidenceRequest,
): Promise<EvidenceParts> {
  if (!explain && similar === 0) return {};
  if (evidence === null) throw appError('EXPLANATION_UNAVAILABLE', { reason: 'none' });
  const startMs = clock.monotonicMs();
  try {
    const [explanation, found] = await Promise.all([
      explain ? evidence.explain(modelVersion, article) : undefined,
      similar > 0 ? evidence.findSimilar(modelVersion, article, similar) : undefined,
    ]);
    return {
      ...(explanation === undefined ? {} : { explanation: buildExplanationAnswer(explanation) }),
      ...(found === undefined ? {} : { similar: found }),
    };
  } finally {
    metrics.observeEvidence(explain ? 'explanation' : 'similar', (clock.monotonicMs() - startMs) / 1000);
  }
}
