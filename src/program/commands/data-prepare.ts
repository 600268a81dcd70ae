// veracity data prepare: makes an immutable dataset version from raw files.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DatasetManifest, splitNames } from '../../foundation/records/index.ts';
import { loadTrainConfig } from '../../workflows/configuration/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import {
  buildDatasetWarningAnswer,
  formatFileReading,
  prepareDatasetVersion,
} from '../../workflows/prepare/index.ts';
import { assertStage, recordPreparation } from '../../workflows/versioning/index.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

export const dataPrepareCommand: Command = {
  name: 'data prepare',
  summary: 'read, clean, de-duplicate and split articles into a dataset version',
  argumentsUsage: '[overrides...]',
  options: [
    {
      flags: '--stage <name>',
      description: "also record it as a stage of DVC's pipeline, in dvc.yaml and dvc.lock",
    },
  ],
  examples: [
    'veracity data prepare',
    'veracity data prepare data=isot data.path=FOLDER',
    'veracity data prepare data=csv data.path=FILE data.columns.text=body data.split.seed=7',
    'veracity data prepare data=file data.path=FILE.parquet data.columns.title=null',
    'veracity data prepare data=huggingface data.path=FOLDER data.split.given=true',
    'veracity data prepare data=csv data.path=data/articles.csv --stage prepare',
  ],
  run: async ({ args, options: { stage } }, context) => {
    const { config, origins } = loadTrainConfig(args, context);
    if (typeof stage === 'string') assertStage(stage, context);
    const { manifest, seconds } = await prepareDatasetVersion(config, context);
    const stageFiles =
      typeof stage === 'string'
        ? await recordPreparation(
            {
              name: stage,
              args,
              dataPath: config.data.kind === 'sample' ? null : config.data.path,
              settings: config.data,
              settingFiles: listSettingFiles(origins, context),
              result: describeDataset(manifest),
            },
            context,
          )
        : null;
    if (stageFiles !== null) context.say(`wrote the stage ${String(stage)}: ${stageFiles.join(', ')}`);
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
        ...(stageFiles === null ? {} : { stage, stageFiles }),
      },
      text: formatManifest(manifest),
    };
  },
};

/** Files that the output lists. */
const MAX_READINGS = 8;

/** What of a dataset version is the same on every machine. */
function describeDataset({
  id,
  name,
  classNames,
  files,
  rows,
  splits,
}: DatasetManifest): Record<string, unknown> {
  return { schemaVersion: 1, datasetVersion: id, name, classNames, files, rows, splits };
}

/** The user's own files that settings of the data came from. */
function listSettingFiles(
  origins: Readonly<Record<string, string>>,
  { workingDirectory }: WorkflowContext,
): string[] {
  const files = Object.entries(origins).flatMap(([key, origin]) => {
    const file = /^(.+\.ya?ml):\d+$/.exec(origin)?.[1];
    return file !== undefined && key.startsWith('data.') ? [file] : [];
  });
  return [...new Set(files)].filter((file) => existsSync(join(workingDirectory, file)));
}

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
