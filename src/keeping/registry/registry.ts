// Model versions by name and number, and which one is in production. A version never changes; everything that does
// (stages, later evaluations) is appended beside it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../foundation/core/index.ts';
import { type AppError, appError, errorCodeOf, isAppError } from '../../foundation/core/index.ts';
import type { EvaluationReport, Home, Run } from '../../foundation/records/index.ts';
import {
  formatOriginId,
  loadRecord,
  type ModelFolder,
  type ModelVersion,
  modelFolderRecord,
  modelNamePattern,
  type StageEvent,
  type StageName,
  stageNames,
} from '../../foundation/records/index.ts';
import { mergeEvaluations, shelveEvaluation } from './evaluation-shelf.ts';
import { buildModelCard } from './model-card.ts';
import { parseModelReference } from './model-reference.ts';
import { checkPromotion, formatGateResult, type GateResult } from './promotion-gate.ts';
import { appendStageEvent, foldStage, loadStageEvents } from './stage-log.ts';
import { createVersionFolder, loadVersionRecord, verifyVersionFolder } from './version-folder.ts';

export interface RegisteredModel {
  readonly name: string;
  readonly version: number;
  /** NAME@VERSION */
  readonly reference: string;
  readonly folder: string;
  readonly record: ModelVersion;
  readonly info: ModelFolder;
  /** Stages it is in now. */
  readonly stages: readonly StageName[];
  /** Registered and later evaluations; in-source first. */
  readonly evaluations: readonly EvaluationReport[];
}

/** A version whose record cannot be read, or was changed. It stops nothing but its own use. */
export interface DamagedVersion {
  readonly name: string;
  readonly version: number;
  readonly reference: string;
  readonly stages: readonly StageName[];
  readonly error: AppError;
}

export interface ListOptions {
  /** Only the versions of this model. */
  readonly name?: string;
  /** Told of the versions that are left out. */
  readonly onDamaged?: (version: DamagedVersion) => void;
}

export interface Promotion {
  readonly event: StageEvent;
  /** What was in the stage before. */
  readonly previous: number | null;
  /** null: nothing was there to compare with, or the stage is not production. */
  readonly gate: GateResult | null;
}

export interface Registry {
  /**
   * Copies a model folder into the registry under the next number.
   * @throws MODEL_NAME_INVALID, FILE_NOT_FOUND, RECORD_INVALID, DISK_FULL
   */
  register(model: {
    name: string;
    folder: string;
    run?: Run | undefined;
    evaluations: readonly EvaluationReport[];
  }): Promise<RegisteredModel>;
  /** All versions that can be read, by name, then number. @throws RECORD_INVALID (of a log of stages) */
  list(options?: ListOptions): RegisteredModel[];
  /**
   * Finds a version without reading its weights.
   * @param reference  NAME (production, else newest), NAME@3, NAME@production, NAME@staging or NAME@latest
   * @throws MODEL_REFERENCE_INVALID, MODEL_NOT_FOUND, MODEL_DIGEST_MISMATCH (of version.json)
   */
  resolve(reference: string): RegisteredModel;
  /** Finds a version and holds every file against its digest. @throws as resolve, and MODEL_DIGEST_MISMATCH */
  load(reference: string): Promise<RegisteredModel>;
  /** Keeps a later evaluation of a version, for promotion and for reading. */
  addEvaluation(reference: string, report: EvaluationReport): void;
  /**
   * Puts a version into a stage.
   * @throws PROMOTION_WORSE, PROMOTION_NOT_COMPARABLE unless forced; MODEL_DIGEST_MISMATCH always
   */
  promote(reference: string, options: { stage: StageName; force: boolean }): Promise<Promotion>;
  /** Puts the version before the present one back into production. @throws ROLLBACK_IMPOSSIBLE */
  rollback(name: string): Promise<Promotion>;
  /** Stage events of one model, oldest first. */
  history(name: string): StageEvent[];
  /** What is where now. Opens no version: cheap enough to be asked every second. @throws RECORD_INVALID */
  viewStages(name: string): StageView;
}

/** Version numbers of one model; null: none. */
export interface StageView {
  readonly production: number | null;
  readonly staging: number | null;
  readonly newest: number | null;
  /** Promotions and rollbacks so far. */
  readonly changes: number;
}

/** The registry of one home. Reads the disk at each call: other processes may write. */
export function createRegistry(home: Home, clock: Clock): Registry {
  const folderOf = (name: string): string => join(home.models, name);
  const logOf = (name: string): string => join(folderOf(name), 'events.jsonl');

  const open = (name: string, version: number, events: readonly StageEvent[]): RegisteredModel => {
    const folder = join(folderOf(name), String(version));
    const record = loadVersionRecord(folder);
    const evaluations = mergeEvaluations(folderOf(name), version, record.evaluations);
    return {
      name,
      version,
      reference: `${name}@${version}`,
      folder,
      record,
      info: loadRecord(modelFolderRecord, join(folder, 'veracity.json')),
      stages: stagesOf(version, events),
      evaluations: evaluations.sort((a, b) => Number(a.outOfSource) - Number(b.outOfSource)),
    };
  };

  const appendStage = (
    name: string,
    change: Pick<StageEvent, 'stage' | 'version' | 'action' | 'forced' | 'note'>,
  ): StageEvent => {
    const event: StageEvent = { schemaVersion: 1, createdAt: clock.nowIso(), model: name, ...change };
    appendStageEvent(logOf(name), event);
    return event;
  };

  const registry: Registry = {
    async register({ name, folder, run, evaluations }) {
      if (!modelNamePattern.test(name)) throw appError('MODEL_NAME_INVALID', { name });
      const info = loadRecord(modelFolderRecord, join(folder, 'veracity.json'));
      const createdAt = clock.nowIso();
      // A number that was ever in a stage is not given again, even if its folder is gone.
      const staged = registry.history(name).map((event) => event.version ?? 0);
      const first = Math.max(0, ...listVersions(folderOf(name)), ...staged) + 1;
      const record = await createVersionFolder(folderOf(name), first, {
        folder,
        describe: (version) => ({
          card: buildModelCard({ name, version, createdAt, evaluations: [...evaluations] }, info, run),
          record: {
            schemaVersion: 1,
            createdAt,
            parents: [
              info.runId,
              info.datasetVersion,
              ...(info.pretrained === undefined ? [] : [formatOriginId(info.pretrained)]),
            ],
            name,
            version,
            evaluations: [...evaluations],
          },
        }),
      });
      return open(name, record.version, loadStageEvents(logOf(name)));
    },

    list: ({ name: only, onDamaged } = {}) =>
      listNames(home.models)
        .filter((name) => only === undefined || name === only)
        .flatMap((name) => {
          const events = loadStageEvents(logOf(name));
          return listVersions(folderOf(name)).flatMap((version) => {
            try {
              return [open(name, version, events)];
            } catch (error) {
              if (!isAppError(error)) throw error;
              const reference = `${name}@${version}`;
              onDamaged?.({ name, version, reference, stages: stagesOf(version, events), error });
              return [];
            }
          });
        }),

    resolve(reference) {
      const { name, version } = parseModelReference(reference);
      const events = loadStageEvents(logOf(name));
      const versions = listVersions(folderOf(name));
      const inStage = (stage: StageName): number | undefined => foldStage(events, stage).at(-1);
      const latest = versions.at(-1);
      const wanted =
        version === null
          ? (inStage('production') ?? latest)
          : version === 'latest'
            ? latest
            : typeof version === 'number'
              ? version
              : inStage(version);
      if (wanted === undefined || !versions.includes(wanted)) {
        throw appError('MODEL_NOT_FOUND', { reference, known: describeKnown(home, name, versions) });
      }
      return open(name, wanted, events);
    },

    async load(reference) {
      const model = registry.resolve(reference);
      await verifyVersionFolder(model.folder, model.record);
      return model;
    },

    addEvaluation(reference, report) {
      const model = registry.resolve(reference);
      shelveEvaluation(folderOf(model.name), model.version, report);
    },

    async promote(reference, { stage, force }) {
      const model = await registry.load(reference);
      const previous = foldStage(registry.history(model.name), stage).at(-1) ?? null;
      const compares = stage === 'production' && previous !== null && previous !== model.version;
      const production = compares ? registry.resolve(`${model.name}@${previous}`) : null;
      const gate = production === null ? null : checkPromotion(model.evaluations, production.evaluations);
      if (gate !== null && production !== null && !force) assertPassed(gate, model, production);
      const overruled = gate !== null && gate.outcome !== 'passed';
      const event = appendStage(model.name, {
        stage,
        version: model.version,
        action: 'promote',
        forced: overruled,
        note: overruled ? formatGateResult(gate) : '',
      });
      return { event, previous, gate };
    },

    async rollback(name) {
      const held = foldStage(registry.history(parseModelReference(name).name), 'production');
      const [back, present] = held.slice(-2);
      if (back === undefined || present === undefined) throw appError('ROLLBACK_IMPOSSIBLE', { name });
      await registry.load(`${name}@${back}`);
      const note = `from ${name}@${present}`;
      const event = appendStage(name, {
        stage: 'production',
        version: back,
        action: 'rollback',
        forced: false,
        note,
      });
      return { event, previous: present, gate: null };
    },

    history: (name) => loadStageEvents(logOf(name)),

    viewStages(name) {
      const events = loadStageEvents(logOf(name));
      const at = (stage: StageName): number | null => foldStage(events, stage).at(-1) ?? null;
      return {
        production: at('production'),
        staging: at('staging'),
        newest: listVersions(folderOf(name)).at(-1) ?? null,
        changes: events.length,
      };
    },
  };
  return registry;
}

function stagesOf(version: number, events: readonly StageEvent[]): StageName[] {
  return stageNames.filter((stage) => foldStage(events, stage).at(-1) === version);
}

/** @throws PROMOTION_WORSE, PROMOTION_NOT_COMPARABLE */
function assertPassed(gate: GateResult, candidate: RegisteredModel, production: RegisteredModel): void {
  if (gate.outcome === 'passed') return;
  const names = { candidate: candidate.reference, production: production.reference };
  if (gate.outcome === 'worse')
    throw appError('PROMOTION_WORSE', { ...names, findings: formatGateResult(gate) });
  const how = `dataset=${production.info.datasetVersion}`;
  throw appError('PROMOTION_NOT_COMPARABLE', { ...names, problem: formatGateResult(gate), how });
}

function describeKnown(home: Home, name: string, versions: readonly number[]): string {
  if (versions.length > 0)
    return `There are ${versions
      .map((version) => `${name}@${version}`)
      .slice(-5)
      .join(', ')}.`;
  const names = listNames(home.models);
  return names.length > 0 ? `There are ${names.join(', ')}.` : 'Train one first: veracity train';
}

function listNames(models: string): string[] {
  return readNames(models).filter(
    (name) => modelNamePattern.test(name) && listVersions(join(models, name)).length > 0,
  );
}

/** Version numbers in a model's folder, lowest first. */
function listVersions(modelFolder: string): number[] {
  return readNames(modelFolder)
    .filter((name) => /^[1-9]\d*$/.test(name) && existsSync(join(modelFolder, name, 'version.json')))
    .map(Number)
    .sort((a, b) => a - b);
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
