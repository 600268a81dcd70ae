// `dvc.lock`: what the stages of a pipeline have read and written. The definitions of the stages are in `dvc.yaml` beside it.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Document, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';
import { compareCodePoints } from './code-points.ts';
import { lineEnd, lineStart, outputSchema, parseYaml, pointerError, readOutput } from './pointer.ts';
import type { DataRecord, TrackedData } from './tracked-data.ts';
import { foldYamlLine } from './yaml-scalar.ts';

export const LOCK_FILE = 'dvc.lock';
export const PIPELINE_FILE = 'dvc.yaml';

const lockSchema = z.object({
  schema: z.literal('2.0'),
  stages: z.record(z.string(), z.object({ outs: z.array(outputSchema).nullish() })).nullish(),
});

/**
 * The outputs of all stages of a `dvc.lock`. Those that `dvc.yaml` keeps out of the cache say so.
 * @param pipeline  the text of `dvc.yaml`; null: none. Default: the one that lies beside it
 * @throws POINTER_INVALID
 */
export function parseLockFile(
  text: string,
  path: string,
  pipeline: string | null = readPipeline(path),
): TrackedData[] {
  const parsed = lockSchema.safeParse(parseYaml(text, path).toJS());
  if (!parsed.success) throw pointerError(path, parsed.error);
  const definitions = readDefinitions(pipeline);
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

function readPipeline(lockFile: string): string | null {
  const path = join(dirname(lockFile), PIPELINE_FILE);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

/** Finds the settings of outputs in `dvc.yaml`, as far as they stand there as they are, without a template. */
function readDefinitions(text: string | null): (stage: string) => StageDefinition {
  const none: StageDefinition = { folder: '.', settings: () => ({}) };
  if (text === null) return () => none;
  const json: unknown = parseDocument(text).toJS();
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

/**
 * The text of `dvc.yaml` with the definition of a stage; all other lines stay as they are.
 * @param text  the text that is there; null where there is none
 * @throws POINTER_INVALID
 */
export function defineStage(text: string | null, path: string, stage: StageRecord): string {
  const outputs = sortPaths(stage.outputs);
  return putStage(text ?? '', path, stage.name, {
    desc: stage.description,
    cmd: stage.command,
    deps: sortPaths(stage.dependencies).map((file) => file.path),
    params: Object.entries(stage.parameters).map(([file, values]) => ({
      [file]: Object.keys(values).toSorted(compareCodePoints),
    })),
    outs: outputs.map((file) => ({ [file.path]: { cache: false } })),
  });
}

/** The text of `dvc.lock` with the record of a stage. @throws POINTER_INVALID */
export function recordStage(text: string | null, path: string, stage: StageRecord): string {
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
  return putStage(
    text ?? "schema: '2.0'\n",
    path,
    stage.name,
    {
      cmd: stage.command,
      deps: sortPaths(stage.dependencies).map(write),
      ...(parameters.length === 0 ? {} : { params: Object.fromEntries(parameters) }),
      outs: sortPaths(stage.outputs).map(write),
    },
    foldYamlLine,
  );
}

/** Puts a stage in the place of the one of its name, or after the others. */
function putStage(
  text: string,
  path: string,
  name: string,
  definition: object,
  fold: (line: string) => string = (line) => line,
): string {
  const format = (indent: number): string =>
    formatStage(name, definition, indent).split('\n').map(fold).join('\n');
  const document = parseYaml(text, path);
  const root = document.contents;
  const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  if (root !== null && !isMap(root))
    throw appError('POINTER_INVALID', { path, problem: 'expected keys and values' });
  const stages = root?.get('stages', true);
  if (stages === undefined || (isScalar(stages) && stages.value === null)) {
    const block = format(2);
    const key = root?.items.find((item) => isScalar(item.key) && item.key.value === 'stages')?.key;
    if (!isScalar(key) || key.range == null) return `${whole}stages:\n${block}`;
    const at = lineEnd(whole, key.range[1]);
    return `${whole.slice(0, at)}${block}${whole.slice(at)}`;
  }
  const [first] = isMap(stages) && stages.flow !== true ? stages.items : [];
  if (!isMap(stages) || !isScalar(first?.key) || first.key.range == null)
    throw appError('POINTER_INVALID', {
      path,
      problem: 'stages: expected one stage below the other, each with its name',
    });
  const start = first.key.range[0];
  const block = format(start - lineStart(whole, start));
  const existing = stages.items.find((item) => isScalar(item.key) && item.key.value === name);
  const last = stages.items.at(-1)!;
  const end = lineEnd(whole, endOf((existing ?? last).value ?? (existing ?? last).key));
  if (existing === undefined) return whole.slice(0, end) + block + whole.slice(end);
  const from =
    isScalar(existing.key) && existing.key.range != null ? lineStart(whole, existing.key.range[0]) : end;
  return whole.slice(0, from) + block + whole.slice(end);
}

function formatStage(name: string, definition: object, indent: number): string {
  const text = new Document({ [name]: definition }).toString({
    indentSeq: false,
    lineWidth: 0,
    flowCollectionPadding: false,
    singleQuote: true,
    nullStr: '',
  });
  return text.replace(/^(?=.)/gm, ' '.repeat(indent));
}

/** Where the last value in a node ends, without the comments behind it. */
function endOf(node: unknown): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return endOf(last?.value ?? last?.key);
  }
  if (isSeq(node) && node.flow !== true && node.items.length > 0) return endOf(node.items.at(-1));
  return isNode(node) && node.range != null ? node.range[1] : 0;
}

function sortPaths(files: readonly StageFile[]): StageFile[] {
  return files.toSorted((a, b) => compareCodePoints(a.path, b.path));
}
