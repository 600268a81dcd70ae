// The check of a model version, after a registry event or by name: its files and reference predictions, its figures against
// production, the latency of 100 predictions, and, if asked for, its promotion.
import { readFileSync } from 'node:fs';
import { appError, isAppError } from '../../foundation/core/index.ts';
import { type ArticleText, type GateResult, splitNames } from '../../foundation/records/index.ts';
import { checkReferencePredictions, loadClassifier } from '../../judging/predict/index.ts';
import {
  checkPromotion,
  formatGateResult,
  type MaterializedModel,
  type RegisteredModel,
} from '../../keeping/registry/index.ts';
import { loadSampleExamples } from '../../learning/data/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { promoteModel } from '../models/index.ts';
import { buildReport, type CheckReport, type CheckStep, runStep } from './check-report.ts';

export interface VersionCheckRequest {
  /** NAME, NAME@VERSION or NAME@STAGE. */
  readonly reference: string;
  /** Milliseconds that 95 of 100 predictions have to stay below. */
  readonly maxP95Ms: number;
  readonly predictions: number;
  /** Puts the version into production if all gates are passed. */
  readonly promotes: boolean;
}

export interface ModelLatency {
  readonly predictions: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

export interface VersionCheck extends CheckReport {
  readonly model: string;
  /** null: nothing is in production, or this version is. */
  readonly production: string | null;
  readonly gate: GateResult | null;
  readonly latency: ModelLatency | null;
  readonly promoted: boolean;
}

/** @throws MODEL_REFERENCE_INVALID, MODEL_NOT_FOUND */
export async function checkVersion(
  request: VersionCheckRequest,
  context: WorkflowContext,
): Promise<VersionCheck> {
  const { registry } = context.stores;
  const model = await registry.resolve(request.reference);
  const facts = {
    production: null as string | null,
    gate: null as GateResult | null,
    latency: null as ModelLatency | null,
  };
  let files: MaterializedModel | null = null;
  const { acceptedLeaks } = model.info;
  const leaks: CheckStep[] =
    acceptedLeaks === undefined
      ? []
      : [
          {
            name: 'leaks',
            status: 'ok',
            found: `the figures may promise too much: ${acceptedLeaks.leaks.length} ${acceptedLeaks.leaks.length === 1 ? 'leak' : 'leaks'} of its data accepted, because: ${acceptedLeaks.reason}`,
          },
        ];
  const steps: CheckStep[] = [
    ...leaks,
    await runStep('files', async () => {
      files = await registry.materialize(model.reference);
      return { status: 'ok', found: 'every file has its digest' };
    }),
    await runStep('metrics', async () => {
      const { production, gate, step } = await compareMetrics(model, context);
      Object.assign(facts, { production, gate });
      return step;
    }),
    await runStep('latency', async () => {
      if (files === null) return { status: 'skipped', found: 'the files are damaged' };
      const articles = await chooseArticles(model, request.predictions, context);
      const latency = await measureLatency(files, articles, request.predictions, context.signal);
      facts.latency = latency;
      const { p50Ms, p95Ms } = latency;
      const isFast = p95Ms <= request.maxP95Ms;
      return {
        status: isFast ? 'ok' : 'failed',
        found: `${latency.predictions} predictions, one after the other: p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms (limit ${request.maxP95Ms} ms)`,
      };
    }),
  ];
  const passed = steps.every(({ status }) => status === 'ok');
  const promotion = await runStep('promotion', () => promoteStep(model, passed, request.promotes, context));
  const promoted = promotion.status === 'ok';
  const report = buildReport(`Model ${model.reference}`, [...steps, promotion]);
  return {
    ...report,
    exitCode: report.ok ? 0 : 1, // a damaged model is what this check looks for, no wrong input
    model: model.reference,
    ...facts,
    promoted,
  };
}

async function compareMetrics(model: RegisteredModel, { stores: { registry } }: WorkflowContext) {
  const production = await findProduction(model, registry);
  if (production === null)
    return { production: null, gate: null, step: { status: 'ok', found: describeFigures(model) } as const };
  const gate = checkPromotion(toCompared(model), toCompared(production));
  const found = `${formatGateResult(gate)} (production: ${production.reference})`;
  const status = gate.outcome === 'passed' ? 'ok' : 'failed';
  return { production: production.reference, gate, step: { status, found } as const };
}

async function findProduction(model: RegisteredModel, registry: WorkflowContext['stores']['registry']) {
  try {
    const production = await registry.resolve(`${model.name}@production`);
    return production.reference === model.reference ? null : production;
  } catch (error) {
    if (isAppError(error) && error.code === 'MODEL_NOT_FOUND') return null;
    throw error;
  }
}

function toCompared({ reference, info, evaluations }: RegisteredModel) {
  return { reference, classNames: info.classNames, datasetVersion: info.datasetVersion, evaluations };
}

function describeFigures({ evaluations }: RegisteredModel): string {
  const [own] = evaluations;
  if (own === undefined) return 'no other version is in production; this one has no figures';
  const { accuracy, macroF1 } = own.metrics;
  return `no other version is in production; accuracy ${accuracy.toFixed(3)}, macro F1 ${macroF1.toFixed(3)} on ${own.collection}`;
}

/** Articles of the model's own test split, else of another one, else the invented examples. */
async function chooseArticles(
  model: RegisteredModel,
  count: number,
  { stores }: WorkflowContext,
): Promise<ArticleText[]> {
  const { datasets } = stores;
  const articles: ArticleText[] = [];
  if (await datasets.has(model.info.datasetVersion)) {
    const manifest = await datasets.load(model.info.datasetVersion);
    for (const split of [...splitNames].reverse()) {
      if (articles.length >= count) break;
      for await (const { title, text } of datasets.readSplit(manifest, split)) {
        articles.push({ title, text });
        if (articles.length >= count) break;
      }
    }
  }
  return articles.length > 0 ? articles : loadSampleExamples().map(({ title, text }) => ({ title, text }));
}

const WARM_UP = 10;

/**
 * Predicts one article after the other, as a server without load would; the first ones only warm up.
 * @throws MODEL_CHECK_FAILED if the reference predictions differ, and what loading throws
 */
async function measureLatency(
  { folder, reference }: Pick<MaterializedModel, 'folder' | 'reference'>,
  articles: readonly ArticleText[],
  count: number,
  signal: AbortSignal,
): Promise<ModelLatency> {
  const classifier = await loadClassifier(folder, { threads: 0, modelVersion: reference });
  try {
    await checkReferencePredictions(folder, classifier);
    const times: number[] = [];
    for (let i = 0; i < WARM_UP + count; i++) {
      signal.throwIfAborted();
      const started = performance.now();
      await classifier.predict([articles[i % articles.length]!]);
      if (i >= WARM_UP) times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    const at = (share: number): number => times[Math.ceil(share * times.length) - 1]!;
    return { predictions: count, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
  } finally {
    await classifier.dispose();
  }
}

async function promoteStep(
  model: RegisteredModel,
  passed: boolean,
  isWanted: boolean,
  context: WorkflowContext,
): Promise<Omit<CheckStep, 'name'>> {
  if (!isWanted) return { status: 'skipped', found: 'not asked for (--promote)' };
  if (!passed) return { status: 'skipped', found: 'a gate was not passed' };
  if (model.stages.includes('production')) return { status: 'skipped', found: 'it is in production already' };
  const options = { stage: 'production', force: false, reason: 'passed veracity ci model' } as const;
  const { event } = await promoteModel(model.reference, options, context);
  return { status: 'ok', found: `${event.model}@${event.version} is in production` };
}

/**
 * The version that a registry event names: `{model, version}`, alone or as the payload of GitHub's repository_dispatch.
 * @throws CI_EVENT_INVALID
 */
export function readRegistryEvent(path: string): string {
  const refuse = (got: string): Error => appError('CI_EVENT_INVALID', { path, got });
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw refuse('no JSON, or no such file');
  }
  const event = pick(json, 'client_payload') ?? json;
  const [model, version] = [pick(event, 'model'), pick(event, 'version')];
  if (typeof model !== 'string' || !/^[a-z0-9][a-z0-9-]*$/.test(model)) throw refuse('no name of a model');
  if (!/^[1-9]\d*$/.test(String(version))) throw refuse(`no version of ${model}`);
  return `${model}@${String(version)}`;
}

function pick(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
