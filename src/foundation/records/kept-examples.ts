// examples.json of a model folder: a few validation articles that the page offers to try. It is written only where the
// configuration asks for it (register_examples), because everybody who may use the model can then read them.
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { loadRecord, type RecordType, saveRecord } from './record.ts';

const keptExampleSchema = z.strictObject({
  title: z.string(),
  text: z.string(),
  /** Class name. */
  label: z.string(),
  source: z.string().nullable(),
});
export type KeptExample = z.infer<typeof keptExampleSchema>;

const keptExamplesSchema = z.strictObject({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  /** [run id, dataset version]. */
  parents: z.array(z.string()),
  examples: z.array(keptExampleSchema),
});

export const keptExamplesRecord: RecordType<z.infer<typeof keptExamplesSchema>> = {
  name: 'kept examples',
  schemaVersion: 1,
  schema: keptExamplesSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['run-20260101-000000-abcd', 'ds-0123456789ab'],
    examples: [{ title: 'Ferry resumes', text: 'It sailed on Tuesday.', label: 'REAL', source: null }],
  },
};

const KEPT_EXAMPLES_FILE = 'examples.json';

export function saveKeptExamples(
  folder: string,
  examples: Omit<z.infer<typeof keptExamplesSchema>, 'schemaVersion'>,
): void {
  saveRecord(keptExamplesRecord, join(folder, KEPT_EXAMPLES_FILE), { schemaVersion: 1, ...examples });
}

/** The examples in a model folder; none if it keeps none. @throws RECORD_INVALID */
export function loadKeptExamples(folder: string): readonly KeptExample[] {
  const path = join(folder, KEPT_EXAMPLES_FILE);
  return existsSync(path) ? loadRecord(keptExamplesRecord, path).examples : [];
}

/** Copies the examples of a model folder to a copy of the model, if there are any. */
export function copyKeptExamples(from: string, to: string): void {
  const path = join(from, KEPT_EXAMPLES_FILE);
  if (existsSync(path)) copyFileSync(path, join(to, KEPT_EXAMPLES_FILE));
}
