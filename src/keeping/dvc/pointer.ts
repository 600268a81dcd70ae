// A `.dvc` file: YAML that names one or more outputs with their hashes. New ones are written as DVC 3 writes them. A rewrite
// changes only the values that are new: comments, unknown keys, order and spaces stay, byte for byte.
import { dirname, isAbsolute, resolve } from 'node:path';
import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';
import { isPathInside, MANIFEST_SUFFIX } from './folder-manifest.ts';
import type { DataRecord, TrackedData } from './tracked-data.ts';
import { foldYamlLine, formatYamlString } from './yaml-scalar.ts';

/** What the name of a pointer ends with. */
export const POINTER_SUFFIX = '.dvc';

const md5Schema = z.string().regex(/^[0-9a-f]{32}(\.dir)?$/);
/** A generation is a number. */
const versionText = z.union([z.string(), z.number(), z.bigint()]).transform(String).nullish();
const cloudSchema = z.record(z.string(), z.object({ version_id: versionText, etag: versionText }));
const count = z.int().min(0).nullish();

const outputSchema = z.object({
  path: z.string().min(1),
  md5: md5Schema.nullish(),
  hash: z.string().nullish(),
  size: count,
  nfiles: count,
  isexec: z.boolean().nullish(),
  cache: z.boolean().nullish(),
  push: z.boolean().nullish(),
  remote: z.string().nullish(),
  cloud: cloudSchema.nullish(),
  version_id: versionText,
  etag: versionText,
  files: z
    .array(
      z.object({
        relpath: z.string().refine(isPathInside),
        md5: md5Schema.nullish(),
        size: count,
        cloud: cloudSchema.nullish(),
        version_id: versionText,
        etag: versionText,
        remote: z.string().nullish(),
      }),
    )
    .nullish(),
});
type Output = z.infer<typeof outputSchema>;

const pointerSchema = z.object({ outs: z.array(outputSchema).min(1), wdir: z.string().nullish() });

/**
 * Reads the text of a `.dvc` file.
 * @param path  where it lies; paths of its outputs are relative to it
 * @throws POINTER_INVALID
 */
export function parsePointer(text: string, path: string): TrackedData[] {
  const document = parseYaml(text, path);
  const parsed = pointerSchema.safeParse(document.toJS());
  if (!parsed.success) throw pointerError(path, parsed.error);
  const folder = resolve(dirname(path), parsed.data.wdir ?? '.');
  return parsed.data.outs.map((output, index) =>
    readOutput(output, { pointer: path, stage: null, index, folder }),
  );
}

/** Parses YAML that a person may have edited. @throws POINTER_INVALID */
export function parseYaml(text: string, path: string): Document {
  const document = parseDocument(text, { uniqueKeys: true });
  const error = document.errors[0];
  if (error !== undefined) {
    const [place] = error.linePos ?? [];
    const problem = /^[<=>|]{7}/m.test(text)
      ? 'it has the marks of a merge conflict'
      : `${error.code.toLowerCase().replaceAll('_', ' ')}${place === undefined ? '' : ` in line ${place.line}`}`;
    throw appError('POINTER_INVALID', { path, problem }, { cause: error });
  }
  return document;
}

/** POINTER_INVALID with the first problem that the schema has found. */
export function pointerError(path: string, error: z.ZodError): Error {
  const [issue] = error.issues;
  const at = issue?.path.join('.') ?? '';
  return appError('POINTER_INVALID', {
    path,
    problem: `${at === '' ? 'its content' : at}: ${issue?.message ?? ''}`,
  });
}

interface OutputPlace {
  readonly pointer: string;
  readonly stage: string | null;
  readonly index: number;
  /** What relative paths start at. */
  readonly folder: string;
}

/** An entry of `outs`, of a `.dvc` file or of a stage. */
export function readOutput(output: Output, { folder, ...place }: OutputPlace): TrackedData {
  const cloud = readCloud(output);
  return {
    ...place,
    path: isAbsolute(output.path) ? output.path : resolve(folder, output.path),
    md5: output.md5 ?? null,
    // Until version 3, DVC wrote no `hash:`.
    hash: output.hash === undefined || output.hash === null ? 'md5-dos2unix' : 'md5',
    sizeBytes: output.size ?? null,
    files: output.nfiles ?? null,
    isExecutable: output.isexec === true,
    isCached: output.cache !== false,
    isPushed: output.push !== false,
    remote: output.remote ?? null,
    cloud,
    versionedFiles:
      output.files?.map((file) => ({
        relpath: file.relpath,
        md5: file.md5 ?? null,
        sizeBytes: file.size ?? null,
        cloud: readCloud(file),
      })) ?? null,
  };
}

/** The schema of an entry of `outs`, for stages too. */
export { outputSchema };

/** Versions by remote. For a while DVC wrote one beside the md5; its remote is not always named: ''. */
function readCloud({ cloud, version_id, etag, remote }: CloudFields): TrackedData['cloud'] {
  const entries = Object.entries(cloud ?? {});
  const all: typeof entries =
    entries.length === 0 && version_id != null ? [[remote ?? '', { version_id, etag }]] : entries;
  return Object.fromEntries(
    all.map(([name, version]) => [
      name,
      { versionId: version.version_id ?? null, etag: version.etag ?? null },
    ]),
  );
}

type CloudFields = Pick<Output, 'cloud' | 'version_id' | 'etag' | 'remote'>;

/** The text of a new pointer to `name`, a file or folder beside it. */
export function formatPointer(name: string, record: DataRecord): string {
  const lines = [
    ...listFields(record).map(([key, value]) => `${key}: ${value}`),
    `path: ${formatYamlString(name)}`,
  ];
  return `outs:\n${lines.map((line, i) => `${foldYamlLine(`${i === 0 ? '- ' : '  '}${line}`)}\n`).join('')}`;
}

/** What a record is in YAML, in the order of DVC 3. */
function listFields({ md5, sizeBytes, files, isExecutable }: DataRecord): [string, string][] {
  return [
    ['md5', formatYamlString(md5 ?? '')],
    ['size', String(sizeBytes ?? 0)],
    ...(files === null ? [] : [['nfiles', String(files)] as [string, string]]),
    ...(isExecutable ? [['isexec', 'true'] as [string, string]] : []),
    ['hash', 'md5'],
  ];
}

/** Keys that describe the content; those that a new content has no value for are removed. */
const CONTENT_KEYS = [
  'md5',
  'size',
  'nfiles',
  'isexec',
  'hash',
  'files',
  'cloud',
  'etag',
  'checksum',
  'version_id',
];

/**
 * The text of a pointer with the new record of one of its outputs.
 * @throws POINTER_INVALID
 */
export function updatePointer(text: string, path: string, index: number, record: DataRecord): string {
  const document = parseYaml(text, path);
  const outputs = isMap(document.contents) ? document.contents.get('outs') : undefined;
  const output = isSeq(outputs) ? outputs.items[index] : undefined;
  if (!isMap(output))
    throw appError('POINTER_INVALID', { path, problem: 'outs: expected a list of outputs' });
  const fields = new Map(listFields(record));
  const gone = CONTENT_KEYS.filter((key) => !fields.has(key) && output.has(key));
  return editText(text, output, fields, gone) ?? editDocument(document, output, fields, gone);
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Changes the text where the values stand; null where that is not plainly possible, as in `{md5: …}`. */
function editText(
  text: string,
  output: YAMLMap,
  fields: ReadonlyMap<string, string>,
  gone: readonly string[],
): string | null {
  const first = output.items[0];
  if (output.flow === true || first === undefined || !isScalar(first.key)) return null;
  const edits: Edit[] = [];
  const found = new Set<string>();
  for (const { key, value } of output.items) {
    if (!isScalar(key) || typeof key.value !== 'string' || key.range == null) return null;
    if (gone.includes(key.value)) {
      if (key === first.key || !isScalar(value) || value.range == null) return null;
      edits.push({ start: lineStart(text, key.range[0]), end: lineEnd(text, value.range[1]), text: '' });
      continue;
    }
    const wanted = fields.get(key.value);
    if (wanted === undefined) continue;
    if (!isScalar(value) || value.range == null || value.range[0] === value.range[1]) return null;
    found.add(key.value);
    edits.push({ start: value.range[0], end: value.range[1], text: wanted });
  }
  const missing = [...fields].filter(([key]) => !found.has(key));
  const last = output.items.findLast(({ key }) => isScalar(key) && !gone.includes(String(key.value)));
  if (missing.length > 0) {
    if (!isScalar(last?.value) || last.value.range == null || first.key.range == null) return null;
    const at = lineEnd(text, last.value.range[1]);
    const indent = ' '.repeat(first.key.range[0] - lineStart(text, first.key.range[0]));
    const lines = missing.map(([key, value]) => `${indent}${key}: ${value}\n`).join('');
    edits.push({ start: at, end: at, text: text[at - 1] === '\n' ? lines : `\n${lines}` });
  }
  let edited = text;
  for (const { start, end, text: part } of edits.toSorted((a, b) => b.start - a.start))
    edited = edited.slice(0, start) + part + edited.slice(end);
  return edited;
}

/** Where the line of this place begins. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** Where the next line begins. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

function editDocument(
  document: Document,
  output: YAMLMap,
  fields: ReadonlyMap<string, string>,
  gone: readonly string[],
): string {
  for (const key of gone) output.delete(key);
  for (const [key, value] of fields)
    output.set(key, /^(?:size|nfiles|isexec)$/.test(key) ? JSON.parse(value) : value.replaceAll("'", ''));
  return document.toString({ indentSeq: false, lineWidth: 0, flowCollectionPadding: false });
}

/** Whether an md5 names the manifest of a folder. */
export function isManifestName(md5: string): boolean {
  return md5.endsWith(MANIFEST_SUFFIX);
}
