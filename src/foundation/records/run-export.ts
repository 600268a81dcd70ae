// How far a run is exported to one destination, as JSON in the folder of the run: what the next export starts from, and why
// the last one failed.
import { z } from 'zod';
import type { RecordType } from './record.ts';

/** Credentials come from the environment, so that they are kept nowhere. */
const serverAddressSchema = z
  .string()
  .refine(isServerAddress, 'an http or https address without a user name or password');

/** A program that runs are exported to, and where. Folders are absolute. */
export const exportDestinationSchema = z.discriminatedUnion('to', [
  z.strictObject({ to: z.literal('mlflow'), url: serverAddressSchema, experiment: z.string().min(1) }),
  z.strictObject({ to: z.literal('tensorboard'), folder: z.string() }),
  z.strictObject({ to: z.literal('wandb'), folder: z.string(), project: z.string() }),
]);
export type ExportDestination = z.infer<typeof exportDestinationSchema>;

const seriesReachSchema = z.record(z.string(), z.strictObject({ step: z.int(), count: z.int() }));

export const runExportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** When it was last written. */
  createdAt: z.string(),
  /** [run id]. */
  parents: z.array(z.string()),
  destination: exportDestinationSchema,
  /** How often the run had been started or resumed. */
  attempts: z.int().min(0),
  /** The last step that was sent; 0: none. */
  step: z.int().min(0),
  /** The last step and the number of points that were sent, by metric, text and histogram. */
  metrics: seriesReachSchema,
  texts: seriesReachSchema,
  histograms: seriesReachSchema,
  /** Names and digests of the artifacts that were sent. */
  artifacts: z.array(z.string()),
  /** Digest of all that was sent beside points. */
  factsDigest: z.string(),
  /** Status of the run when it was last sent. */
  status: z.enum(['running', 'finished', 'stopped', 'failed', 'interrupted']),
  /** What the exporter needs for its next export; null: nothing was sent yet. */
  state: z.record(z.string(), z.unknown()).nullable(),
  /** Why the last export failed; null: it did not. */
  failure: z.strictObject({ at: z.string(), code: z.string(), message: z.string() }).nullable(),
});
export type RunExport = z.infer<typeof runExportSchema>;

export const runExportRecord: RecordType<RunExport> = {
  name: 'run export',
  schemaVersion: 1,
  schema: runExportSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['run-20260101-000000-abcd'],
    destination: { to: 'tensorboard', folder: '/data/tensorboard' },
    attempts: 1,
    step: 10,
    metrics: { train_loss: { step: 10, count: 10 } },
    texts: {},
    histograms: {},
    artifacts: [],
    factsDigest: '0123456789abcdef',
    status: 'running',
    state: { file: 'run-20260101-000000-abcd/events.out.tfevents.1767225600.veracity', sizeBytes: 4096 },
    failure: null,
  },
};

/** An http or https address without a user name or password. */
export function isServerAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}
