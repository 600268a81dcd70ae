// References by which people name a model version: NAME, NAME@3, NAME@production, NAME@staging, NAME@latest.
import { appError } from '../../foundation/core/index.ts';
import { modelNamePattern, type StageName, stageNames } from '../../foundation/records/index.ts';

export interface ModelReference {
  readonly name: string;
  /** null: the version in production, or else the newest. */
  readonly version: number | StageName | 'latest' | null;
}

/** @throws MODEL_REFERENCE_INVALID */
export function parseModelReference(reference: string): ModelReference {
  const [name = '', version, ...rest] = reference.split('@');
  const invalid = (): Error => appError('MODEL_REFERENCE_INVALID', { reference });
  if (!modelNamePattern.test(name) || rest.length > 0) throw invalid();
  if (version === undefined) return { name, version: null };
  if (version === 'latest') return { name, version };
  const stage = stageNames.find((candidate) => candidate === version);
  if (stage !== undefined) return { name, version: stage };
  if (/^[1-9]\d{0,8}$/.test(version)) return { name, version: Number(version) };
  throw invalid();
}
