// What to do when a version cannot be compared with the one in production: the commands that make it possible with what is
// in this home, or that nothing does.
import { type AppError, appError } from '../../foundation/core/index.ts';
import type { SplitName } from '../../foundation/records/index.ts';
import { listWaysToCompare, type RegisteredModel } from '../../keeping/registry/index.ts';
import type { WorkflowContext } from '../context/index.ts';

/** The refusal PROMOTION_NOT_COMPARABLE with a hint that leads on. */
export async function adviseComparison(refusal: AppError, context: WorkflowContext): Promise<AppError> {
  const { candidate, production } = refusal.details;
  const how = await advise(refusal.details.reason, String(candidate), String(production), context);
  return appError('PROMOTION_NOT_COMPARABLE', { ...refusal.details, ...how });
}

/** Parts of the hint; each is short enough to be shown whole. */
interface Advice {
  readonly how: string;
  readonly first?: string;
  readonly second?: string;
}

async function advise(
  reason: unknown,
  candidate: string,
  production: string,
  { stores: { registry, datasets } }: WorkflowContext,
): Promise<Advice> {
  if (reason === 'PRODUCTION_DAMAGED')
    return { how: `Restore ${production}: veracity models show ${production}` };
  if (reason === 'DIFFERENT_CLASSES')
    return {
      how: 'Clients of this name know other classes: register it under a name of its own (register=NAME).',
    };
  const [ours, theirs] = [await registry.resolve(candidate), await registry.resolve(production)];
  const ways = listWaysToCompare(toCompared(ours), toCompared(theirs));
  for (const way of ways) {
    const { dataset } = way[0]!;
    if (!(await datasets.has(dataset))) continue;
    const { splits } = await datasets.load(dataset);
    const choose = (split: SplitName): SplitName => (splits[split].rows > 0 ? split : 'validation');
    const [first = '', second] = way.map(
      ({ model, split }) => `veracity evaluate model=${model} dataset=${dataset} split=${choose(split)}`,
    );
    return {
      how: 'Measure this, then promote again: ',
      first,
      second: second === undefined ? '.' : ` and ${second}.`,
    };
  }
  const like = `the data and split settings of ${production} (veracity runs show ${theirs.info.runId})`;
  if (ways.length === 0)
    return {
      how: 'Each was trained on test articles of the other, so no evaluation helps: ',
      first: `train again with ${like}.`,
    };
  const missing = [...new Set(ways.map((way) => way[0]!.dataset))].join(' and ');
  return {
    how: `The test articles (${missing}) are not in this home: `,
    first: `copy that dataset here, or prepare it with ${like}.`,
  };
}

function toCompared({ reference, info, evaluations }: RegisteredModel) {
  return { reference, classNames: info.classNames, datasetVersion: info.datasetVersion, evaluations };
}
