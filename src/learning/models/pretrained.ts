// A classifier that starts from a checkpoint: whole, with adapters, or with a linear head; and its conversion back into the
// plain model that other programs load.
import { join } from 'node:path';
import type { TensorData } from '../../engine/graph/index.ts';
import { appError, canonicalJson, hashSha256, writeFileAtomic } from '../../foundation/core/index.ts';
import type { PretrainedCheckpoint } from './checkpoint/pretrained-checkpoint.ts';
import { loadCheckpointWeights } from './checkpoint/weight-plan.ts';
import {
  type DropoutRates,
  type EncoderDefinition,
  type HeadKind,
  isOfModules,
  type LinearHead,
} from './encoder-definition.ts';
import type { EncoderModel, EncoderParts, SavedForm } from './encoder-model.ts';
import { FEATURES } from './features.ts';
import {
  createLoraWeights,
  formatAdapterConfig,
  isLoraName,
  LORA_TARGETS,
  type LoraOptions,
  mergeLora,
  selectAdapterTensors,
} from './lora.ts';
import { saveSafetensors } from './safetensors.ts';

export interface PretrainedOptions {
  readonly classNames: readonly string[];
  /** Seeds a head that the checkpoint lacks, and adapters. */
  readonly seed: number;
  /** Rates that replace the checkpoint's own; null: none. */
  readonly dropout: { readonly [K in Exclude<keyof DropoutRates, 'token'>]?: number | undefined } | null;
  /** Default standard. */
  readonly head?: HeadKind;
  /** Adapters; null or absent: none. */
  readonly lora?: LoraOptions | null;
  /** A frozen encoder is run without dropout, so that its vectors do not change. */
  readonly frozenEncoder?: boolean;
  /** The name or path of the checkpoint, which adapters record as their base. */
  readonly base?: string;
}

const ADAPTER = 'adapter';
const NO_DROPOUT = { embedding: 0, attention: 0, hidden: 0 };

/** @throws SETTING_UNSUPPORTED for a linear head on a family that can't save one */
export function createPretrained(
  checkpoint: PretrainedCheckpoint,
  options: PretrainedOptions,
): EncoderModel & { readonly parts: EncoderParts } {
  const { classNames, seed, head = 'standard', lora = null, frozenEncoder = false } = options;
  const { definition } = checkpoint;
  const linear = assertHeadSaves(definition, head);
  const own = definition.dropout;
  const dropout: DropoutRates = {
    embedding: options.dropout?.embedding ?? own.embedding,
    attention: options.dropout?.attention ?? own.attention,
    hidden: options.dropout?.hidden ?? own.hidden,
    classifier: options.dropout?.classifier ?? own.classifier,
  };
  const trained = frozenEncoder ? { ...dropout, ...NO_DROPOUT } : dropout;
  const adapted = lora === null ? [] : definition.listAdapted(lora.targets);
  const saved = createSavedForm(definition, linear, options);
  return {
    family: definition.family,
    layers: definition.layers,
    build: (build) => definition.build({ ...build, classNames, dropout: trained, head, lora }),
    loadWeights: () => {
      const weights = loadCheckpointWeights(checkpoint, classNames, seed);
      if (linear !== null) replaceHead(weights, definition, linear.create(classNames, seed));
      if (lora !== null)
        for (const [name, tensor] of createLoraWeights(adapted, lora, seed)) weights.set(name, tensor);
      return weights;
    },
    formatConfig: () => definition.formatConfig({ classNames, dropout }),
    ...(saved === null ? {} : { saved }),
    parts: {
      digest: hashSha256(canonicalJson({ weights: checkpoint.sha256, shape: definition.sizes })),
      width: definition.width,
      maxPositions: definition.maxPositions,
      buildEncoder: () => definition.build({ training: false, idsType: 'int32', classNames }),
      buildHead: (build) => definition.buildHead({ ...build, classNames, dropout, head }),
      tableName: FEATURES,
    },
  };
}

/** The conversion back into the plain model; null if the model is saved as it is trained. */
function createSavedForm(
  definition: EncoderDefinition,
  linear: LinearHead | null,
  { classNames, lora = null, base }: PretrainedOptions,
): SavedForm | null {
  if (linear === null && lora === null) return null;
  const adapted = lora === null ? [] : definition.listAdapted(lora.targets);
  const convert = (weights: ReadonlyMap<string, TensorData>): Map<string, TensorData> => {
    const merged = lora === null ? new Map(weights) : mergeLora(weights, adapted, lora);
    return linear === null ? merged : linear.fold(merged, classNames);
  };
  const saveBeside = (folder: string, weights: ReadonlyMap<string, TensorData>): void => {
    if (lora === null) return;
    const adapters = [...weights].filter(([name]) => isLoraName(name));
    const tensors = selectAdapterTensors(new Map([...convert(weights), ...adapters]), (name) =>
      isOfModules(name, definition.headModules),
    );
    const adaptable = definition.listAdapted(LORA_TARGETS);
    const modules = { adapted, adaptable, kept: definition.adapterHead };
    const text = JSON.stringify(formatAdapterConfig(lora, modules, base ?? null), null, 2);
    writeFileAtomic(join(folder, ADAPTER, 'adapter_config.json'), `${text}\n`);
    saveSafetensors(join(folder, ADAPTER, 'adapter_model.safetensors'), tensors, { format: 'pt' });
  };
  return { build: (build) => definition.build({ ...build, classNames }), convert, saveBeside };
}

/** Puts a linear head in the place of the standard one. */
function replaceHead(
  weights: Map<string, TensorData>,
  { headModules }: EncoderDefinition,
  head: ReadonlyMap<string, TensorData>,
): void {
  for (const name of [...weights.keys()]) if (isOfModules(name, headModules)) weights.delete(name);
  for (const [name, tensor] of head) weights.set(name, tensor);
}

/**
 * Refuses a head that could not be saved in the family's own form.
 * @returns the linear head, or null for the standard one
 * @throws SETTING_UNSUPPORTED for a linear head on a family that can't save one
 */
export function assertHeadSaves(
  { family, linearHead }: Pick<EncoderDefinition, 'family' | 'linearHead'>,
  head: HeadKind,
): LinearHead | null {
  if (head === 'standard') return null;
  if (!('obstacle' in linearHead)) return linearHead;
  throw appError('SETTING_UNSUPPORTED', {
    key: 'model.head',
    expected: `standard for ${family}, ${linearHead.obstacle}`,
    got: 'linear',
    remedy: 'Leave model.head out, or start from a DistilBERT.',
  });
}
