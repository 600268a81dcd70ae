// veracity data list: every dataset version with its size and what comes from it.
import { formatNames } from '../../foundation/core/index.ts';
import { listDatasets } from '../../workflows/storage/index.ts';
import type { Command } from './command.ts';
import { formatSize } from './removal-output.ts';
import { formatTable } from './table.ts';

export const dataListCommand: Command = {
  name: 'data list',
  summary: 'list the dataset versions of this home, newest first',
  argumentsUsage: '',
  options: [],
  examples: ['veracity data list', 'veracity data list --json'],
  run: async (_input, context) => {
    const { datasets, damaged } = await listDatasets(context);
    const rows = datasets.map(({ manifest, sizeBytes, users }) => [
      manifest.id,
      `${manifest.name}${manifest.synthetic ? ' (synthetic)' : ''}`,
      String(manifest.rows.kept),
      formatNames(manifest.classNames),
      formatSize(sizeBytes),
      String(users.length),
      manifest.createdAt.slice(0, 16).replace('T', ' '),
    ]);
    const broken = damaged.map(({ id, code }) => [
      id,
      code === 'RECORD_VERSION' ? 'of another version of Veracity' : `damaged (${code})`,
    ]);
    const headers = ['dataset', 'name', 'articles', 'classes', 'size', 'runs and models', 'prepared'];
    return {
      json: [
        ...datasets.map(({ manifest, sizeBytes, users }) => ({
          id: manifest.id,
          name: manifest.name,
          synthetic: manifest.synthetic,
          classNames: manifest.classNames,
          rows: manifest.rows,
          sizeBytes,
          users,
          createdAt: manifest.createdAt,
        })),
        ...damaged.map(({ id, code, message }) => ({ id, damaged: { code, message } })),
      ],
      text:
        rows.length + broken.length === 0
          ? 'no dataset versions yet; create one with: veracity data prepare'
          : formatTable(headers, [...rows, ...broken]),
    };
  },
};
