// Checks what a training needs beside data: the tokenizer of the configured model, the trackers that runs are sent to, and
// leases of processes that are dead.
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { isAppError, resolveUserPath } from '../../foundation/core/index.ts';
import { isServerAddress } from '../../foundation/records/index.ts';
import { checkMlflowServer } from '../../keeping/exporters/index.ts';
import { parseModelSource } from '../../learning/hub/index.ts';
import { loadPieceEncoder } from '../../text/tokenize/index.ts';
import type { TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { type ToldCheck, tellError, tellOk } from './told-check.ts';

const ANSWER_WITHIN_MS = 5000;

/** Whether the tokenizer of a pretrained model can be read; the Hub is not asked. */
export async function checkTokenizer(
  { model }: Pick<TrainConfig, 'model'>,
  { workingDirectory }: Pick<WorkflowContext, 'workingDirectory'>,
): Promise<ToldCheck> {
  const kind = 'tokenizer';
  if (!('path' in model) || typeof model.path !== 'string')
    return tellOk(kind, `model=${model.kind} makes its own from the data`);
  try {
    const source = parseModelSource(model.path);
    if (source.kind === 'hub')
      return tellOk(kind, `that of ${source.name}, from the Hub when it is first used`);
    const folder = resolveUserPath(workingDirectory, source.path);
    const maxTokens = 'max_length' in model && typeof model.max_length === 'number' ? model.max_length : 256;
    const { vocabularySize } = await loadPieceEncoder(folder, { maxTokens, truncation: 'head' });
    return tellOk(kind, `${source.path}, ${vocabularySize.toLocaleString('en')} pieces`);
  } catch (error) {
    return tellError(kind, error);
  }
}

/** Whether the trackers of the configuration, and the MLflow server of the environment, take runs. */
export async function checkExporters(
  { tracking }: Pick<TrainConfig, 'tracking'>,
  { workingDirectory }: Pick<WorkflowContext, 'workingDirectory'>,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ToldCheck> {
  const kind = 'exporters';
  const named = environment.MLFLOW_TRACKING_URI ?? '';
  const servers = new Set([
    ...tracking.exporters.flatMap((one) => (one.to === 'mlflow' ? [one.url] : [])),
    ...(isServerAddress(named) ? [named] : []),
  ]);
  const found: string[] = [];
  for (const url of servers) {
    try {
      await checkMlflowServer({ url, environment, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      found.push(`MLflow at ${url} takes runs`);
    } catch (error) {
      return tellError(kind, error, { status: 'warn' });
    }
  }
  for (const one of tracking.exporters) {
    if (one.to === 'mlflow') continue;
    const name = one.to === 'wandb' ? 'Weights & Biases' : 'TensorBoard';
    const folder = resolveUserPath(workingDirectory, one.folder);
    if (!isWritable(folder))
      return {
        ...{ kind, status: 'warn' },
        found: `${name}: ${one.folder} cannot be written`,
        advice: `tracking.exporters: set another folder; or chown it: sudo chown "$USER" ${one.folder}`,
      };
    found.push(`${name} in ${one.folder}`);
  }
  return tellOk(kind, found.length === 0 ? 'none configured' : found.join(', '));
}

function isWritable(folder: string): boolean {
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  try {
    accessSync(at, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether processes that are dead or silent still hold trials or sweeps. */
export async function checkLeases({ stores }: Pick<WorkflowContext, 'stores'>): Promise<ToldCheck> {
  const kind = 'leases';
  try {
    const lost = await stores.sweeps.findLostTrials();
    const [first] = lost;
    if (first !== undefined)
      return {
        ...{ kind, status: 'warn' },
        found: `${lost.length === 1 ? `trial ${first.number} of ${first.parents[0]} is` : `${lost.length} trials are`} held by a worker that is dead or silent (${first.worker ?? 'unknown'})`,
        advice: 'veracity doctor --fix gives them to the next worker',
      };
    const sweeps = (await stores.sweeps.list()).filter(({ status }) => status === 'interrupted');
    const [sweep] = sweeps;
    if (sweep !== undefined)
      return {
        ...{ kind, status: 'warn' },
        found: `${sweeps.length === 1 ? `sweep ${sweep.sweep.id} was` : `${sweeps.length} sweeps were`} left by a process that is dead`,
        advice: `veracity sweep --resume ${sweep.sweep.id}`,
      };
    return tellOk(kind, 'none of a dead process');
  } catch (error) {
    if (!isAppError(error)) throw error;
    return tellError(kind, error);
  }
}

/** Frees the trials of dead workers, and offers them again where a queue is shared. @returns what was done */
export async function freeLeases({ stores }: Pick<WorkflowContext, 'stores'>): Promise<string> {
  const freed = await stores.sweeps.freeLostTrials({ countsDeath: true });
  const { trialQueue } = stores;
  for (const { parents, number } of freed)
    await trialQueue?.putBack({ sweepId: parents[0]!, number }, 'its worker does not answer');
  return `${freed.length} ${freed.length === 1 ? 'trial is' : 'trials are'} free again`;
}
