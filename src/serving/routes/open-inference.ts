// The Open Inference Protocol v2 over REST, for clients of KServe and Triton: health, metadata, /infer. One model is
// served, under its registered name and version. Errors have that protocol's form (problem.ts).
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';
import { predictionReceiptRecord } from '../../foundation/records/index.ts';
import { formatJson, type RouteDefinition } from '../http/index.ts';
import type { ServingClassifier } from '../live/index.ts';
import { createPredictOptions } from '../queue/index.ts';
import type { AppContext } from './app-context.ts';
import { assertReady } from './health.ts';
import { encodeInferResponse, JSON_LENGTH_HEADER, parseInferBody } from './inference-binary.ts';
import {
  buildTensorSpecs,
  createInferRequestSchema,
  createOutputs,
  inferResponseSchema,
  parseInferRequest,
} from './inference-tensors.ts';
import { predictTexts } from './predict-request.ts';
import { buildRequestOrigin, formatIdHeader, keepReceipts } from './receipts.ts';
import { describeTextRule } from './text-rule.ts';

const serverSchema = z
  .object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) })
  .meta({ id: 'InferenceServer' });
const liveSchema = z.object({ live: z.boolean() }).meta({ id: 'InferenceLive' });
const readySchema = z.object({ ready: z.boolean() }).meta({ id: 'InferenceReady' });
const modelReadySchema = z
  .object({ name: z.string(), ready: z.boolean() })
  .meta({ id: 'InferenceModelReady' });
const tensorSchema = z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.int()) });
const modelSchema = z
  .object({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(tensorSchema),
    outputs: z.array(tensorSchema),
  })
  .meta({ id: 'InferenceModel' });

const tag = 'open inference protocol';

/** All routes of the protocol; those of a model twice, with and without its version in the path. */
export function createOpenInferenceRoutes(context: AppContext): RouteDefinition[] {
  const { name, version } = nameModel(context.classifier);
  const plain = { prefix: '/v2/models/:name', suffix: '', path: { name } };
  const versioned = {
    prefix: '/v2/models/:name/versions/:version',
    suffix: 'Version',
    path: { name, version },
  };
  return [
    createServerRoute(),
    createLiveRoute(),
    createReadyRoute(context),
    ...[plain, versioned].flatMap((place) => [
      createModelRoute(context, place),
      createModelReadyRoute(context, place),
      createInferRoute(context, place),
    ]),
  ];
}

function createServerRoute(): RouteDefinition {
  const answer = { name: 'veracity', version: '2', extensions: ['binary_tensor_data', 'classification'] };
  return {
    method: 'GET',
    url: '/v2',
    operationId: 'getInferenceServer',
    summary: 'The server',
    tag,
    access: 'open',
    answers: { 200: { description: 'The server', content: { 'application/json': serverSchema } } },
    examples: [{ name: 'the server', status: 200, answer }],
    handle: async (): Promise<z.infer<typeof serverSchema>> => answer,
  };
}

function createLiveRoute(): RouteDefinition {
  return {
    method: 'GET',
    url: '/v2/health/live',
    operationId: 'getInferenceLiveness',
    summary: 'Liveness: is the process running?',
    tag,
    access: 'open',
    limited: false,
    answers: { 200: { description: 'Alive', content: { 'application/json': liveSchema } } },
    examples: [{ name: 'alive', status: 200, answer: { live: true } }],
    handle: async () => ({ live: true }),
  };
}

function createReadyRoute(context: AppContext): RouteDefinition {
  return {
    method: 'GET',
    url: '/v2/health/ready',
    operationId: 'getInferenceReadiness',
    summary: 'Readiness: does the server accept requests?',
    tag,
    access: 'open',
    limited: false,
    answers: { 200: { description: 'Ready', content: { 'application/json': readySchema } } },
    errors: ['SERVER_STOPPING', 'MODEL_FAILED'],
    examples: [{ name: 'ready', status: 200, answer: { ready: true } }],
    handle: async () => {
      await assertReady(context);
      return { ready: true };
    },
  };
}

interface Place {
  readonly prefix: string;
  readonly suffix: string;
  readonly path: Readonly<Record<string, string>>;
}

const buildPathParameters = ({ path }: Place): Record<string, string> => ({
  name: 'Name of the model, as GET /v1/model has it before the @.',
  ...(path.version === undefined ? {} : { version: 'Its version.' }),
});

function createModelRoute(context: AppContext, place: Place): RouteDefinition {
  return {
    method: 'GET',
    url: place.prefix,
    operationId: `getInferenceModel${place.suffix}`,
    summary: 'Inputs and outputs of the model',
    tag,
    access: 'any-key',
    pathParameters: buildPathParameters(place),
    answers: { 200: { description: 'The model', content: { 'application/json': modelSchema } } },
    errors: ['OIP_MODEL_UNKNOWN'],
    examples: [
      {
        name: 'a model',
        path: place.path,
        status: 200,
        answer: {
          name: 'compact',
          versions: ['1'],
          platform: 'onnx_onnxruntime',
          ...buildTensorSpecs(['FAKE', 'REAL']),
        },
      },
      { name: 'another model', path: { ...place.path, name: 'unknown' }, status: 404 },
    ],
    handle: async (request): Promise<z.infer<typeof modelSchema>> => {
      const { name, version } = findModel(context, request.params);
      const { classNames, columns } = context.classifier.info;
      const tensors = buildTensorSpecs(classNames, columns);
      return { name, versions: [version], platform: 'onnx_onnxruntime', ...tensors };
    },
  };
}

function createModelReadyRoute(context: AppContext, place: Place): RouteDefinition {
  return {
    method: 'GET',
    url: `${place.prefix}/ready`,
    operationId: `getInferenceModel${place.suffix}Readiness`,
    summary: 'Readiness: does the model accept requests?',
    tag,
    access: 'any-key',
    limited: false,
    pathParameters: buildPathParameters(place),
    answers: { 200: { description: 'Ready', content: { 'application/json': modelReadySchema } } },
    errors: ['OIP_MODEL_UNKNOWN', 'SERVER_STOPPING', 'MODEL_FAILED'],
    examples: [{ name: 'ready', path: place.path, status: 200, answer: { name: 'compact', ready: true } }],
    handle: async (request): Promise<z.infer<typeof modelReadySchema>> => {
      const { name } = findModel(context, request.params);
      await assertReady(context);
      return { name, ready: true };
    },
  };
}

function createInferRoute(context: AppContext, place: Place): RouteDefinition {
  return {
    method: 'POST',
    url: `${place.prefix}/infer`,
    operationId: place.suffix === '' ? 'infer' : 'inferVersion',
    summary: 'Predict articles',
    description: `Inputs text, title or both, of at most ${context.limits.maxArticles} articles. A body without content-type is JSON. With the header ${JSON_LENGTH_HEADER}, tensors with binary_data_size follow the JSON as bytes; outputs with binary_data follow the JSON of the response, which has the same header.`,
    tag,
    access: 'predict',
    pathParameters: buildPathParameters(place),
    body: {
      'application/json': createInferRequestSchema(
        context.limits.maxArticles,
        describeTextRule(context.classifier.info),
      ),
    },
    takesBytes: true,
    answers: {
      200: {
        description: 'The predictions',
        content: { 'application/json': inferResponseSchema, 'application/octet-stream': undefined },
      },
    },
    errors: [
      'REQUEST_NOT_JSON',
      'REQUEST_INVALID',
      'OIP_BINARY_INVALID',
      'ARTICLE_TEXT_MISSING',
      'TOO_MANY_ARTICLES',
      'OIP_MODEL_UNKNOWN',
      'SERVER_BUSY',
      'QUEUE_FULL',
      'WORKER_LOST',
    ],
    examples: buildInferExamples(place),
    handle: (request, reply) => infer(context, place, request, reply),
  };
}

async function infer(
  context: AppContext,
  place: Place,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<z.infer<typeof inferResponseSchema> | Buffer> {
  findModel(context, request.params);
  const { maxArticles } = context.limits;
  const body = parseInferBody(request.body as Buffer | undefined, request.headers, maxArticles);
  const { id, articles, outputs } = parseInferRequest(body, maxArticles);
  const { client, ...common } = createPredictOptions(request, reply);
  // a request that names a version in its path is not given to a canary
  const isVersioned = place.path.version !== undefined;
  const options = isVersioned || client === undefined ? common : { ...common, client };
  const { predictions: made } = await predictTexts(context, articles, options, (index) => `row ${index}`);
  const answers = keepReceipts(context, articles, made, buildRequestOrigin(request));
  const predictions = answers.map(({ prediction, predictionId }) => ({ ...prediction, predictionId }));
  // the version that predicted: another may have taken over since
  const { modelVersion } = predictions[0]!;
  const answered = nameModel({ info: context.classifier.info, modelVersion });
  reply.headers({ 'x-model-version': modelVersion, ...formatIdHeader(answers) });
  const response = {
    model_name: answered.name,
    model_version: answered.version,
    ...(id === undefined ? {} : { id }),
    outputs: createOutputs(predictions, context.classifier.info.classNames, outputs),
  };
  const binary = new Set(outputs.filter(({ isBinary }) => isBinary).map(({ name }) => name));
  if (binary.size === 0) return response;
  const { body: bytes, jsonBytes } = encodeInferResponse(response, binary, formatJson);
  reply.type('application/octet-stream').header(JSON_LENGTH_HEADER, jsonBytes);
  return bytes;
}

function buildInferExamples(place: Place): RouteDefinition['examples'] {
  const text = 'The ferry sailed again on Tuesday, the harbour office said.';
  return [
    {
      name: 'one text',
      path: place.path,
      body: { id: 'q1', inputs: [{ name: 'text', shape: [1], datatype: 'BYTES', data: [text] }] },
      status: 200,
      answer: {
        model_name: 'compact',
        model_version: '1',
        id: 'q1',
        outputs: [
          { name: 'label', datatype: 'BYTES', shape: [1], data: ['REAL'] },
          { name: 'probability', datatype: 'FP32', shape: [1], data: [0.91] },
          {
            name: 'probabilities',
            datatype: 'FP32',
            shape: [1, 2],
            parameters: { class_names: '["FAKE","REAL"]' },
            data: [0.09, 0.91],
          },
          { name: 'abstained', datatype: 'BOOL', shape: [1], data: [false] },
          {
            name: 'prediction_id',
            datatype: 'BYTES',
            shape: [1],
            data: [predictionReceiptRecord.example.id],
          },
        ],
      },
    },
    {
      name: 'titles and texts, labels only',
      path: place.path,
      body: {
        inputs: [
          { name: 'title', shape: [2], datatype: 'BYTES', data: ['Ferry resumes', 'Moon sold!'] },
          { name: 'text', shape: [2], datatype: 'BYTES', data: [text, 'A council sold the moon.'] },
        ],
        outputs: [{ name: 'label' }],
      },
      status: 200,
      answer: {
        model_name: 'compact',
        model_version: '1',
        outputs: [{ name: 'label', datatype: 'BYTES', shape: [2], data: ['REAL', 'FAKE'] }],
      },
    },
    {
      name: 'a wrong data type',
      path: place.path,
      body: { inputs: [{ name: 'text', shape: [1], datatype: 'FP32', data: [1] }] },
      status: 422,
    },
  ];
}

/** Name and version of a registered model; of another its kind and run. */
function nameModel({ info, modelVersion }: Pick<ServingClassifier, 'info' | 'modelVersion'>): {
  name: string;
  version: string;
} {
  const at = modelVersion.lastIndexOf('@');
  return at === -1
    ? { name: info.model, version: modelVersion }
    : { name: modelVersion.slice(0, at), version: modelVersion.slice(at + 1) };
}

/** @throws OIP_MODEL_UNKNOWN */
function findModel({ classifier }: AppContext, params: unknown): { name: string; version: string } {
  const named = params as { name: string; version?: string };
  const { name, version } = nameModel(classifier);
  if (named.name !== name || (named.version ?? version) !== version)
    throw appError('OIP_MODEL_UNKNOWN', { model: name });
  return { name, version };
}
