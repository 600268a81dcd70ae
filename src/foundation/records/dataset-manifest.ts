// A dataset version: an immutable manifest naming its blobs by md5 (DVC's cache layout). `id` is the content hash
// of everything but `createdAt`, file paths and other things that differ between machines. Version 1 had no warnings.
import { z } from 'zod';
import { datasetWarningSchema, rowPlaceSchema } from './dataset-warning.ts';
import { fileReadingSchema } from './file-reading.ts';
import { leakCheckSchema } from './leak-check.ts';
import { hasSchemaVersion, type RecordType } from './record.ts';

const md5 = z.string().regex(/^[0-9a-f]{32}$/);
const blob = z.strictObject({ md5, sizeBytes: z.int().min(0) });

const splitSchema = blob.extend({
  rows: z.int().min(0),
  /** Rows by class, in the order of classNames. */
  perClass: z.array(z.int().min(0)),
});

export const splitNames = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

export const datasetManifestSchema = z.strictObject({
  schemaVersion: z.literal(2),
  id: z.string().regex(/^ds-[0-9a-f]{12}$/),
  createdAt: z.string(),
  parents: z.array(z.string()),
  /** The configured name, e.g. isot. */
  name: z.string(),
  /** True for invented articles; shown wherever the dataset's name is shown. */
  synthetic: z.boolean(),
  classNames: z.array(z.string()).min(2),
  /** The raw files, by base name. */
  files: z.array(
    blob.extend({
      name: z.string(),
      edition: z.string().nullable(),
      /** Where it lay below the working directory when this version was first prepared; absent: elsewhere. Not part of the id. */
      path: z.string().optional(),
      /** Not part of the id; absent from what earlier versions of the program wrote. */
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
    }),
  ),
  /** The resolved `data` configuration that shaped the content (no paths). */
  config: z.record(z.string(), z.unknown()),
  rows: z.strictObject({
    read: z.int(),
    kept: z.int(),
    rejected: z.int(),
    empty: z.int(),
    /** Rows whose cleaned title and text equal an earlier row's. Near duplicates stay, grouped. */
    duplicate: z.int(),
    /** Rows whose text, or one nearly the same, stands under more than one label; set aside. */
    conflicting: z.int(),
  }),
  /** How many articles each cleaning rule changed, by rule name. */
  cleaning: z.record(z.string(), z.int()),
  groups: z.int(),
  splits: z.strictObject({ train: splitSchema, validation: splitSchema, test: splitSchema }),
  /** Rejected rows as JSONL {file, line, reason}; null when there were none. */
  rejects: blob.nullable(),
  /** Conflicting rows as JSONL; null when there were none. */
  conflicts: blob.nullable(),
  /** What a person should look at before training. */
  warnings: z.array(datasetWarningSchema),
  /** How each file was read; not part of the id, since files and configuration are. Absent: an earlier version wrote it. */
  readings: z.array(fileReadingSchema).optional(),
  /** What gives the label away; not part of the id, except an accepted reason, which is in `config`. Absent: not checked. */
  leakCheck: leakCheckSchema.optional(),
  /** Why rows are unusable; not part of the id, since `rejects` is. Absent: there are none, or an earlier version wrote it. */
  unusable: z
    .array(
      z.strictObject({
        /** Code of the reason. */
        reason: z.string(),
        /** The reason in words. */
        words: z.string(),
        rows: z.int(),
        /** The first of these rows. */
        examples: z.array(rowPlaceSchema),
      }),
    )
    .optional(),
});

export type DatasetManifest = z.infer<typeof datasetManifestSchema>;

const exampleSplit = {
  md5: 'd41d8cd98f00b204e9800998ecf8427e',
  sizeBytes: 0,
  rows: 4,
  perClass: [2, 2],
};

export const datasetManifestRecord: RecordType<DatasetManifest> = {
  name: 'dataset manifest',
  schemaVersion: 2,
  schema: datasetManifestSchema,
  migrate: (json) => (hasSchemaVersion(json, 1) ? { ...json, schemaVersion: 2, warnings: [] } : json),
  example: {
    schemaVersion: 2,
    id: 'ds-0123456789ab',
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: [],
    name: 'sample',
    synthetic: true,
    classNames: ['FAKE', 'REAL'],
    files: [{ name: 'articles.jsonl', md5: exampleSplit.md5, sizeBytes: 0, edition: null }],
    config: { strip: true },
    rows: { read: 12, kept: 12, rejected: 0, empty: 0, duplicate: 0, conflicting: 0 },
    cleaning: { dateline: 1 },
    groups: 12,
    splits: { train: exampleSplit, validation: exampleSplit, test: exampleSplit },
    rejects: null,
    conflicts: null,
    warnings: [],
  },
};
