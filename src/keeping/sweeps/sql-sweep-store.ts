// Sweeps in a database, the same for SQLite and PostgreSQL. A row of `trials` holds the trial's record as JSON, with the
// columns by which statements choose. Every write is one statement that names the revision it has read, so that no
// transaction is needed: of two writers one finds that the row has changed, and looks again.
import { randomBytes } from 'node:crypto';
import type { Compilable, Selectable } from 'kysely';
import {
  appError,
  type Clock,
  canonicalJson,
  createDatedId,
  currentHolder,
  formatHolder,
  hashSha256,
  type LeaseHolder,
  mayHolderLive,
} from '../../foundation/core/index.ts';
import {
  parseRecord,
  type Sweep,
  type SweepDefinition,
  type SweepStatus,
  sweepRecord,
  type Trial,
  trialRecord,
} from '../../foundation/records/index.ts';
import type { Database, Tables } from '../database/index.ts';
import type {
  LostTrials,
  NewTrial,
  SweepLease,
  SweepStore,
  SweepSummary,
  TrialLease,
  TrialResult,
  TrialTask,
} from './sweep-store.ts';

type SweepTable = Tables['sweeps'];
type TrialTable = Tables['trials'];

/** Who holds a sweep or a trial, and until when; kept as JSON. */
interface Holder extends LeaseHolder {
  readonly token: string;
  readonly expiresMs: number;
  readonly since: string;
}

/** How long the process that proposes may be silent. */
const SWEEP_LEASE_SECONDS = 30;
const MAX_TRIES = 100;

type SweepDatabase = Pick<Database, 'connect' | 'nowMs' | 'writeAll'>;

/** Opens the sweeps of a database. */
export function createSqlSweepStore(database: SweepDatabase, clock: Clock): SweepStore {
  return new SqlSweepStore(database, clock);
}

class SqlSweepStore implements SweepStore {
  readonly #database: SweepDatabase;
  readonly #clock: Clock;

  constructor(database: SweepDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async create(definition: SweepDefinition): Promise<Sweep> {
    const createdAt = this.#clock.nowIso();
    const parents = definition.datasetVersion === null ? [] : [definition.datasetVersion];
    for (;;) {
      const sweep: Sweep = {
        schemaVersion: 1,
        id: createDatedId('sweep', createdAt),
        createdAt,
        parents,
        definition,
      };
      const row = {
        id: sweep.id,
        created_at: createdAt,
        record: JSON.stringify(sweepRecord.schema.parse(sweep)),
      };
      const query = (await this.#database.connect())
        .insertInto('sweeps')
        .values({ ...row, status: 'running', reason: null, seconds: 0, lease: null })
        .onConflict((conflict) => conflict.doNothing());
      if (await this.#writeRow(query)) return sweep;
    }
  }

  async load(id: string): Promise<Sweep> {
    return readSweep(await this.#sweepRow(id));
  }

  async summarize(id: string): Promise<SweepSummary> {
    return this.#summary(await this.#sweepRow(id), await this.#countStates(id), await this.#database.nowMs());
  }

  async list(): Promise<SweepSummary[]> {
    const rows = await (await this.#database.connect())
      .selectFrom('sweeps')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .execute();
    const counts = await this.#countStates();
    const nowMs = await this.#database.nowMs();
    return rows.map((row) => this.#summary(row, counts, nowMs));
  }

  async claim(id: string): Promise<SweepLease> {
    const row = await this.#sweepRow(id);
    const nowMs = await this.#database.nowMs();
    const holder = this.#newHolder(SWEEP_LEASE_SECONDS, nowMs);
    if (!isHeld(row.lease, nowMs)) {
      const query = (await this.#database.connect())
        .updateTable('sweeps')
        .set({ lease: JSON.stringify(holder), status: 'running', reason: null })
        .where('id', '=', id)
        .where('lease', row.lease === null ? 'is' : '=', row.lease);
      if (await this.#writeRow(query)) return this.#sweepLease(id, holder);
    }
    const current = parseHolder((await this.#sweepRow(id)).lease);
    throw appError('SWEEP_ACTIVE', { sweep: id, holder: formatTrialHolder(current) });
  }

  async delete(id: string): Promise<void> {
    const { lease } = await this.#sweepRow(id);
    const db = await this.#database.connect();
    const nowMs = await this.#database.nowMs();
    const trials = await db
      .selectFrom('trials')
      .select(['number', 'lease', 'revision'])
      .where('sweep_id', '=', id)
      .execute();
    const held = [lease, ...trials.map((trial) => trial.lease)].find((text) => isHeld(text, nowMs));
    if (held !== undefined)
      throw appError('SWEEP_ACTIVE', { sweep: id, holder: formatTrialHolder(parseHolder(held)) });
    // Only as it was read: who has begun to work on it since then keeps it.
    const done = await this.#database.writeAll([
      {
        query: db
          .deleteFrom('sweeps')
          .where('id', '=', id)
          .where('lease', lease === null ? 'is' : '=', lease),
        expectedRows: 1,
      },
      ...trials.map(({ number, revision }) => ({
        query: db
          .deleteFrom('trials')
          .where('sweep_id', '=', id)
          .where('number', '=', number)
          .where('revision', '=', revision),
        expectedRows: 1,
      })),
    ]);
    if (!done) throw appError('SWEEP_ACTIVE', { sweep: id, holder: 'another process' });
  }

  async listTrials(id: string): Promise<Trial[]> {
    await this.#sweepRow(id);
    const rows = await (await this.#database.connect())
      .selectFrom('trials')
      .select(['record'])
      .where('sweep_id', '=', id)
      .orderBy('number')
      .execute();
    return rows.map(({ record }) => readTrial(id, record));
  }

  async loadTrial(id: string, number: number): Promise<Trial> {
    return readTrial(id, (await this.#trialRow(id, number)).record);
  }

  async loadTask(id: string, number: number): Promise<TrialTask> {
    return JSON.parse((await this.#trialRow(id, number)).task) as TrialTask;
  }

  async addTrial(id: string, trial: NewTrial, known: number): Promise<Trial | null> {
    await this.#sweepRow(id);
    const { parameters, repeats, seed, task } = trial;
    const record: Trial = {
      schemaVersion: 1,
      createdAt: this.#clock.nowIso(),
      parents: [id],
      ...{
        number: known,
        parameters,
        repeats,
        seed,
        state: 'proposed',
        runId: null,
        value: null,
        reports: [],
      },
      ...{ attempts: 0, deaths: 0, failure: null, startedAt: null, endedAt: null, worker: null },
    };
    const row = {
      ...{ sweep_id: id, number: known, identity: hashSha256(canonicalJson({ parameters, seed })) },
      ...{ state: 'proposed', record: JSON.stringify(trialRecord.schema.parse(record)) },
      ...{ task: JSON.stringify(task), lease: null, revision: 0 },
    };
    const query = (await this.#database.connect())
      .insertInto('trials')
      .values(row)
      .onConflict((conflict) => conflict.doNothing());
    return (await this.#writeRow(query)) ? record : null;
  }

  async claimTrial(id: string, number: number): Promise<TrialLease | null> {
    const { leaseSeconds } = (await this.load(id)).definition;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const row = await this.#trialRow(id, number);
      const trial = readTrial(id, row.record);
      const nowMs = await this.#database.nowMs();
      if (isEnded(trial) || isHeld(row.lease, nowMs)) return null;
      const holder = this.#newHolder(leaseSeconds, nowMs);
      const begun: Trial = {
        ...trial,
        state: 'running',
        attempts: trial.attempts + 1,
        startedAt: trial.startedAt ?? this.#clock.nowIso(),
        worker: formatTrialHolder(holder),
      };
      if (await this.#writeTrial(row, begun, holder))
        return this.#trialLease(id, number, holder, leaseSeconds);
    }
    return null;
  }

  async adoptTrial(id: string, number: number, token: string): Promise<TrialLease> {
    const { leaseSeconds } = (await this.load(id)).definition;
    const holder = { ...this.#newHolder(leaseSeconds, 0), token };
    const lease = this.#trialLease(id, number, holder, leaseSeconds);
    await lease.renew();
    return lease;
  }

  async freeLostTrials({ sweepId: id, except = [], countsDeath = false }: LostTrials = {}): Promise<Trial[]> {
    const freed: Trial[] = [];
    for (const row of await this.#lostTrialRows(id)) {
      if (except.includes(Number(row.number))) continue;
      const trial = readTrial(row.sweep_id, row.record);
      const free: Trial = { ...trial, state: 'proposed', deaths: trial.deaths + (countsDeath ? 1 : 0) };
      if (await this.#writeTrial(row, free, null)) freed.push(free);
    }
    return freed;
  }

  async findLostTrials(): Promise<Trial[]> {
    return (await this.#lostTrialRows()).map((row) => readTrial(row.sweep_id, row.record));
  }

  async #lostTrialRows(id?: string) {
    const rows = await (await this.#database.connect())
      .selectFrom('trials')
      .selectAll()
      .where('state', '=', 'running')
      .$if(id !== undefined, (query) => query.where('sweep_id', '=', id!))
      .execute();
    const nowMs = await this.#database.nowMs();
    return rows.filter((row) => !isHeld(row.lease, nowMs));
  }

  #trialLease(id: string, number: number, first: Holder, leaseSeconds: number): TrialLease {
    let holder = first;
    /** @throws TRIAL_LEASE_LOST */
    const change = async (build: (trial: Trial) => Trial, isHeldAfter = true): Promise<void> => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const row = await this.#trialRow(id, number);
        const trial = readTrial(id, row.record);
        const current = parseHolder(row.lease);
        if (current?.token !== holder.token || isEnded(trial))
          throw appError('TRIAL_LEASE_LOST', {
            sweep: id,
            trial: number,
            holder: formatTrialHolder(current),
          });
        holder = { ...holder, expiresMs: (await this.#database.nowMs()) + leaseSeconds * 1000 };
        if (await this.#writeTrial(row, build(trial), isHeldAfter ? holder : null)) return;
      }
      throw appError('TRIAL_LEASE_LOST', { sweep: id, trial: number, holder: 'several processes at once' });
    };
    return {
      sweepId: id,
      number,
      token: first.token,
      renew: () => change((trial) => ({ ...trial, worker: formatTrialHolder(holder) })),
      setRun: (runId) =>
        change((trial) => ({ ...trial, runId, reports: trial.runId === runId ? trial.reports : [] })),
      report: ({ trainStep, value }) =>
        change((trial) => {
          const kept = trial.reports.filter((report) => report.trainStep < trainStep);
          return { ...trial, reports: [...kept, { step: kept.length + 1, trainStep, value }] };
        }),
      commit: ({ state, value, failure }: TrialResult) =>
        change(
          (trial) => ({ ...trial, state, value, failure: failure ?? null, endedAt: this.#clock.nowIso() }),
          false,
        ),
      giveBack: (died = false) =>
        change((trial) => ({ ...trial, state: 'proposed', deaths: trial.deaths + (died ? 1 : 0) }), false),
    };
  }

  #sweepLease(id: string, first: Holder): SweepLease {
    let holder = first;
    let text = JSON.stringify(holder);
    let isEnded = false;
    const write = async (set: Partial<Selectable<SweepTable>>, seconds = 0): Promise<boolean> => {
      const query = (await this.#database.connect())
        .updateTable('sweeps')
        .set((column) => ({ ...set, seconds: column('seconds', '+', seconds) }))
        .where('id', '=', id)
        .where('lease', '=', text);
      return this.#writeRow(query);
    };
    const finish = async (set: Partial<Selectable<SweepTable>>): Promise<void> => {
      if (isEnded) return;
      isEnded = true;
      try {
        await write({ ...set, lease: null });
      } catch {
        // It expires by itself.
      }
    };
    return {
      sweepId: id,
      renew: async (seconds) => {
        const expiresMs = (await this.#database.nowMs()) + SWEEP_LEASE_SECONDS * 1000;
        const renewed = { ...holder, expiresMs };
        const lease = JSON.stringify(renewed);
        if (isEnded || !(await write({ lease }, seconds))) {
          const current = parseHolder((await this.#sweepRow(id)).lease);
          throw appError('SWEEP_LEASE_LOST', { sweep: id, holder: formatTrialHolder(current) });
        }
        holder = renewed;
        text = lease;
      },
      end: (status, reason) => finish({ status, reason }),
      release: () => finish({}),
    };
  }

  async #sweepRow(id: string): Promise<Selectable<SweepTable>> {
    const row = await (await this.#database.connect())
      .selectFrom('sweeps')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw appError('SWEEP_NOT_FOUND', { sweep: id });
    return row;
  }

  async #trialRow(id: string, number: number): Promise<Selectable<TrialTable>> {
    const row = await (await this.#database.connect())
      .selectFrom('trials')
      .selectAll()
      .where('sweep_id', '=', id)
      .where('number', '=', number)
      .executeTakeFirst();
    if (row !== undefined) return row;
    await this.#sweepRow(id);
    throw appError('TRIAL_NOT_FOUND', { sweep: id, trial: number });
  }

  /** @returns false if the row has changed since it was read */
  async #writeTrial(row: Selectable<TrialTable>, trial: Trial, holder: Holder | null): Promise<boolean> {
    const query = (await this.#database.connect())
      .updateTable('trials')
      .set({
        record: JSON.stringify(trialRecord.schema.parse(trial)),
        state: trial.state,
        lease: holder === null ? null : JSON.stringify(holder),
        revision: Number(row.revision) + 1,
      })
      .where('sweep_id', '=', row.sweep_id)
      .where('number', '=', row.number)
      .where('revision', '=', row.revision);
    return this.#writeRow(query);
  }

  /** Writes once, also where the connection breaks. @returns false if no row, or more than one, would change */
  #writeRow(query: Compilable): Promise<boolean> {
    return this.#database.writeAll([{ query, expectedRows: 1 }]);
  }

  async #countStates(id?: string): Promise<Map<string, SweepSummary['counts']>> {
    const rows = await (await this.#database.connect())
      .selectFrom('trials')
      .select((select) => ['sweep_id', 'state', select.fn.countAll<number>().as('n')])
      .$if(id !== undefined, (query) => query.where('sweep_id', '=', id!))
      .groupBy(['sweep_id', 'state'])
      .execute();
    const counts = new Map<string, SweepSummary['counts']>();
    for (const { sweep_id, state, n } of rows)
      counts.set(sweep_id, { ...(counts.get(sweep_id) ?? NO_TRIALS), [state]: Number(n) });
    return counts;
  }

  #summary(
    row: Selectable<SweepTable>,
    counts: ReadonlyMap<string, SweepSummary['counts']>,
    nowMs: number,
  ): SweepSummary {
    const isSilent = row.status === 'running' && !isHeld(row.lease, nowMs);
    return {
      sweep: readSweep(row),
      status: isSilent ? 'interrupted' : (row.status as SweepStatus),
      reason: row.reason,
      seconds: Number(row.seconds),
      counts: counts.get(row.id) ?? NO_TRIALS,
    };
  }

  #newHolder(leaseSeconds: number, nowMs: number): Holder {
    return {
      token: randomBytes(12).toString('hex'),
      expiresMs: nowMs + leaseSeconds * 1000,
      ...currentHolder(),
      since: this.#clock.nowIso(),
    };
  }
}

/** A holder on this machine that is dead no longer counts, although its lease has not expired. */
function isHeld(lease: string | null, nowMs: number): boolean {
  const holder = parseHolder(lease);
  if (holder === null || nowMs >= holder.expiresMs) return false;
  return mayHolderLive(holder, holder.since);
}

const NO_TRIALS: SweepSummary['counts'] = { proposed: 0, running: 0, finished: 0, stopped: 0, failed: 0 };

function isEnded({ state }: Trial): boolean {
  return state === 'finished' || state === 'stopped' || state === 'failed';
}

function readSweep(row: Selectable<SweepTable>): Sweep {
  return parseRecord(sweepRecord, row.record, `sweep ${row.id}`);
}

function readTrial(id: string, record: string): Trial {
  return parseRecord(trialRecord, record, `trial of ${id}`);
}

function parseHolder(lease: string | null): Holder | null {
  return lease === null ? null : (JSON.parse(lease) as Holder);
}

/** For messages. */
function formatTrialHolder(holder: Holder | null): string {
  return holder === null ? 'nobody' : formatHolder(holder);
}
