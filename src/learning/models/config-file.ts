// Reads and writes what the config.json files of all families have in common: checks with one kind of error, class names.
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';

export const size = z.int().min(1);
export const rate = z.number().min(0).max(1);

/** @throws MODEL_UNSUPPORTED naming the first key that does not fit */
export function parseModelConfig<T>(schema: z.ZodType<T>, json: unknown, where: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw unsupported(where, 'sizes and rates', `${issue?.path.join('.')}: ${issue?.message}`);
}

/** @throws MODEL_UNSUPPORTED where a key has another value than the graph knows */
export function requireValue(where: string, key: string, got: unknown, expected: unknown): void {
  if (got !== expected) throw unsupported(where, `${key} ${expected}`, `${got}`);
}

/** The error about a variant that the graphs do not have. */
export function unsupported(path: string, expected: string, got: string): Error {
  return appError('MODEL_UNSUPPORTED', { path, expected, got });
}

/** Refuses heads that do not divide the width, and heads that other programs cut out. @throws MODEL_UNSUPPORTED */
export function assertWholeHeads(json: unknown, where: string, width: number, heads: number): void {
  if (width % heads !== 0) throw unsupported(where, `a width that ${heads} heads divide`, `${width}`);
  const { pruned_heads: pruned } = json as { pruned_heads?: unknown };
  if (pruned !== undefined && pruned !== null && Object.keys(pruned).length > 0)
    throw unsupported(where, 'all attention heads', 'pruned_heads');
}

/** `model_type`; 'none' where there is none. */
export function parseModelType(json: unknown): string {
  const file = z.looseObject({ model_type: z.string() }).safeParse(json);
  return file.success ? file.data.model_type : 'none';
}

/** Class names of the head in the file, in order; null if it names none. */
export function parseClassNames(json: unknown): readonly string[] | null {
  const file = z.looseObject({ id2label: z.record(z.string(), z.string()) }).safeParse(json);
  if (!file.success) return null;
  const names = Object.entries(file.data.id2label)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, name]) => name);
  return names.every((name) => /^LABEL_\d+$/.test(name)) ? null : names;
}

/** The keys that name the classes of a classifier. */
export function formatLabels(classNames: readonly string[]): Record<string, unknown> {
  return {
    problem_type: 'single_label_classification',
    id2label: Object.fromEntries(classNames.map((name, i) => [i, name])),
    label2id: Object.fromEntries(classNames.map((name, i) => [name, i])),
    torch_dtype: 'float32',
  };
}
