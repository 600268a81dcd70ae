// Writes a trained encoder as files: configuration, weights, inference graph and additional files such as adapters.

import type { TensorData } from '../../engine/graph/index.ts';
import { PROGRAM_NAMES, writeOnnx } from '../../engine/graph/index.ts';
import { lowerToOnnx } from '../../engine/ops/index.ts';
import { writeFileAtomic } from '../../foundation/core/index.ts';
import type { Batch } from '../../text/tokenize/index.ts';
import type { EncoderModel } from '../models/index.ts';
import { saveSafetensors } from '../models/index.ts';
import { compareExport } from './export-check.ts';
import type { LearnerState, ModelFiles } from './learner.ts';

/**
 * Writes config.json, model.safetensors and onnx/model.onnx, and compares the ONNX file with the trained model.
 * @param trained  the trained parameters; frozen ones are read again
 * @throws EXPORT_MISMATCH
 */
export async function exportEncoder(
  folder: string,
  probe: readonly Batch[],
  model: EncoderModel,
  trained: LearnerState,
  computeLogits: (batch: Batch) => Promise<Float32Array>,
): Promise<ModelFiles> {
  const shape = { training: false, idsType: 'int64' } as const;
  const names = model.build(shape).b.graph.parameters.map(({ name }) => name);
  // Frozen parameters are not in the state: they still have their first values.
  const first = names.every((name) => trained.has(name)) ? trained : model.loadWeights();
  const own = new Map<string, TensorData>(names.map((name) => [name, trained.get(name) ?? first.get(name)!]));
  const weights = model.saved?.convert(own) ?? own;
  const { b, logits, embedding } = (model.saved ?? model).build(shape);
  const outputs = {
    [PROGRAM_NAMES.logits]: logits,
    ...(embedding === undefined ? {} : { [PROGRAM_NAMES.embedding]: embedding }),
  };
  const onnx = writeOnnx(lowerToOnnx(b.graph, { outputs, weights, name: 'classifier' }));
  const onnxPath = `${folder}/onnx/model.onnx`;
  writeFileAtomic(`${folder}/config.json`, `${JSON.stringify(model.formatConfig(), null, 2)}\n`);
  saveSafetensors(`${folder}/model.safetensors`, weights, { format: 'pt' });
  writeFileAtomic(onnxPath, onnx);
  model.saved?.saveBeside?.(folder, own);
  return compareExport(onnxPath, probe, computeLogits);
}
