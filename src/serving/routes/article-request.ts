// The request bodies of the prediction routes. A number or null is not converted to a string.
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';
import { createBodyError } from '../http/index.ts';
import type { EvidenceRequest } from './gather-evidence.ts';

/** The body of POST /news/: further fields are ignored, as the predecessor did. */
export const newsRequestSchema = z.object({ title: z.string(), text: z.string() });

const articleFields = { title: z.string(), text: z.string() };
/** The most similar training articles of one request. */
const MAX_SIMILAR = 20;
const USUAL_SIMILAR = 5;
export const singleRequestSchema = z.strictObject({
  ...articleFields,
  explain: z.boolean().optional().meta({
    description: 'Say which sentences and words the prediction rests on; takes many times as long.',
  }),
  similar: z
    .union([z.boolean(), z.int().min(0).max(MAX_SIMILAR)])
    .optional()
    .meta({
      description: `How many of the nearest training articles to name (true: ${USUAL_SIMILAR}); null in the answer where the model keeps no index.`,
    }),
});
const batchArticleSchema = z.strictObject({ id: z.string().max(200).optional(), ...articleFields });
export const batchRequestSchema = z.strictObject({ articles: z.array(batchArticleSchema).min(1) });

/** The body of POST /v1/predict, for the OpenAPI document. */
export const predictRequestSchema = z.union([singleRequestSchema, batchRequestSchema]);

export interface ArticleRequest {
  readonly batch: boolean;
  /** For a single article. */
  readonly evidence: EvidenceRequest;
  readonly articles: readonly {
    readonly id?: string | undefined;
    readonly title: string;
    readonly text: string;
  }[];
}

/**
 * The article of a POST /news/ body.
 * @throws REQUEST_INVALID
 */
export function parseNewsRequest(body: unknown): z.infer<typeof newsRequestSchema> {
  const result = newsRequestSchema.safeParse(body);
  if (!result.success) throw createBodyError(result.error, 'an object with the strings title and text');
  return result.data;
}

/**
 * The articles of a POST /v1/predict body: one, or those in `articles`.
 * @throws REQUEST_INVALID, TOO_MANY_ARTICLES
 */
export function parsePredictRequest(body: unknown, maxArticles: number): ArticleRequest {
  const batch = typeof body === 'object' && body !== null && 'articles' in body;
  if (!batch) {
    const result = singleRequestSchema.safeParse(body);
    if (!result.success) {
      throw createBodyError(result.error, 'an object with the strings title and text, or a list in articles');
    }
    const { title, text, explain = false, similar = 0 } = result.data;
    const count = similar === true ? USUAL_SIMILAR : similar === false ? 0 : similar;
    return assertWords({ batch, evidence: { explain, similar: count }, articles: [{ title, text }] });
  }
  // counted before they are checked: ten thousand wrong articles would give ten thousand issues
  if (Array.isArray(body.articles) && body.articles.length > maxArticles) {
    throw appError('TOO_MANY_ARTICLES', { max: maxArticles, got: body.articles.length });
  }
  const result = batchRequestSchema.safeParse(body);
  if (!result.success) {
    throw createBodyError(
      result.error,
      `articles: a list of 1 to ${maxArticles} objects with the strings title and text`,
    );
  }
  return assertWords({ batch, evidence: { explain: false, similar: 0 }, articles: result.data.articles });
}

/** The title or the text may be empty, but not both: there would be nothing to predict. */
function assertWords(request: ArticleRequest): ArticleRequest {
  const issues = request.articles.flatMap((article, index) =>
    article.title.trim() === '' && article.text.trim() === ''
      ? [
          {
            path: request.batch ? `articles.${index}` : '',
            code: 'empty_article',
            message: 'title and text are both empty',
          },
        ]
      : [],
  );
  if (issues.length > 0)
    throw appError('REQUEST_INVALID', { expected: 'articles with a title or a text' }, { issues });
  return request;
}
