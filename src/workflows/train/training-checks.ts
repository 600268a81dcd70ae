// What can be refused before a training is refused before it: the model's name, a registry that cannot be written, other
// collections, and the teacher. A part of it needs the data; that part comes before the articles are tokenized.
import { appError } from '../../foundation/core/index.ts';
import type { DatasetManifest } from '../../foundation/records/index.ts';
import { buildModelName, isModelName } from '../../keeping/registry/index.ts';
import { planModel } from '../../learning/models/index.ts';
import { refuseTeacher } from '../../learning/train/index.ts';
import type { TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { checkLabels, nameData, surveyCollections } from '../evaluate/index.ts';
import { assertSameClasses, type LocatedTeacher, locateTeacher } from './teacher.ts';

export interface EarlyChecks {
  readonly collections: Awaited<ReturnType<typeof surveyCollections>>;
  /** null: no teacher is configured. */
  readonly teacher: LocatedTeacher | null;
}

/**
 * Checks everything that needs no data.
 * @throws MODEL_NAME_INVALID, SYSTEM_REFUSED, DISK_FULL, FILE_NOT_FOUND, COLLECTION_UNUSABLE, SETTING_UNSUPPORTED, and what
 *   locating the teacher throws
 */
export async function checkBeforeData(config: TrainConfig, context: WorkflowContext): Promise<EarlyChecks> {
  const { register, train, model } = config;
  if (register !== null && !isModelName(register)) throw appError('MODEL_NAME_INVALID', { name: register });
  await context.stores.registry.assertWritable(register);
  const collections = await surveyCollections(config.evaluate, context);
  if (train.distillation !== null && planModel(model).start === 'features') throw refuseTeacher(model.kind);
  return { collections, teacher: await locateTeacher(config, context) };
}

/** Checks what depends on the classes and the name of the data. @throws COLLECTION_UNUSABLE, DISTILLATION_CLASSES, SYSTEM_REFUSED */
export async function checkWithData(
  { collections, teacher }: EarlyChecks,
  config: TrainConfig,
  manifest: DatasetManifest,
  context: WorkflowContext,
): Promise<void> {
  checkLabels(collections, manifest.classNames, context);
  if (teacher !== null) assertSameClasses(teacher.reference, teacher.info, manifest);
  await context.stores.registry.assertWritable(nameModel(config, manifest));
}

/** The name that the model is registered under. */
export function nameModel(
  { register }: Pick<TrainConfig, 'register'>,
  manifest: Pick<DatasetManifest, 'name' | 'files'>,
): string {
  return register ?? buildModelName(nameData(manifest));
}
