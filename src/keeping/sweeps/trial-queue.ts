// The queue of trials that workers on any machine take from: pg-boss in PostgreSQL. It hands a trial to one worker at a time
// and offers it again when its worker fails. Which result counts is not decided here but by the lease of the trial
// (sweep-store.ts), so a job that is handed out twice does no harm.
import { appError, hashSha256, isAppError } from '../../foundation/core/index.ts';

export interface QueuedTrial {
  readonly sweepId: string;
  readonly number: number;
}

export interface TrialQueue {
  /** Sees that a free trial is in the queue. */
  offer(trial: QueuedTrial): Promise<void>;
  /** The next trial; null: the queue is empty. It stays with the caller until it is ended or returned. */
  take(): Promise<QueuedTrial | null>;
  /** The trial has a result. */
  end(trial: QueuedTrial): Promise<void>;
  /** Offers the trial again: its worker has stopped, or is lost. */
  putBack(trial: QueuedTrial, why: string): Promise<void>;
  close(): Promise<void>;
}

const SCHEMA = 'veracity_queue';
const QUEUE = 'trials';
/** How long pg-boss waits for a job, at most; the leases of the trials notice a lost worker long before. */
const EXPIRE_SECONDS = 23 * 3600;
/** A trial that fails is not retried as a job: only lost and stopped workers lead to another try. */
const RETRIES = 10_000;
const KEEP_DAYS = 365;

type Boss = import('pg-boss');

/**
 * Opens the queue at the first use.
 * @param address  of the database, as in VERACITY_DB
 * @param onError  receives failures of the background work of pg-boss
 */
export function createTrialQueue(address: string, onError: (error: unknown) => void = () => {}): TrialQueue {
  let opened: Promise<Boss> | null = null;
  const open = (): Promise<Boss> => {
    opened ??= start(address, onError).catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };
  const send = async (boss: Boss, trial: QueuedTrial): Promise<boolean> =>
    (await boss.send(QUEUE, trial, { id: jobIdOf(trial) })) !== null;

  const offer = async (trial: QueuedTrial): Promise<void> => {
    const boss = await open();
    if (await send(boss, trial)) return;
    const job = await boss.getJobById(QUEUE, jobIdOf(trial));
    if (job === null || !['completed', 'failed', 'cancelled'].includes(job.state)) return;
    await boss.deleteJob(QUEUE, jobIdOf(trial));
    await send(boss, trial);
  };
  return nameFailures({
    offer,
    take: async () => {
      const [job] = await (await open()).fetch<QueuedTrial>(QUEUE, { batchSize: 1 });
      return job?.data ?? null;
    },
    end: async (trial) => (await open()).complete(QUEUE, jobIdOf(trial)),
    putBack: async (trial, why) => {
      await (await open()).fail(QUEUE, jobIdOf(trial), { why });
      await offer(trial);
    },
    close: async () => {
      const boss = await opened;
      opened = null;
      await boss?.stop({ graceful: false, wait: true });
    },
  });
}

/** Failures of pg-boss as errors of the catalogue. */
function nameFailures(queue: TrialQueue): TrialQueue {
  const named = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      throw asQueueError(error);
    }
  };
  return {
    offer: (trial) => named(queue.offer(trial)),
    take: () => named(queue.take()),
    end: (trial) => named(queue.end(trial)),
    putBack: (trial, why) => named(queue.putBack(trial, why)),
    close: () => named(queue.close()),
  };
}

function asQueueError(error: unknown): unknown {
  if (isAppError(error)) return error;
  const problem = error instanceof Error ? error.message.split('\n')[0]! : 'unknown';
  return appError('QUEUE_UNAVAILABLE', { problem }, { cause: error });
}

async function start(address: string, onError: (error: unknown) => void): Promise<Boss> {
  const { default: PgBoss } = await import('pg-boss');
  const boss = new PgBoss({ connectionString: address, schema: SCHEMA, max: 2, schedule: false });
  boss.on('error', onError);
  try {
    await boss.start();
    await boss.createQueue(QUEUE, {
      name: QUEUE,
      policy: 'standard',
      retryLimit: RETRIES,
      retryDelay: 0,
      expireInSeconds: EXPIRE_SECONDS,
      retentionDays: KEEP_DAYS,
    });
    return boss;
  } catch (error) {
    throw asQueueError(error);
  }
}

/** A trial has one job, named after it, as a UUID. */
function jobIdOf({ sweepId, number }: QueuedTrial): string {
  const hex = hashSha256(`${sweepId}/${number}`);
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
