// `dvc.lock`: what the stages of a pipeline have read and written. The definitions of the stages are in `dvc.yaml` beside it.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Document, isMap, parseDocument } from 'yaml';
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';
import { compareCodePoints } from './code-points.ts';
import { outputSchema, parseYaml, pointerError, readOutput } from './pointer.ts';
import type { DataRecord, TrackedData } from './tracked-data.ts';

export const LOCK_FILE = 'dvc.lock';
export const PIPELINE_FILE = 'dvc.yaml';

const lockSchema = z.object({
  schema: z.literal('2.0'),
  stages: z.record(z.string(), z.object({ outs: z.array(outputSchema).nullish() })).nullish(),
});

/**
 * The outputs of all stages of a `dvc.lock`. Those that `dvc.yaml` keeps out of the cache say so.
 * @throws POINTER_INVALID
 */
export function parseLockFile(text: string, path: string): TrackedData[] {
  const parsed = lockSchema.safeParse(parseYaml(text, path).toJS());
  if (!parsed.success) throw pointerError(path, parsed.error);
  const definitions = readDefinitions(join(dirname(path), PIPELINE_FILE));
  return Object.entries(parsed.data.stages ?? {}).flatMap(([stage, { outs }]) => {
    const { folder, settings } = definitions(stage);
    return (outs ?? []).map((output, index) =>
      readOutput(
        { ...output, ...settings(output.path) },
        {
          pointer: path,
          stage,
          index,
          folder: resolve(dirname(path), folder),
        },
      ),
    );
  });
}

interface StageDefinition {
  readonly folder: string;
  readonly settings: (path: string) => OutputSettings;
}

interface OutputSettings {
  readonly cache?: boolean;
  readonly push?: boolean;
  readonly remote?: string;
}

const settingsSchema = z.object({
  cache: z.boolean().optional(),
  push: z.boolean().optional(),
  remote: z.string().optional(),
});

/** Finds the settings of outputs in `dvc.yaml`, as far as they stand there as they are, without a template. */
function readDefinitions(path: string): (stage: string) => StageDefinition {
  const none: StageDefinition = { folder: '.', settings: () => ({}) };
  if (!existsSync(path)) return () => none;
  const json: unknown = parseDocument(readFileSync(path, 'utf8')).toJS();
  const stages = asRecord(asRecord(json).stages);
  return (name) => {
    const outer = asRecord(stages[name] ?? stages[name.replace(/@.*$/, '')]);
    const stage = 'do' in outer ? asRecord(outer.do) : outer;
    const listed = ['outs', 'metrics', 'plots'].flatMap((kind) => {
      const entries = stage[kind];
      return Array.isArray(entries) ? entries : [];
    });
    return {
      folder: typeof stage.wdir === 'string' && !stage.wdir.includes('${') ? stage.wdir : '.',
      settings: (output) => {
        const found = listed.map(asRecord).find((entry) => Object.hasOwn(entry, output));
        const settings = settingsSchema.safeParse(found?.[output]);
        return settings.success ? dropUnset(settings.data) : {};
      },
    };
  };
}

function dropUnset(settings: z.infer<typeof settingsSchema>): OutputSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

/** What a stage has read or written. */
export interface StageFile {
  /** Relative to the folder of `dvc.yaml`, with `/`; or absolute. */
  readonly path: string;
  readonly record: DataRecord;
}

export interface StageRecord {
  readonly name: string;
  readonly command: string;
  readonly description: string;
  readonly dependencies: readonly StageFile[];
  /** Values by file and key. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Small files that are kept in Git. */
  readonly outputs: readonly StageFile[];
}

const YAML_STYLE = { indentSeq: false, lineWidth: 0, flowCollectionPadding: false };

/**
 * The text of `dvc.yaml` with the definition of a stage: a new one, or the old text with the changes.
 * @param text  the text that is there; null where there is none
 * @throws POINTER_INVALID
 */
export function defineStage(text: string | null, path: string, stage: StageRecord): string {
  const document = openYaml(text, path);
  const definition = {
    desc: stage.description,
    cmd: stage.command,
    deps: sortPaths(stage.dependencies).map((file) => file.path),
    params: Object.entries(stage.parameters).map(([file, values]) => ({
      [file]: Object.keys(values).toSorted(compareCodePoints),
    })),
    outs: sortPaths(stage.outputs).map((file) => ({ [file.path]: { cache: false } })),
  };
  for (const [key, value] of Object.entries(definition)) {
    if (key === 'desc' && document.hasIn(['stages', stage.name])) continue; // somebody may have written a better one
    setIn(document, ['stages', stage.name, key], value);
  }
  return document.toString(YAML_STYLE);
}

/** The text of `dvc.lock` with the record of a stage. @throws POINTER_INVALID */
export function recordStage(text: string | null, path: string, stage: StageRecord): string {
  const document = openYaml(text, path);
  if (!document.has('schema')) document.set('schema', document.createNode('2.0', {}));
  const write = ({ path: file, record }: StageFile): object => ({
    path: file,
    hash: 'md5',
    md5: record.md5,
    size: record.sizeBytes,
    ...(record.files === null ? {} : { nfiles: record.files }),
    ...(record.isExecutable ? { isexec: true } : {}),
  });
  const parameters = Object.entries(stage.parameters).map(([file, values]) => [
    file,
    Object.fromEntries(Object.entries(values).toSorted(([a], [b]) => compareCodePoints(a, b))),
  ]);
  setIn(document, ['stages', stage.name], {
    cmd: stage.command,
    deps: sortPaths(stage.dependencies).map(write),
    ...(parameters.length === 0 ? {} : { params: Object.fromEntries(parameters) }),
    outs: sortPaths(stage.outputs).map(write),
  });
  return document.toString({ ...YAML_STYLE, singleQuote: true });
}

function openYaml(text: string | null, path: string): Document {
  if (text === null || text.trim() === '') return new Document({});
  const document = parseYaml(text, path);
  if (isMap(document.contents)) return document;
  throw appError('POINTER_INVALID', { path, problem: 'expected keys and values' });
}

function setIn(document: Document, path: readonly string[], value: unknown): void {
  document.setIn(path, document.createNode(value));
}

function sortPaths(files: readonly StageFile[]): StageFile[] {
  return files.toSorted((a, b) => compareCodePoints(a.path, b.path));
}
