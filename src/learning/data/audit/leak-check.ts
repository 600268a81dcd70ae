// The gate before a training: an audit of what the model would read stops preparing where a give-away is above its limit, unless
// the configuration says why that is accepted. A column that no model reads is a warning.
import { join } from 'node:path';
import { appError, writeFileAtomic } from '../../../foundation/core/index.ts';
import type { Home, Leak, LeakCheck } from '../../../foundation/records/index.ts';
import { ROW_KEPT } from '../grouping.ts';
import type { DataContext, DataOptions } from '../options.ts';
import { type AuditInput, auditRows } from './audit.ts';
import { formatAuditHtml } from './audit-html.ts';
import { percent } from './audit-text.ts';
import { DEFAULT_LEAK_LIMITS } from './leak-limits.ts';
import { measureMark } from './measure.ts';
import type { AuditReport, GiveAwayStatus } from './report.ts';

/** Leaks that the message names; its issues have all. */
const NAMED = 3;

/** A model that lower-cases every text cannot learn from capitals. */
export interface LeakReader {
  readonly readsCase: boolean;
}

/** Looks for leaks in rows that were read and grouped. @throws the signal's reason when it is aborted */
export async function findLeaks(
  input: AuditInput,
  context: Pick<DataContext, 'progress' | 'signal'>,
): Promise<LeakCheck> {
  const accepted = input.config.accept_leaks ?? null;
  if (!canBeAboveLimits(input)) return { leaks: [], caseLeaks: [], unread: [], accepted: null };
  const report = await auditRows(input, 'limits', context);
  const [leaks, caseLeaks] = [listLeaks(report, 'stops'), listLeaks(report, 'case')];
  const isAccepted = leaks.length + caseLeaks.length > 0;
  return { leaks, caseLeaks, unread: listLeaks(report, 'unread'), accepted: isAccepted ? accepted : null };
}

/** So few rows that even a perfect give-away would not be certain enough need no audit. */
function canBeAboveLimits({ config, table, grouping }: AuditInput): boolean {
  const totals = table.labelNames.map(() => 0);
  for (let row = 0; row < table.rows; row++) {
    if (grouping.status[row] !== ROW_KEPT) continue;
    const label = table.label[row] as number;
    totals[label] = (totals[label] as number) + 1;
  }
  const lowest = Math.min(...Object.values(config.leak_limits ?? DEFAULT_LEAK_LIMITS));
  return totals.some(
    (total, i) =>
      measureMark(
        totals.map((_, at) => (at === i ? total : 0)),
        totals,
      ).low >= lowest,
  );
}

/** The leaks of a report with one status, the clearest first. */
export function listLeaks({ giveAways }: Pick<AuditReport, 'giveAways'>, wanted: GiveAwayStatus): Leak[] {
  return giveAways.flatMap(({ name, summary, status, className, raw, cleaned, limit, advice }) => {
    const measure = cleaned ?? raw;
    if (status !== wanted || limit === null || measure === null) return [];
    const { setting, value } = limit;
    const { separation } = measure;
    return [{ name, summary, className, separation, setting, limit: value, advice: advice ?? '' }];
  });
}

/** What stops a model that reads the data. */
export function stoppingLeaks(check: LeakCheck, { readsCase }: LeakReader): readonly Leak[] {
  if (check.accepted !== null) return [];
  return readsCase ? [...check.leaks, ...check.caseLeaks] : check.leaks;
}

/**
 * @param page  the page of the audit; null: it was not written
 * @throws DATA_LEAKS
 */
export function assertNoLeaks(name: string, check: LeakCheck, reader: LeakReader, page: string | null): void {
  // What can be pointed at is named before whole parts of the articles.
  const isPart = ({ name: leak }: Leak): number => (leak.startsWith('part-') ? 1 : 0);
  const leaks = [...stoppingLeaks(check, reader)].sort((a, b) => isPart(a) - isPart(b));
  if (leaks.length === 0) return;
  const words = ({ summary, separation }: Leak): string => `${summary} (${percent(separation)})`;
  const fact = (leak: Leak): string =>
    `${words(leak)} tells ${leak.className}; the limit is ${leak.setting}=${leak.limit}`;
  const more = leaks.length > NAMED ? `; and ${leaks.length - NAMED} more` : '';
  throw appError(
    'DATA_LEAKS',
    {
      name,
      leaks: `${leaks.slice(0, NAMED).map(words).join('; ')}${more}`,
      advice: [...new Set(leaks.map(({ advice }) => advice))].slice(0, 2).join(' '),
      page:
        page === null
          ? 'veracity data audit with the same settings shows all.'
          : `The page of the audit: ${page}`,
    },
    { issues: leaks.map((leak) => ({ path: leak.setting, code: 'DATA_LEAKS', message: fact(leak) })) },
  );
}

/** Audits the rows wholly and writes the page. @returns its path */
export async function writeAuditPage(
  input: AuditInput,
  home: Home,
  context: Pick<DataContext, 'progress' | 'signal'>,
): Promise<string> {
  const path = auditPagePath(home, input.config);
  writeFileAtomic(path, formatAuditHtml(await auditRows(input, 'whole', context)));
  return path;
}

/** Where the page of a dataset's audit is kept, unless the user names a file. */
export function auditPagePath({ root }: Pick<Home, 'root'>, { name }: Pick<DataOptions, 'name'>): string {
  return join(root, 'audits', `${name.replace(/[^\w-]/g, '_')}.html`);
}
