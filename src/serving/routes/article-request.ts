// The request bodies of the prediction routes. A number is not converted to a string.
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';
import type { ModelFolder } from '../../foundation/records/index.ts';
import { createBodyError } from '../http/index.ts';
import type { EvidenceRequest } from './gather-evidence.ts';
import type { TextRule } from './text-rule.ts';

/** The body of POST /news/: further fields are ignored, as the predecessor did. */
export const newsRequestSchema = z.object({ title: z.string(), text: z.string() });

/** The parts of an article that every request must have: those that the model was trained with. */
export interface RequiredParts {
  readonly title: boolean;
  readonly text: boolean;
}

/** A model that did not record its columns needs both. */
export function listRequiredParts({ columns }: Pick<ModelFolder, 'columns'>): RequiredParts {
  return { title: columns?.title !== null, text: columns?.text !== null };
}

/** The most similar training articles of one request. */
const MAX_SIMILAR = 20;
const USUAL_SIMILAR = 5;

type PartSchema = z.ZodOptional<z.ZodNullable<z.ZodString>>;
const optionalPart: PartSchema = z.string().nullish();
// The type is that of the looser schema, so that both kinds of requests are read alike.
const requiredPart = z.string() as unknown as PartSchema;

/** The bodies of POST /v1/predict: one article, or a batch. */
export function createPredictSchemas({ title, text }: RequiredParts) {
  const articleFields = {
    title: title ? requiredPart : optionalPart,
    text: text ? requiredPart : optionalPart,
  };
  const single = z.strictObject({
    ...articleFields,
    explain: z.boolean().nullish().meta({
      description: 'Return which sentences and words influenced the prediction; takes many times as long.',
    }),
    similar: z
      .union([z.boolean(), z.int().min(0).max(MAX_SIMILAR)])
      .nullish()
      .meta({
        description: `How many of the nearest training articles to name (true: ${USUAL_SIMILAR}); null in the response if the model has no index.`,
      }),
  });
  const article = z.strictObject({ id: z.string().max(200).nullish(), ...articleFields });
  const batch = z.strictObject({ articles: z.array(article).min(1) });
  return { single, article, batch };
}

/** The body as /openapi.json has it: with what each article needs. */
export function createPredictBodySchema(
  required: RequiredParts,
  maxArticles: number,
  rule: TextRule['article'],
): z.ZodType {
  const { single, article, batch } = createPredictSchemas(required);
  const articles = z
    .array(article.meta({ ...rule }))
    .min(1)
    .max(maxArticles);
  return z.union([
    single.meta({ id: 'PredictRequest', ...rule }),
    batch.extend({ articles }).meta({ id: 'PredictManyRequest' }),
  ]);
}

export interface ArticleRequest {
  readonly batch: boolean;
  /** For a single article. */
  readonly evidence: EvidenceRequest;
  readonly articles: readonly {
    readonly id?: string | null | undefined;
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
export function parsePredictRequest(
  body: unknown,
  maxArticles: number,
  required: RequiredParts,
): ArticleRequest {
  const schemas = schemasOf(required);
  const strings = `the ${describeParts(required)}`;
  const batch = typeof body === 'object' && body !== null && 'articles' in body;
  if (!batch) {
    const result = schemas.single.safeParse(body);
    if (!result.success) {
      throw createBodyError(result.error, `an object with ${strings}, or a list in articles`);
    }
    const { explain, similar } = result.data;
    const count = similar === true ? USUAL_SIMILAR : similar || 0;
    return assertWords({
      batch,
      evidence: { explain: explain === true, similar: count },
      articles: [fillParts(result.data)],
    });
  }
  // counted before they are checked: ten thousand wrong articles would give ten thousand issues
  if (Array.isArray(body.articles) && body.articles.length > maxArticles) {
    throw appError('TOO_MANY_ARTICLES', { max: maxArticles, got: body.articles.length });
  }
  const result = schemas.batch.safeParse(body);
  if (!result.success) {
    throw createBodyError(result.error, `articles: a list of 1 to ${maxArticles} objects with ${strings}`);
  }
  const articles = result.data.articles.map((article) => ({ id: article.id, ...fillParts(article) }));
  return assertWords({ batch, evidence: { explain: false, similar: 0 }, articles });
}

const knownSchemas = new Map<string, ReturnType<typeof createPredictSchemas>>();

function schemasOf(required: RequiredParts): ReturnType<typeof createPredictSchemas> {
  const key = `${required.title} ${required.text}`;
  const known = knownSchemas.get(key) ?? createPredictSchemas(required);
  knownSchemas.set(key, known);
  return known;
}

function describeParts({ title, text }: RequiredParts): string {
  if (title === text) return 'strings title and text';
  return title ? 'string title' : 'string text';
}

function fillParts({ title, text }: { title?: string | null | undefined; text?: string | null | undefined }) {
  return { title: title ?? '', text: text ?? '' };
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
