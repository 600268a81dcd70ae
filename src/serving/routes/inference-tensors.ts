// Tensors of the Open Inference Protocol (v2, REST with JSON): articles in, predictions out. BYTES are strings in JSON; the
// binary extension is not supported. Source: open-inference-protocol, specification/protocol/inference_rest.md.
import { z } from 'zod';
import { appError, type Issue } from '../../foundation/core/index.ts';
import type { ArticleText, Prediction } from '../../foundation/records/index.ts';
import { createBodyError } from '../http/index.ts';

const parametersSchema = z.record(z.string(), z.unknown()).optional();

export const inferRequestSchema = z
  .object({
    id: z.string().max(200).optional(),
    parameters: parametersSchema,
    inputs: z
      .array(
        z.object({
          name: z.enum(['title', 'text']),
          shape: z.array(z.int().min(1)).min(1).max(2),
          datatype: z.literal('BYTES'),
          parameters: parametersSchema,
          data: z.array(z.union([z.string(), z.array(z.string())])),
        }),
      )
      .min(1)
      .max(2)
      .meta({ description: 'text, title or both: BYTES of shape [N] or [N, 1].' }),
    outputs: z
      .array(z.object({ name: z.string(), parameters: parametersSchema }))
      .max(16)
      .optional(),
  })
  .meta({ id: 'InferRequest' });
type InferRequest = z.infer<typeof inferRequestSchema>;

export const inferResponseSchema = z
  .object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    outputs: z.array(
      z.object({
        name: z.string(),
        datatype: z.string(),
        shape: z.array(z.int()),
        parameters: z.record(z.string(), z.string()).optional(),
        data: z.array(z.union([z.string(), z.number(), z.boolean()])),
      }),
    ),
  })
  .meta({ id: 'InferResponse' });
type OutputTensor = z.infer<typeof inferResponseSchema>['outputs'][number];

/** The model's inputs and outputs; -1 is any number of articles. */
export function buildTensorSpecs(classNames: readonly string[]) {
  return {
    inputs: [
      { name: 'title', datatype: 'BYTES', shape: [-1] },
      { name: 'text', datatype: 'BYTES', shape: [-1] },
    ],
    outputs: [
      { name: 'label', datatype: 'BYTES', shape: [-1] },
      { name: 'probability', datatype: 'FP32', shape: [-1] },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, classNames.length] },
      { name: 'abstained', datatype: 'BOOL', shape: [-1] },
      { name: 'prediction_id', datatype: 'BYTES', shape: [-1] },
    ],
  };
}

/**
 * The articles of an /infer body.
 * @throws REQUEST_INVALID, TOO_MANY_ARTICLES
 */
export function parseInferRequest(
  body: unknown,
  maxArticles: number,
): { id: string | undefined; articles: readonly ArticleText[]; outputs: readonly string[] | undefined } {
  const expected = 'inputs: text, title or both, as BYTES of shape [N]';
  assertCount(body, maxArticles);
  const result = inferRequestSchema.safeParse(body);
  if (!result.success) throw createBodyError(result.error, expected);
  const { id, inputs, outputs } = result.data;
  const issues: Issue[] = [];
  const columns = new Map<string, string[]>();
  inputs.forEach((tensor, index) => {
    const values = tensor.data.flat(); // [N, 1] may come as [["a"], ["b"]]
    const size = tensor.shape.reduce((product, length) => product * length, 1);
    const refuse = (message: string): void => {
      issues.push({ path: `inputs.${index}`, code: 'invalid_tensor', message });
    };
    if (columns.has(tensor.name)) refuse('the same input twice');
    if (tensor.shape.length === 2 && tensor.shape[1] !== 1) refuse('expected the shape [N] or [N, 1]');
    if (values.length !== size) refuse(`expected ${size} values, as the shape says, got ${values.length}`);
    columns.set(tensor.name, values);
  });
  const [titles, texts] = [columns.get('title'), columns.get('text')];
  if (titles !== undefined && texts !== undefined && titles.length !== texts.length)
    issues.push({ path: 'inputs', code: 'invalid_tensor', message: 'title and text differ in length' });
  const known = buildTensorSpecs([]).outputs.map(({ name }) => name);
  outputs?.forEach(({ name }, index) => {
    if (!known.includes(name))
      issues.push({
        path: `outputs.${index}`,
        code: 'unknown_output',
        message: `expected ${known.join(', ')}`,
      });
  });
  const articles = Array.from({ length: (titles ?? texts ?? []).length }, (_, row) => ({
    title: titles?.[row] ?? '',
    text: texts?.[row] ?? '',
  }));
  articles.forEach(({ title, text }, row) => {
    if (`${title}${text}`.trim() === '')
      issues.push({ path: `row ${row}`, code: 'empty_article', message: 'title and text are both empty' });
  });
  if (issues.length > 0) throw appError('REQUEST_INVALID', { expected }, { issues: issues.slice(0, 100) });
  return { id, articles, outputs: outputs?.length ? outputs.map(({ name }) => name) : undefined };
}

/** Counts the articles before any value is checked. */
function assertCount(body: unknown, maxArticles: number): void {
  const inputs = (body as Partial<InferRequest> | null | undefined)?.inputs;
  if (!Array.isArray(inputs)) return;
  for (const tensor of inputs) {
    const got = Array.isArray(tensor?.data) ? tensor.data.length : 0;
    if (got > maxArticles) throw appError('TOO_MANY_ARTICLES', { max: maxArticles, got });
  }
}

/** The wanted outputs (default: all) of N predictions. */
export function createOutputs(
  predictions: readonly (Prediction & { readonly predictionId: string })[],
  classNames: readonly string[],
  wanted: readonly string[] | undefined,
): OutputTensor[] {
  const data: Record<string, OutputTensor['data']> = {
    label: predictions.map(({ label }) => label),
    probability: predictions.map(({ probability }) => probability),
    probabilities: predictions.flatMap(({ probabilities }) =>
      classNames.map((name) => probabilities[name] ?? 0),
    ),
    abstained: predictions.map(({ abstained }) => abstained),
    prediction_id: predictions.map(({ predictionId }) => predictionId),
  };
  return buildTensorSpecs(classNames)
    .outputs.filter(({ name }) => wanted === undefined || wanted.includes(name))
    .map(({ name, datatype, shape }) => ({
      name,
      datatype,
      shape: [predictions.length, ...shape.slice(1)],
      ...(name === 'probabilities' ? { parameters: { class_names: classNames.join(',') } } : {}),
      data: data[name] ?? [],
    }));
}
