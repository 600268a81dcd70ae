// The lease of a run on files: runs/<id>/lease-<n>.json, one file per holder. The highest number is the current lease.
// Creating the next number exclusively decides between several processes that take over at once. A released lease stays
// as a file, so that numbers never repeat and an earlier holder that wakes up late recognises that it has lost.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../foundation/core/index.ts';
import {
  appError,
  asDiskError,
  currentHolder,
  errorCodeOf,
  formatHolder,
  isAppError,
  mayHolderLive,
} from '../../foundation/core/index.ts';
import { loadRecord, type RunLease, runLeaseRecord, saveRecord } from '../../foundation/records/index.ts';

/** How long a lease is valid after it was taken or renewed. */
export const LEASE_MS = 30_000;
/** How often its holder renews it: several renewals may fail before it expires. */
export const RENEW_EVERY_MS = 5_000;

const LEASE_FILE = /^lease-([1-9]\d*)\.json$/;

/** The lease that is current in a run's folder. */
export interface FoundLease {
  readonly generation: number;
  /** null: its writer died while creating the file, or is creating it. */
  readonly record: RunLease | null;
  readonly expiresMs: number;
}

/** @returns null if no process has ever held a lease: a new run, or one of an early version */
export function findLease(folder: string): FoundLease | null {
  const generation = findGeneration(folder);
  if (generation === 0) return null;
  const path = leasePath(folder, generation);
  try {
    const record = loadRecord(runLeaseRecord, path);
    return { generation, record, expiresMs: Date.parse(record.expiresAt) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return { generation, record: null, expiresMs: changedMs + LEASE_MS };
  }
}

/** The highest number of a lease in the run's folder; 0: none. */
function findGeneration(folder: string): number {
  return Math.max(0, ...readdirSync(folder).map((name) => Number(LEASE_FILE.exec(name)?.[1] ?? 0)));
}

/** True while the lease keeps others from the run. */
export function isLeaseHeld({ record, expiresMs }: FoundLease, nowMs: number): boolean {
  if (nowMs >= expiresMs) return false;
  if (record === null) return true;
  if (record.releasedAt !== null) return false;
  return mayHolderLive(record, record.createdAt);
}

/** Who holds the lease, for messages. */
export function formatLeaseHolder(lease: FoundLease | null): string {
  return lease?.record == null ? 'another process' : formatHolder(lease.record);
}

/** The record of a lease that this process takes now. */
export function buildLease(runId: string, nowIso: string, expiresAt: string): RunLease {
  return {
    schemaVersion: 1,
    createdAt: nowIso,
    parents: [runId],
    owner: randomBytes(12).toString('hex'),
    ...currentHolder(),
    expiresAt,
    releasedAt: null,
  };
}

/** A lease that this process holds, renewed in the background until it is released or lost. */
export class HeldLease {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #generation: number;
  readonly #timer: NodeJS.Timeout;
  #record: RunLease;
  #ended = false;

  /** @throws RUN_ACTIVE, DISK_FULL */
  static take(folder: string, runId: string, clock: Clock): HeldLease {
    const current = findLease(folder);
    if (current !== null && isLeaseHeld(current, Date.parse(clock.nowIso()))) throw active(runId, current);
    const generation = (current?.generation ?? 0) + 1;
    const nowIso = clock.nowIso();
    const record = buildLease(runId, nowIso, addMs(nowIso, LEASE_MS));
    const path = leasePath(folder, generation);
    try {
      writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`, { flag: 'wx' });
    } catch (error) {
      if (errorCodeOf(error) === 'EEXIST') throw active(runId, findLease(folder));
      rmSync(path, { force: true });
      throw asDiskError(error, path);
    }
    // A process that was suspended before it wrote may have missed takeovers, whose older files are gone by now.
    if (findGeneration(folder) > generation) {
      rmSync(path, { force: true });
      throw active(runId, findLease(folder));
    }
    if (current !== null) rmSync(leasePath(folder, current.generation), { force: true });
    return new HeldLease(folder, clock, generation, record);
  }

  private constructor(folder: string, clock: Clock, generation: number, record: RunLease) {
    this.#folder = folder;
    this.#clock = clock;
    this.#generation = generation;
    this.#record = record;
    this.#timer = setInterval(() => this.#renewQuietly(), RENEW_EVERY_MS);
    this.#timer.unref();
  }

  /** Extends the lease, also one that has expired without being taken over. @throws RUN_LEASE_LOST, DISK_FULL */
  renew(): void {
    this.#assertNotTaken();
    this.#save({ ...this.#record, expiresAt: addMs(this.#clock.nowIso(), LEASE_MS) });
  }

  /** Call right before each write. @throws RUN_LEASE_LOST, DISK_FULL */
  assertHeld(): void {
    if (Date.parse(this.#clock.nowIso()) >= Date.parse(this.#record.expiresAt)) this.renew();
    else this.#assertNotTaken();
  }

  /** A lease that cannot be given back, for example on a full disk, expires. */
  release(): void {
    if (this.#ended) return;
    this.#end();
    try {
      if (!this.#isTaken()) this.#save({ ...this.#record, releasedAt: this.#clock.nowIso() });
    } catch {
      // It expires by itself.
    }
  }

  #renewQuietly(): void {
    try {
      this.renew();
    } catch (error) {
      // Another failure than a lost lease is tried again; if it lasts, the lease expires and may be taken over.
      if (isAppError(error) && error.code === 'RUN_LEASE_LOST') this.#end();
    }
  }

  #assertNotTaken(): void {
    if (!this.#ended && !this.#isTaken()) return;
    this.#end();
    const [run = ''] = this.#record.parents;
    throw appError('RUN_LEASE_LOST', { run, holder: formatLeaseHolder(findLease(this.#folder)) });
  }

  #isTaken(): boolean {
    return findGeneration(this.#folder) > this.#generation || this.#isFileForeign();
  }

  /** Later holders remove the files of earlier ones. */
  #isFileForeign(): boolean {
    try {
      return !readFileSync(leasePath(this.#folder, this.#generation), 'utf8').includes(this.#record.owner);
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return true;
      throw error;
    }
  }

  #save(record: RunLease): void {
    saveRecord(runLeaseRecord, leasePath(this.#folder, this.#generation), record);
    this.#record = record;
  }

  #end(): void {
    this.#ended = true;
    clearInterval(this.#timer);
  }
}

function active(run: string, lease: FoundLease | null): Error {
  return appError('RUN_ACTIVE', { run, holder: formatLeaseHolder(lease) });
}

function leasePath(folder: string, generation: number): string {
  return join(folder, `lease-${generation}.json`);
}

function addMs(iso: string, ms: number): string {
  return new Date(Date.parse(iso) + ms).toISOString();
}
