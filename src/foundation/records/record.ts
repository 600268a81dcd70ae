// Reading and writing records. A record is JSON with a schemaVersion and, in the chain from raw files to a prediction,
// createdAt and parents. Its zod schema checks it when it is read, and writing is atomic. Records of earlier versions are
// migrated when they are read. Keys that a later version added are ignored; a later schema version is refused as such.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { appError, appendLine, errorCodeOf, readLines, writeFileAtomic } from '../core/index.ts';

/** The kind of the records in one file: a name for messages, and the schema of the current version. */
export interface RecordType<T> {
  readonly name: string;
  readonly schemaVersion: number;
  readonly schema: z.ZodType<T>;
  /** Brings the parsed JSON of an earlier version to the current form; returns anything else unchanged. */
  readonly migrate?: (json: unknown) => unknown;
  /** A valid instance, for tests and docs. */
  readonly example: T;
}

/**
 * Reads and checks one record.
 * @throws FILE_NOT_FOUND, RECORD_INVALID, RECORD_VERSION
 */
export function loadRecord<T>(type: RecordType<T>, path: string): T {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT')
      throw appError('FILE_NOT_FOUND', { path, kind: `${type.name} record` });
    throw error;
  }
  return parseRecord(type, text, path);
}

/** @throws RECORD_INVALID, RECORD_VERSION */
export function parseRecord<T>(type: RecordType<T>, text: string, path: string): T {
  const invalid = (problem: string): Error =>
    appError('RECORD_INVALID', { path, record: type.name, version: type.schemaVersion, problem });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalid('not valid JSON');
  }
  const result = parseKnownKeys(type.schema, type.migrate?.(json) ?? json);
  if (!result.success) assertReadableVersion(type, json, path);
  if (!result.success) throw invalid(z.prettifyError(result.error).split('\n').slice(0, 4).join('; '));
  return result.data;
}

/** Parses with the schema; keys that it does not know were added by a later version of the program and are left out. */
function parseKnownKeys<T>(schema: z.ZodType<T>, json: unknown): z.ZodSafeParseResult<T> {
  const result = schema.safeParse(json);
  if (result.success || !result.error.issues.every((issue) => issue.code === 'unrecognized_keys'))
    return result;
  const known: unknown = structuredClone(json);
  for (const issue of result.error.issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const owner = issue.path.reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      known,
    );
    if (typeof owner === 'object' && owner !== null)
      for (const key of issue.keys) Reflect.deleteProperty(owner, key);
  }
  return schema.safeParse(known);
}

/** @throws RECORD_VERSION if the record has another schema version, and no fault of its own */
function assertReadableVersion<T>(type: RecordType<T>, json: unknown, path: string): void {
  const got = typeof json === 'object' && json !== null ? Reflect.get(json, 'schemaVersion') : undefined;
  if (!Number.isInteger(got) || got === type.schemaVersion) return;
  const isNewer = Number(got) > type.schemaVersion;
  throw appError('RECORD_VERSION', {
    path,
    record: type.name,
    got: Number(got),
    known: type.schemaVersion,
    writer: isNewer ? 'a newer' : 'an older',
    advice: isNewer
      ? 'Use it with the version that wrote it, or install a newer one: npm install veracity@latest.'
      : 'Use it with the version that wrote it.',
  });
}

/** Writes one record atomically, indented for people. */
export function saveRecord<T>(type: RecordType<T>, path: string, record: T): void {
  writeFileAtomic(path, `${JSON.stringify(type.schema.parse(record), null, 2)}\n`);
}

/** Appends one record as a line of its file. @throws DISK_FULL */
export function appendRecordLine<T>(
  type: RecordType<T>,
  path: string,
  record: T,
  options: { flushed: boolean },
): void {
  appendLine(path, JSON.stringify(type.schema.parse(record)), options);
}

/**
 * The records of a file of lines; none if there is no file. A torn last line is left out.
 * @throws RECORD_INVALID naming the line
 */
export function loadRecordLines<T>(type: RecordType<T>, path: string): T[] {
  return readLines(path).map((line, i) => parseRecord(type, line, `${path}:${i + 1}`));
}

/** Whether parsed JSON is an object of the given schemaVersion: what a migration starts from. */
export function hasSchemaVersion(json: unknown, schemaVersion: number): json is Record<string, unknown> {
  return (
    typeof json === 'object' &&
    json !== null &&
    'schemaVersion' in json &&
    json.schemaVersion === schemaVersion
  );
}
