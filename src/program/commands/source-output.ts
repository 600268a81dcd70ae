// `data pull NAME`: the files of a known dataset, as a result of the command.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatMegabytes } from '../../foundation/core/index.ts';
import { isDataSource } from '../../workflows/configuration/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import { pullSource } from '../../workflows/sources/index.ts';
import type { CommandResult } from './command.ts';

/** Whether arguments name a source of configs/source, with overrides after it. A path or a pointer of that name comes first. */
export function namesSource([name, ...rest]: readonly string[], context: WorkflowContext): boolean {
  if (name === undefined || /[\\/.]/.test(name) || !rest.every((word) => word.includes('='))) return false;
  const path = resolve(context.workingDirectory, name);
  return !existsSync(path) && !existsSync(`${path}.dvc`) && isDataSource(name, context);
}

/** Fetches the source that `namesSource` has found. */
export async function pullNamedSource(
  [name, ...overrides]: readonly string[],
  context: WorkflowContext,
): Promise<CommandResult> {
  const pulled = await pullSource(name ?? '', overrides, context);
  const { folder, files, seconds, next } = pulled;
  const lines = files.map(
    (file) =>
      `${file.name}  ${formatMegabytes(file.sizeBytes)}  md5 ${file.md5}  ${file.fetched ? 'fetched' : 'was there'}`,
  );
  const text = [...lines, `${folder} (${seconds} s)`, ...(next === null ? [] : [`next: ${next}`])].join('\n');
  return { json: pulled, text };
}
