// Tensors of the Open Inference Protocol (v2, REST): articles in, predictions out. BYTES are strings in JSON; binary tensors
// are in inference-binary.ts. Source: open-inference-protocol, specification/protocol/inference_rest.md; Triton's
// extension "classification".
import { z } from 'zod';
import { appError, type Issue } from '../../foundation/core/index.ts';
import type { ArticleText, Prediction } from '../../foundation/records/index.ts';
import { createBodyError } from '../http/index.ts';
import type { TextRule } from './text-rule.ts';

const INPUTS = ['title', 'text'] as const;
const OUTPUTS = ['label', 'probability', 'probabilities', 'abstained', 'prediction_id'] as const;

// null is what clients with typed requests send for what they leave out
const parametersSchema = z.record(z.string(), z.unknown()).nullish();

export const inferRequestSchema = z.object({
  id: z.string().max(200).nullish(),
  parameters: parametersSchema.meta({
    description:
      'binary_data_output: true returns every output as bytes, unless its own binary_data is false.',
  }),
  inputs: z
    .array(
      z.object({
        name: z.enum(INPUTS),
        shape: z.array(z.int().min(1)).min(1).max(2),
        datatype: z.literal('BYTES'),
        parameters: parametersSchema.meta({
          description: 'binary_data_size instead of data: the bytes follow the JSON.',
        }),
        data: z.array(z.union([z.string(), z.array(z.string())])),
      }),
    )
    .min(1)
    .max(2)
    .meta({ description: 'text, title or both: BYTES of shape [N] or [N, 1].' }),
  outputs: z
    .array(
      z
        .object({
          name: z.enum(OUTPUTS),
          parameters: z
            .looseObject({ binary_data: z.boolean().nullish(), classification: z.int().min(0).nullish() })
            .nullish()
            .meta({
              description:
                'binary_data: return the output as bytes after the JSON. classification: for probabilities, the most probable classes as texts "probability:index:class".',
            }),
        })
        .meta({
          anyOf: [
            { properties: { name: { const: 'probabilities' } } },
            { properties: { parameters: { properties: { classification: { maximum: 0 } } } } },
          ],
        }),
    )
    .max(16)
    .nullish()
    .meta({ description: 'The outputs to return; default: all.' }),
});

/** The body as /openapi.json has it: with what no schema of a single tensor can say. */
export function createInferRequestSchema(maxArticles: number, { text }: TextRule): z.ZodType {
  const { inputs, outputs } = inferRequestSchema.shape;
  const tensor = inputs.element;
  const value = z.string().meta({ ...text });
  const data = z.array(z.union([value, z.array(value).length(1)]));
  const named = (name: string): object => ({ properties: { name: { const: name } } });
  const oneShape = Array.from({ length: maxArticles }, (_, i) => ({
    items: {
      properties: { shape: { enum: [[i + 1], [i + 1, 1]] }, data: { minItems: i + 1, maxItems: i + 1 } },
    },
  }));
  return inferRequestSchema
    .extend({
      inputs: z
        .array(tensor.extend({ data }))
        .min(1)
        .max(2)
        .meta({
          description:
            'text, title or both, with as many values as the shape says; a title may be empty where its text is not.',
          allOf: [
            { anyOf: oneShape },
            {
              anyOf: [
                { maxItems: 1 },
                { prefixItems: [named('title'), named('text')] },
                { prefixItems: [named('text'), named('title')] },
              ],
            },
          ],
        }),
      outputs,
    })
    .meta({ id: 'InferRequest' });
}

export const inferResponseSchema = z
  .object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    outputs: z.array(
      z.object({
        name: z.string(),
        datatype: z.enum(['BYTES', 'FP32', 'BOOL']),
        shape: z.array(z.int()),
        parameters: z
          .object({
            class_names: z
              .string()
              .optional()
              .meta({ description: 'The names of the classes in their order, as the JSON text of a list.' }),
          })
          .optional(),
        data: z.array(z.union([z.string(), z.number(), z.boolean()])),
      }),
    ),
  })
  .meta({ id: 'InferResponse' });
export type OutputTensor = z.infer<typeof inferResponseSchema>['outputs'][number];

/** One wanted output. */
export interface WantedOutput {
  readonly name: (typeof OUTPUTS)[number];
  readonly isBinary: boolean;
  /** How many classes to name instead of giving the probability of each. */
  readonly classification?: number | undefined;
}

const DATATYPES = {
  label: 'BYTES',
  probability: 'FP32',
  probabilities: 'FP32',
  abstained: 'BOOL',
  prediction_id: 'BYTES',
} as const satisfies Record<WantedOutput['name'], OutputTensor['datatype']>;

/** The model's inputs and outputs; -1 is any number of articles. A part that it was trained without is no input. */
export function buildTensorSpecs(
  classNames: readonly string[],
  columns?: Readonly<Record<(typeof INPUTS)[number], string | null>>,
) {
  const inputs = INPUTS.filter((name) => columns?.[name] !== null);
  return {
    inputs: inputs.map((name) => ({ name, datatype: 'BYTES', shape: [-1] })),
    outputs: OUTPUTS.map((name) => ({
      name,
      datatype: DATATYPES[name],
      shape: name === 'probabilities' ? [-1, classNames.length] : [-1],
    })),
  };
}

interface ParsedInference {
  readonly id: string | undefined;
  readonly articles: readonly ArticleText[];
  readonly outputs: readonly WantedOutput[];
}

/**
 * The articles of an /infer body.
 * @throws REQUEST_INVALID, TOO_MANY_ARTICLES
 */
export function parseInferRequest(body: unknown, maxArticles: number): ParsedInference {
  const expected = 'inputs: text, title or both, as BYTES of shape [N]';
  assertCount(body, maxArticles);
  const result = inferRequestSchema.safeParse(body);
  if (!result.success) throw createBodyError(result.error, expected);
  const { id, inputs, outputs, parameters } = result.data;
  const issues: Issue[] = [];
  const refuse = (path: string, code: string, message: string): void => {
    issues.push({ path, code, message });
  };
  const articles = readArticles(inputs, refuse);
  const wanted = readOutputs(outputs ?? [], parameters?.binary_data_output === true, refuse);
  if (issues.length > 0) throw appError('REQUEST_INVALID', { expected }, { issues: issues.slice(0, 100) });
  return { id: id ?? undefined, articles, outputs: wanted };
}

type Refuse = (path: string, code: string, message: string) => void;
type ParsedRequest = z.infer<typeof inferRequestSchema>;

function readArticles(inputs: ParsedRequest['inputs'], refuse: Refuse): ArticleText[] {
  const columns = new Map<string, string[]>();
  inputs.forEach((tensor, index) => {
    const values = tensor.data.flat(); // [N, 1] may come as [["a"], ["b"]]
    const size = tensor.shape.reduce((product, length) => product * length, 1);
    const refuseTensor = (message: string): void => refuse(`inputs.${index}`, 'invalid_tensor', message);
    if (columns.has(tensor.name)) refuseTensor('the same input twice');
    if (tensor.shape.length === 2 && tensor.shape[1] !== 1) refuseTensor('expected the shape [N] or [N, 1]');
    if (values.length !== size)
      refuseTensor(`expected ${size} values, as the shape says, got ${values.length}`);
    columns.set(tensor.name, values);
  });
  const [titles, texts] = [columns.get('title'), columns.get('text')];
  if (titles !== undefined && texts !== undefined && titles.length !== texts.length)
    refuse('inputs', 'invalid_tensor', 'title and text differ in length');
  return Array.from({ length: (titles ?? texts ?? []).length }, (_, row) => {
    const article = { title: titles?.[row] ?? '', text: texts?.[row] ?? '' };
    if (`${article.title}${article.text}`.trim() === '')
      refuse(`row ${row}`, 'empty_article', 'title and text are both empty');
    return article;
  });
}

/** No list of outputs means all of them. */
function readOutputs(
  listed: NonNullable<ParsedRequest['outputs']>,
  binaryByDefault: boolean,
  refuse: Refuse,
): WantedOutput[] {
  if (listed.length === 0) return OUTPUTS.map((name) => ({ name, isBinary: binaryByDefault }));
  return listed.map(({ name, parameters }, index) => {
    const { binary_data, classification, shared_memory_region } = parameters ?? {};
    if ((classification ?? 0) > 0 && name !== 'probabilities')
      refuse(`outputs.${index}`, 'invalid_output', 'classification is for the output probabilities');
    if (shared_memory_region !== undefined && shared_memory_region !== null)
      refuse(`outputs.${index}`, 'invalid_output', 'shared memory is not supported');
    return {
      name,
      isBinary: binary_data ?? binaryByDefault,
      ...((classification ?? 0) > 0 ? { classification: classification! } : {}),
    };
  });
}

/** Counts the articles before any value is checked. */
function assertCount(body: unknown, maxArticles: number): void {
  const inputs = (body as Partial<ParsedRequest> | null | undefined)?.inputs;
  if (!Array.isArray(inputs)) return;
  for (const tensor of inputs) {
    const got = Array.isArray(tensor?.data) ? tensor.data.length : 0;
    if (got > maxArticles) throw appError('TOO_MANY_ARTICLES', { max: maxArticles, got });
  }
}

/** The wanted outputs of N predictions, in the model's order. */
export function createOutputs(
  predictions: readonly (Prediction & { readonly predictionId: string | null })[],
  classNames: readonly string[],
  wanted: readonly WantedOutput[],
): OutputTensor[] {
  const data: Record<WantedOutput['name'], OutputTensor['data']> = {
    label: predictions.map(({ label }) => label),
    probability: predictions.map(({ probability }) => probability),
    probabilities: predictions.flatMap(({ probabilities }) =>
      classNames.map((name) => probabilities[name] ?? 0),
    ),
    abstained: predictions.map(({ abstained }) => abstained),
    prediction_id: predictions.map(({ predictionId }) => predictionId ?? ''),
  };
  return buildTensorSpecs(classNames).outputs.flatMap(({ name, datatype, shape }): OutputTensor[] => {
    const output = wanted.find((one) => one.name === name);
    if (output === undefined) return [];
    const { classification } = output;
    const isProbabilities = name === 'probabilities';
    const named = isProbabilities ? { parameters: { class_names: JSON.stringify(classNames) } } : {};
    if (isProbabilities && classification !== undefined) {
      const count = Math.min(classification, classNames.length);
      const classes = predictions.flatMap((prediction) => rankClasses(prediction, classNames, count));
      return [{ name, datatype: 'BYTES', shape: [predictions.length, count], ...named, data: classes }];
    }
    return [{ name, datatype, shape: [predictions.length, ...shape.slice(1)], ...named, data: data[name] }];
  });
}

/** The likeliest classes in Triton's form: "0.910000:1:REAL". */
function rankClasses({ probabilities }: Prediction, classNames: readonly string[], count: number): string[] {
  return classNames
    .map((name, index) => ({ name, index, probability: probabilities[name] ?? 0 }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count)
    .map(({ name, index, probability }) => `${probability.toFixed(6)}:${index}:${name}`);
}
