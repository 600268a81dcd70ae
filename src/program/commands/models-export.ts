// veracity models export: writes a smaller copy of a trained model, into a folder or as a version of its own.
import { basename } from 'node:path';
import { appError, formatMegabytes, resolveUserPath } from '../../foundation/core/index.ts';
import { modelNamePattern, type Precision, precisionNames } from '../../foundation/records/index.ts';
import { loadTrainConfig } from '../../workflows/configuration/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import {
  type ExportRequest,
  type ExportResult,
  exportModel,
  measureFolder,
} from '../../workflows/export/index.ts';
import type { Command, CommandInput } from './command.ts';
import { readModelArgument } from './model-argument.ts';

export const modelsExportCommand: Command = {
  name: 'models export',
  summary: 'write a smaller copy of a model: half or 8-bit weights, fewer attention heads',
  argumentsUsage: '<model>',
  options: [
    {
      flags: '--precision <precision>',
      description: 'fp32, fp16 (half the size, same speed) or int8 (a quarter, faster)',
      values: precisionNames,
    },
    {
      flags: '--prune <heads=share>',
      description: 'prune the least important attention heads; heads=0.25 prunes a quarter',
    },
    { flags: '--out <folder>', description: 'folder to make; default MODEL-PRECISION, unless --register' },
    {
      flags: '--register [name]',
      description: "register it as a new version, under the model's name or this one",
    },
  ],
  examples: [
    'veracity models export sample@1 --precision int8 --register',
    'veracity models export sample --precision fp16 --out sample-half',
    'veracity models export complaints@2 --precision int8 --prune heads=0.25 --register small',
  ],
  run: async (input, context) => {
    const request = parseRequest(input, context);
    const result = await exportModel(request, context);
    const sizeBytes = measureFolder(result.path);
    const { info, evaluations, modelVersion, path } = result;
    return {
      json: {
        path,
        modelVersion,
        precision: info.precision ?? 'fp32',
        prunedHeads: info.prunedHeads ?? null,
        parameterCount: info.parameterCount,
        sizeBytes,
        agreement: info.exportCheck,
        test: evaluations[0]?.metrics ?? null,
        warnings: [],
        warningFacts: [],
      },
      text: formatResult(result, sizeBytes),
    };
  },
};

function parseRequest(input: CommandInput, context: WorkflowContext): ExportRequest {
  const model = readModelArgument('models export', input);
  const { precision: requested, prune, out, register } = input.options;
  const precision = precisionNames.find((name) => name === (requested ?? 'fp32'));
  if (precision === undefined)
    throw usage(`expected --precision ${precisionNames.join(', ')}, got ${requested}`);
  const name = register === true ? nameOf(model) : typeof register === 'string' ? register : null;
  if (name !== null && !modelNamePattern.test(name)) {
    const problem = `expected --register NAME for a run or a folder, got ${name}`;
    throw usage(problem);
  }
  const pruneHeads = typeof prune === 'string' ? parseShare(prune) : 0;
  const folder = typeof out === 'string' ? out : name === null ? defaultFolder(model, precision) : null;
  return {
    model,
    precision,
    pruneHeads,
    out: folder === null ? null : resolveUserPath(context.workingDirectory, folder),
    register: name,
    config: loadTrainConfig([], context).config,
  };
}

/** NAME of NAME@VERSION; empty for a run, which has no name. */
function nameOf(model: string): string {
  return model.startsWith('run-') ? '' : model.split('@')[0]!;
}

function defaultFolder(model: string, precision: Precision): string {
  return `${basename(model).replace('@', '-')}-${precision}`;
}

/** @throws USAGE */
function parseShare(text: string): number {
  const [, digits] = /^heads=(0?\.\d+|0)$/.exec(text) ?? [];
  if (digits === undefined) throw usage(`expected --prune heads=SHARE with a share below 1, got ${text}`);
  return Number(digits);
}

function usage(problem: string): Error {
  const hint = 'For example: veracity models export sample@1 --precision int8 --register';
  return appError('USAGE', { where: 'models export', problem, hint });
}

function formatResult({ path, modelVersion, info, evaluations }: ExportResult, sizeBytes: number): string {
  const { agreement = 1, articles } = info.exportCheck;
  const cut = info.prunedHeads?.reduce((sum, heads) => sum + heads.length, 0) ?? 0;
  const report = evaluations[0];
  const accuracy = (value: number): string => value.toFixed(4);
  return [
    `${modelVersion ?? path}: ${info.precision}, ${formatMegabytes(sizeBytes)}${cut === 0 ? '' : `, ${cut} heads cut`}`,
    `same label as the original on ${(100 * agreement).toFixed(1)}% of ${articles} articles`,
    ...(report === undefined
      ? []
      : [
          `${report.collection}: accuracy ${accuracy(report.metrics.accuracy)} [${report.intervals.accuracy.map(accuracy).join(', ')}], ECE ${accuracy(report.metrics.ece)}`,
        ]),
    ...(modelVersion === null ? [] : [`in ${path}`]),
  ].join('\n');
}
