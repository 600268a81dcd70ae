// The model registry on files: models/<name>/<version>/ with the files of a version, models/<name>/events.jsonl with the
// changes of stage, models/<name>/evaluations/ with later evaluations, models/<name>/deleted.jsonl with deleted versions;
// models/default.jsonl with the choices of a default model.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AppError, Clock } from '../../foundation/core/index.ts';
import {
  appError,
  asSystemError,
  assertFolderWritable,
  cutTornLine,
  errorCodeOf,
  isAppError,
  removeFolder,
} from '../../foundation/core/index.ts';
import type { EvaluationReport, Home } from '../../foundation/records/index.ts';
import {
  appendRecordLine,
  defaultModelRecord,
  formatOriginId,
  type GateResult,
  loadRecord,
  loadRecordLines,
  type ModelVersion,
  modelFolderRecord,
  modelNamePattern,
  type StageEvent,
  type StageName,
  stageNames,
} from '../../foundation/records/index.ts';
import { appendDeletion, loadDeletions } from './deletion-log.ts';
import { addToEvaluationList, locateEvaluations, mergeEvaluations } from './evaluation-list.ts';
import { isModelName } from './model-name.ts';
import { type ModelReference, parseModelReference } from './model-reference.ts';
import type {
  DamagedLog,
  DamagedVersion,
  MaterializedModel,
  ModelList,
  ModelRegistry,
  NewModel,
  Promotion,
  PromotionOptions,
  RegisteredModel,
  StageView,
} from './model-registry.ts';
import { chooseProduction, type InProduction, type ProductionChoice } from './production-choice.ts';
import { type ComparedVersion, checkPromotion, formatGateResult } from './promotion-gate.ts';
import { appendStageEvent, foldStage, loadStageEvents } from './stage-log.ts';
import { createVersionFolder, loadVersionRecord, verifyVersionFolder } from './version-folder.ts';

/** Opens the registry of `home`; creates nothing before the first version. */
export function createFileModelRegistry(home: Pick<Home, 'models'>, clock: Clock): ModelRegistry {
  return new FileModelRegistry(home.models, clock);
}

type StageChange = Pick<StageEvent, 'stage' | 'version' | 'action' | 'forced' | 'note' | 'gate'>;

/** Reads the disk at each call: other processes may write. */
class FileModelRegistry implements ModelRegistry {
  readonly #root: string;
  readonly #clock: Clock;

  constructor(root: string, clock: Clock) {
    this.#root = root;
    this.#clock = clock;
  }

  async register({ name, folder, run, evaluations }: NewModel): Promise<RegisteredModel> {
    if (!isModelName(name)) throw appError('MODEL_NAME_INVALID', { name });
    const info = loadRecord(modelFolderRecord, join(folder, 'veracity.json'));
    const createdAt = this.#clock.nowIso();
    // A number that was deleted or ever in a stage is not given again, even if its folder is gone.
    const staged = (await this.history(name)).map((event) => event.version ?? 0);
    const deleted = loadDeletions(this.#folderOf(name)).map(({ version }) => version);
    const first = Math.max(0, ...listVersions(this.#folderOf(name)), ...staged, ...deleted) + 1;
    const { buildModelCard } = await import('./model-card.ts'); // only registering needs its YAML writer
    const parents = [info.runId, info.datasetVersion];
    if (info.pretrained !== undefined) parents.push(formatOriginId(info.pretrained));
    const { version } = await createVersionFolder(this.#folderOf(name), first, {
      folder,
      describe: (version) => ({
        card: buildModelCard({ name, version, createdAt, evaluations: [...evaluations] }, info, run),
        record: { schemaVersion: 1, createdAt, parents, name, version, evaluations: [...evaluations] },
      }),
    });
    return this.#open(name, version, await this.history(name));
  }

  async assertWritable(name: string | null): Promise<void> {
    assertFolderWritable(name === null ? this.#root : this.#folderOf(name));
  }

  async list({ name: only }: { readonly name?: string } = {}): Promise<ModelList> {
    const models: RegisteredModel[] = [];
    const damaged: DamagedVersion[] = [];
    const damagedLogs: DamagedLog[] = [];
    for (const name of listNames(this.#root)) {
      if (only !== undefined && name !== only) continue;
      const history = await this.#tryHistory(name);
      if (isAppError(history)) damagedLogs.push({ name, error: history });
      const events = isAppError(history) ? [] : history;
      for (const version of listVersions(this.#folderOf(name))) {
        try {
          models.push(this.#open(name, version, events));
        } catch (error) {
          if (!isAppError(error)) throw error;
          const reference = `${name}@${version}`;
          damaged.push({ name, version, reference, stages: stagesOf(version, events), error });
        }
      }
    }
    return { models, damaged, damagedLogs };
  }

  async resolve(reference: string): Promise<RegisteredModel> {
    const wanted = parseModelReference(reference);
    const events = await this.history(wanted.name);
    const versions = listVersions(this.#folderOf(wanted.name));
    const version = chooseVersion(wanted, versions, events);
    if (version === undefined || !versions.includes(version)) {
      const deleted = loadDeletions(this.#folderOf(wanted.name)).find((one) => one.version === version);
      const known =
        deleted === undefined
          ? formatKnown(this.#root, wanted.name, versions)
          : `It was deleted on ${deleted.createdAt.slice(0, 10)}. ${formatKnown(this.#root, wanted.name, versions)}`;
      const isStage = stageNames.some((stage) => stage === wanted.version);
      const none = version === undefined && versions.length > 0 && isStage;
      const missing = none ? `a version of ${wanted.name} in ${wanted.version}` : 'a registered model';
      const promote = `veracity models promote ${wanted.name}@${versions.at(-1)}`;
      const advice = wanted.version === 'staging' ? `${promote} --stage staging` : promote;
      const hint = none ? `Put one there: ${advice}. Or name a version. ${known}` : known;
      throw appError('MODEL_NOT_FOUND', { reference, missing, known: hint });
    }
    return this.#open(wanted.name, version, events);
  }

  async materialize(reference: string): Promise<MaterializedModel> {
    const model = await this.resolve(reference);
    const folder = this.#versionFolder(model.name, model.version);
    await verifyVersionFolder(folder, model.record);
    return { ...model, folder };
  }

  async addEvaluation(reference: string, report: EvaluationReport): Promise<void> {
    const { name, version } = await this.resolve(reference);
    addToEvaluationList(this.#folderOf(name), version, report);
  }

  async promote(
    reference: string,
    { stage, force, isDefault, reason }: PromotionOptions,
  ): Promise<Promotion> {
    const model = await this.materialize(reference);
    const previous = foldStage(await this.history(model.name), stage).at(-1) ?? null;
    const preferred = stage === 'production' ? await this.#planDefault(model, previous, isDefault) : null;
    const compares = stage === 'production' && previous !== null && previous !== model.version;
    const gate = compares ? await this.#compare(model, `${model.name}@${previous}`) : null;
    if (gate !== null && !force) assertPassed(gate, model, `${model.name}@${previous}`);
    const overruled = gate !== null && gate.outcome !== 'passed';
    const note = overruled ? formatGateResult(gate) : '';
    // The default first: a crash in between leaves what was served before.
    if (preferred !== null) this.#appendDefault(preferred);
    const event = this.#appendStage(model.name, {
      stage,
      version: model.version,
      action: 'promote',
      forced: overruled,
      note,
      ...(reason === undefined ? {} : { reason }),
      ...(gate === null ? {} : { gate }),
    });
    return { event, previous, gate };
  }

  async rollback(name: string, { reason }: Pick<PromotionOptions, 'reason'> = {}): Promise<Promotion> {
    const [back, present] = await this.#findRollback(name);
    if (back === undefined || present === undefined) throw appError('ROLLBACK_IMPOSSIBLE', { name });
    await this.materialize(`${name}@${back}`);
    const event = this.#appendStage(name, {
      stage: 'production',
      version: back,
      action: 'rollback',
      forced: false,
      note: `from ${name}@${present}`,
      ...(reason === undefined ? {} : { reason }),
    });
    return { event, previous: present, gate: null };
  }

  async findRollback(name: string): Promise<number | null> {
    const [back, present] = await this.#findRollback(name);
    return back === undefined || present === undefined ? null : back;
  }

  /** The version that goes back, and the present one. Versions that were deleted are skipped. */
  async #findRollback(name: string): Promise<number[]> {
    const versions = listVersions(this.#folderOf(parseModelReference(name).name));
    const held = foldStage(await this.history(name), 'production').filter(
      (version, i, all) => i === all.length - 1 || versions.includes(version),
    );
    return held.slice(-2);
  }

  async delete(reference: string, { force }: { readonly force: boolean }): Promise<void> {
    const { name, version } = parseModelReference(reference);
    if (typeof version !== 'number')
      throw appError('USAGE', {
        where: reference,
        problem: 'expected the number of one version, such as sample@3',
        hint: 'List the versions with: veracity models list',
      });
    const folder = this.#folderOf(name);
    const versions = listVersions(folder);
    if (!versions.includes(version))
      throw appError('MODEL_NOT_FOUND', { reference, known: formatKnown(this.#root, name, versions) });
    const stages = stagesOf(version, await this.history(name));
    if (stages.length > 0 && !force)
      throw appError('MODEL_IN_STAGE', { reference, stages: stages.join(' and ') });
    for (const stage of stages) {
      const note = `${reference} was deleted`;
      this.#appendStage(name, { stage, version: null, action: 'promote', forced: true, note });
    }
    const { digest = null, parents = [] } = tryLoadVersion(this.#versionFolder(name, version)) ?? {};
    const createdAt = this.#clock.nowIso();
    appendDeletion(folder, { schemaVersion: 1, createdAt, name, version, parents, digest });
    removeFolder(this.#versionFolder(name, version));
    removeFolder(locateEvaluations(folder, version));
  }

  async history(name: string): Promise<StageEvent[]> {
    return loadStageEvents(this.#logOf(name));
  }

  /** The events, or the error that prevents reading them. */
  async #tryHistory(name: string): Promise<StageEvent[] | AppError> {
    try {
      return await this.history(name);
    } catch (error) {
      if (!isAppError(error)) throw error;
      return error;
    }
  }

  async viewStages(name: string): Promise<StageView> {
    const events = await this.history(name);
    const at = (stage: StageName): number | null => foldStage(events, stage).at(-1) ?? null;
    return {
      production: at('production'),
      staging: at('staging'),
      newest: listVersions(this.#folderOf(name)).at(-1) ?? null,
      changes: events.length,
    };
  }

  async viewProduction(): Promise<ProductionChoice> {
    const inProduction: InProduction[] = [];
    let unreadable: AppError | null = null;
    let changes = 0;
    for (const name of listNames(this.#root)) {
      const events = await this.#tryHistory(name);
      if (isAppError(events)) {
        unreadable ??= events;
        continue;
      }
      changes += events.length;
      const version = foldStage(events, 'production').at(-1);
      if (version !== undefined) inProduction.push({ name, version });
    }
    const defaults = loadRecordLines(defaultModelRecord, this.#defaultLog);
    const preferred = defaults.at(-1)?.name ?? null;
    // Without a default that can be read, the model whose log cannot be read might be the one.
    if (unreadable !== null && !inProduction.some(({ name }) => name === preferred)) throw unreadable;
    return { ...chooseProduction(inProduction, preferred), changes: changes + defaults.length };
  }

  async #tryProduction(): Promise<ProductionChoice | AppError> {
    try {
      return await this.viewProduction();
    } catch (error) {
      if (!isAppError(error)) throw error;
      return error;
    }
  }

  /**
   * The name to record as the default together with a promotion; null: none, because nothing about it changes.
   * @throws PROMOTION_NEEDS_DEFAULT
   */
  async #planDefault(
    { name, reference }: RegisteredModel,
    previous: number | null,
    isDefault: boolean | undefined,
  ): Promise<string | null> {
    const production = await this.#tryProduction();
    // The log of another model cannot be read: a choice that was made does not depend on it.
    if (isAppError(production) && isDefault === true) return name;
    if (isAppError(production)) throw production;
    const { chosen, others } = production;
    const isOurs = (one: string): boolean => parseModelReference(one).name === name;
    const foreign = [...(chosen === null ? [] : [chosen]), ...others].filter((one) => !isOurs(one));
    if (isDefault === true) return chosen !== null && isOurs(chosen) && foreign.length === 0 ? null : name;
    if (foreign.length === 0) return null;
    // Both names have been in production before, and one of them is the default: that stays so.
    const isDecided = chosen !== null && (previous !== null || isOurs(chosen));
    const kept = chosen ?? (foreign.length === 1 ? foreign[0]! : null);
    if (isDefault === false && kept !== null && !isOurs(kept)) return parseModelReference(kept).name;
    if (isDefault === undefined && isDecided) return null;
    throw appError('PROMOTION_NEEDS_DEFAULT', {
      candidate: reference,
      others: foreign.join(', '),
      kept:
        kept === null || isOurs(kept)
          ? 'To make it another one, promote that one with --default.'
          : `Add --no-default to keep ${kept}.`,
    });
  }

  /** Compares with the version in production; a damaged one cannot be compared with. */
  async #compare(candidate: RegisteredModel, reference: string): Promise<GateResult> {
    try {
      return checkPromotion(toCompared(candidate), toCompared(await this.resolve(reference)));
    } catch (error) {
      if (!isAppError(error)) throw error;
      return { outcome: 'not-comparable', reason: { code: 'PRODUCTION_DAMAGED', error: error.code } };
    }
  }

  #open(name: string, version: number, events: readonly StageEvent[]): RegisteredModel {
    const folder = this.#versionFolder(name, version);
    const record = loadVersionRecord(folder);
    const evaluations = mergeEvaluations(this.#folderOf(name), version, record.evaluations);
    return {
      name,
      version,
      reference: `${name}@${version}`,
      location: folder,
      record,
      info: loadRecord(modelFolderRecord, join(folder, 'veracity.json')),
      stages: stagesOf(version, events),
      evaluations: evaluations.sort((a, b) => Number(a.outOfSource) - Number(b.outOfSource)),
    };
  }

  #appendStage(model: string, change: StageChange): StageEvent {
    const event: StageEvent = { schemaVersion: 1, createdAt: this.#clock.nowIso(), model, ...change };
    appendStageEvent(this.#logOf(model), event);
    return event;
  }

  #appendDefault(name: string): void {
    cutTornLine(this.#defaultLog);
    const choice = { schemaVersion: 1 as const, createdAt: this.#clock.nowIso(), name };
    appendRecordLine(defaultModelRecord, this.#defaultLog, choice, { flushed: true });
  }

  get #defaultLog(): string {
    return join(this.#root, 'default.jsonl');
  }

  #folderOf(name: string): string {
    return join(this.#root, name);
  }

  #versionFolder(name: string, version: number): string {
    return join(this.#folderOf(name), String(version));
  }

  #logOf(name: string): string {
    return join(this.#folderOf(name), 'events.jsonl');
  }
}

/** The number that a reference means; undefined if there is none. */
function chooseVersion(
  { version }: ModelReference,
  versions: readonly number[],
  events: readonly StageEvent[],
): number | undefined {
  if (typeof version === 'number') return version;
  const newest = versions.at(-1);
  if (version === 'latest') return newest;
  if (version === null) return foldStage(events, 'production').at(-1) ?? newest;
  return foldStage(events, version).at(-1);
}

function stagesOf(version: number, events: readonly StageEvent[]): StageName[] {
  return stageNames.filter((stage) => foldStage(events, stage).at(-1) === version);
}

function toCompared({ reference, info, evaluations }: RegisteredModel): ComparedVersion {
  return { reference, classNames: info.classNames, datasetVersion: info.datasetVersion, evaluations };
}

/** @throws PROMOTION_WORSE, PROMOTION_NOT_COMPARABLE */
function assertPassed(gate: GateResult, { reference }: RegisteredModel, production: string): void {
  if (gate.outcome === 'passed') return;
  const names = { candidate: reference, production };
  if (gate.outcome === 'worse')
    throw appError('PROMOTION_WORSE', { ...names, findings: formatGateResult(gate) });
  throw appError('PROMOTION_NOT_COMPARABLE', {
    ...names,
    problem: formatGateResult(gate),
    reason: gate.reason.code,
    how: 'Evaluate both versions on the same test split.',
    first: '',
    second: '',
  });
}

function formatKnown(root: string, name: string, versions: readonly number[]): string {
  if (versions.length > 0)
    return `Registered: ${versions
      .map((version) => `${name}@${version}`)
      .slice(-5)
      .join(', ')}.`;
  const names = listNames(root);
  return names.length > 0 ? `Registered: ${names.join(', ')}.` : 'Train one first: veracity train';
}

function listNames(models: string): string[] {
  return readNames(models).filter(
    (name) => modelNamePattern.test(name) && listVersions(join(models, name)).length > 0,
  );
}

/** Version numbers in a model's folder, lowest first. */
function listVersions(modelFolder: string): number[] {
  const deleted = new Set(loadDeletions(modelFolder).map(({ version }) => String(version)));
  return readNames(modelFolder)
    .filter((name) => !deleted.has(name))
    .filter((name) => /^[1-9]\d*$/.test(name) && existsSync(join(modelFolder, name, 'version.json')))
    .map(Number)
    .sort((a, b) => a - b);
}

/** null if the record cannot be read. */
function tryLoadVersion(folder: string): ModelVersion | null {
  try {
    return loadVersionRecord(folder);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return null;
  }
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw asSystemError(error, folder, 'list');
  }
}
