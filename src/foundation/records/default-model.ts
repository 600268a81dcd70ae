// The name of the model that is used when none is named. It matters only while versions of several names are in
// production; models/default.jsonl has one line for each choice, and the last one counts.
import { z } from 'zod';
import { modelNamePattern } from './model-version.ts';
import type { RecordType } from './record.ts';

const defaultModelSchema = z.strictObject({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  name: z.string().regex(modelNamePattern),
});
type DefaultModel = z.infer<typeof defaultModelSchema>;

export const defaultModelRecord: RecordType<DefaultModel> = {
  name: 'default model',
  schemaVersion: 1,
  schema: defaultModelSchema,
  example: { schemaVersion: 1, createdAt: '2026-01-01T00:00:00.000Z', name: 'compact' },
};
