// veracity data prepare: makes an immutable dataset version from raw files.
import { type DatasetManifest, splitNames } from '../../foundation/records/index.ts';
import { loadTrainConfig } from '../../workflows/configuration/index.ts';
import {
  buildDatasetWarningAnswer,
  formatFileReading,
  prepareDatasetVersion,
} from '../../workflows/prepare/index.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

export const dataPrepareCommand: Command = {
  name: 'data prepare',
  summary: 'read, clean, de-duplicate and split articles into a dataset version',
  argumentsUsage: '[overrides...]',
  options: [],
  examples: [
    'veracity data prepare',
    'veracity data prepare data=isot data.path=FOLDER',
    'veracity data prepare data=csv data.path=FILE data.columns.text=body data.split.seed=7',
    'veracity data prepare data=file data.path=FILE.parquet data.columns.title=null',
    'veracity data prepare data=huggingface data.path=FOLDER data.split.given=true',
  ],
  run: async ({ args }, context) => {
    const { config } = loadTrainConfig(args, context);
    const { manifest, seconds } = await prepareDatasetVersion(config, context);
    const { train, validation, test } = manifest.splits;
    return {
      json: {
        datasetVersion: manifest.id,
        rows: manifest.rows,
        splits: { train: train.rows, validation: validation.rows, test: test.rows },
        seconds,
        readings: manifest.readings ?? [],
        unusable: manifest.unusable ?? [],
        ...buildDatasetWarningAnswer(manifest.warnings),
      },
      text: formatManifest(manifest),
    };
  },
};

/** Files that the output lists. */
const MAX_READINGS = 8;

function formatManifest(manifest: DatasetManifest): string {
  const { rows } = manifest;
  const cleaned = Object.entries(manifest.cleaning).sort((a, b) => b[1] - a[1]);
  return [
    `dataset version ${manifest.id}${manifest.synthetic ? ' (synthetic articles)' : ''}`,
    ...(manifest.readings ?? []).slice(0, MAX_READINGS).map((reading, i) => {
      return `${i === 0 ? 'files    ' : '         '}${reading.file}: ${formatFileReading(reading)}`;
    }),
    ...((manifest.readings ?? []).length > MAX_READINGS
      ? [`         and ${(manifest.readings ?? []).length - MAX_READINGS} more`]
      : []),
    `rows     ${rows.read} read, ${rows.kept} kept, ${rows.duplicate} copies, ${rows.empty} empty, ${rows.conflicting} with contradicting labels, ${rows.rejected} unusable`,
    `groups   ${manifest.groups} (near-duplicates are one group)`,
    `cleaned  ${cleaned.map(([rule, n]) => `${rule} ${n}`).join(', ') || 'nothing'}`,
    '',
    formatTable(
      ['split', 'rows', ...manifest.classNames],
      splitNames.map((name) => {
        const split = manifest.splits[name];
        return [name, String(split.rows), ...split.perClass.map(String)];
      }),
    ),
  ].join('\n');
}
