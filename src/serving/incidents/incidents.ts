// Incidents of a running server: something is lost while predictions go on. Each is one line in the log when it begins, one
// a minute while it lasts, and one when it is over; /readyz lists those that last, and metrics count what was lost.
import { z } from 'zod';
import type { Clock, Logger } from '../../foundation/core/index.ts';
import type { IncidentMetrics } from '../metrics/index.ts';
import { describeCause, formatIncident, type IncidentCode, incidentCodes } from './incident-sentences.ts';

export const incidentSchema = z
  .object({
    code: z.enum(incidentCodes),
    since: z.string().meta({ description: 'When it began.' }),
    lost: z.int().meta({ description: 'Number lost since then.' }),
    waiting: z.int().meta({ description: 'Number held in memory until they can be written.' }),
    reason: z.string().meta({ description: 'Error code of the operating system, such as ENOSPC.' }),
    message: z.string(),
    advice: z.string().meta({ description: 'What to do.' }),
  })
  .meta({ id: 'Incident' });
export type IncidentFacts = z.infer<typeof incidentSchema>;

/** The least time between two log lines about one incident. */
const LOG_EVERY_MS = 60_000;

interface Open {
  readonly sinceMs: number;
  lost: number;
  waiting: number;
  reason: string;
  /** Lost when the last line was logged. */
  told: number;
  /** Lasts until `end`; else until nothing was lost for a while. */
  lasts: boolean;
  timer: NodeJS.Timeout;
}

export interface IncidentsOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: IncidentMetrics;
  readonly logEveryMs?: number;
}

export class Incidents {
  readonly #options: IncidentsOptions;
  readonly #open = new Map<IncidentCode, Open>();

  constructor(options: IncidentsOptions) {
    this.#options = options;
  }

  /** Something was lost. The incident is over when nothing is lost for a minute, or at `end` after `begin`. */
  lose(code: IncidentCode, lost: number, reason: string): void {
    this.#options.metrics.countLost(code, lost);
    this.#update(code, reason, (open) => {
      open.lost += lost;
    });
  }

  /** From now on, until `end`, something is lost or has to wait. */
  begin(code: IncidentCode, reason: string, waiting: number): void {
    this.#update(code, reason, (open) => {
      open.waiting = waiting;
      open.lasts = true;
    });
  }

  end(code: IncidentCode): void {
    const open = this.#open.get(code);
    if (open === undefined) return;
    clearTimeout(open.timer);
    this.#open.delete(code);
    this.#options.metrics.setOpen(code, false);
    const { logger } = this.#options;
    const { incident, since, lost, reason } = this.#buildLine(code, open);
    logger.warn({ incident, since, lost, reason }, `over: ${formatIncident(code, open.reason)}`);
  }

  /** Those that last, for /readyz. */
  list(): IncidentFacts[] {
    return [...this.#open].map(([code, open]) => ({
      code,
      since: new Date(open.sinceMs).toISOString(),
      lost: open.lost,
      waiting: open.waiting,
      reason: open.reason,
      message: formatIncident(code, open.reason),
      advice: describeCause(open.reason).advice,
    }));
  }

  /** Logs no more. */
  close(): void {
    for (const { timer } of this.#open.values()) clearTimeout(timer);
  }

  #update(code: IncidentCode, reason: string, change: (open: Open) => void): void {
    const known = this.#open.get(code);
    const open = known ?? this.#start(code, reason);
    open.reason = reason;
    change(open);
    if (known === undefined) this.#tell(code, open);
  }

  #start(code: IncidentCode, reason: string): Open {
    const sinceMs = Date.parse(this.#options.clock.nowIso());
    const timer = setInterval(() => this.#review(code), this.#options.logEveryMs ?? LOG_EVERY_MS).unref();
    const open = { sinceMs, lost: 0, waiting: 0, reason, told: 0, lasts: false, timer };
    this.#open.set(code, open);
    this.#options.metrics.setOpen(code, true);
    return open;
  }

  #review(code: IncidentCode): void {
    const open = this.#open.get(code);
    if (open === undefined) return;
    if (open.lasts || open.lost > open.told) this.#tell(code, open);
    else this.end(code);
  }

  #tell(code: IncidentCode, open: Open): void {
    open.told = open.lost;
    if (code === 'LOG_LINES_LOST') return; // the log cannot take the line; it is told when it is over
    this.#options.logger.warn(this.#buildLine(code, open), formatIncident(code, open.reason));
  }

  #buildLine(code: IncidentCode, { sinceMs, lost, waiting, reason }: Open) {
    const since = new Date(sinceMs).toISOString();
    return { incident: code, since, lost, waiting, reason, advice: describeCause(reason).advice };
  }
}
