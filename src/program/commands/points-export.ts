// The form of `runs export` that writes points: --to csv or jsonl, to a file or to standard output.
import { resolve } from 'node:path';
import { appError, expandHome } from '../../foundation/core/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import {
  formatPointLines,
  listRuns,
  POINT_FORMATS,
  type PointFormat,
  type PointRequest,
  writePointFile,
} from '../../workflows/runs/index.ts';
import type { CommandInput, CommandResult } from './command.ts';

/** The format that --to names; undefined if it names a tracker or nothing. */
export function findPointFormat({ options }: CommandInput): PointFormat | undefined {
  return POINT_FORMATS.find((format) => format === options.to);
}

export async function exportPoints(
  input: CommandInput,
  format: PointFormat,
  context: WorkflowContext,
): Promise<CommandResult> {
  const request = await readRequest(input, context);
  const { out } = input.options;
  if (typeof out === 'string') {
    const path = resolve(context.workingDirectory, expandHome(out));
    const points = await writePointFile(path, request, format, context);
    return {
      json: { runs: request.ids, points, path },
      text: `${points.toLocaleString('en')} points in ${path}`,
    };
  }
  let text = '';
  for await (const line of formatPointLines(request, format, context)) text += line;
  return { json: { runs: request.ids, lines: text.split('\n').slice(0, -1) }, text: text.replace(/\n$/, '') };
}

async function readRequest({ args, options }: CommandInput, context: WorkflowContext): Promise<PointRequest> {
  for (const name of ['url', 'experiment'])
    if (options[name] !== undefined)
      throw appError('USAGE', {
        where: 'runs export',
        problem: `--${name} is for a tracker, got it with ${String(options.to)}`,
        hint: 'Leave it out.',
      });
  const found =
    typeof options.where === 'string' ? (await listRuns(context, { where: options.where })).runs : [];
  const ids = [...new Set([...args, ...found.map(({ id }) => id)])];
  if (ids.length === 0 && options.where === undefined)
    throw appError('USAGE', {
      where: 'runs export',
      problem: 'expected run ids or --where, got neither',
      hint: 'List the ids with: veracity runs list',
    });
  for (const id of ids) await context.stores.runs.status(id); // each must be there
  const metrics = Array.isArray(options.metric) && options.metric.length > 0 ? options.metric : undefined;
  return {
    ids,
    includeHidden: options.hidden === true,
    ...(metrics === undefined ? {} : { metrics }),
  };
}
