// Writes an impact as text: where the data are, what learned from them, what was only measured on them, and the predictions.
import type {
  AffectedDataset,
  AffectedRecord,
  Effect,
  Impact,
  PredictionCount,
  PredictionTotals,
  SourceGaps,
} from '../../workflows/lineage/index.ts';

/** Ids of rows that a line names. */
const MAX_NAMED = 5;

export function formatImpact(impact: Impact, totals: PredictionTotals): string {
  const { target, isData, datasets, records, evaluations } = impact;
  if (datasets.length === 0 && records.length === 0 && evaluations.length === 0)
    return [
      isData ? `${target}: no dataset version of this home holds it` : `${target}: nothing was made of it`,
      ...formatOfArticle(totals),
      ...formatSourceGaps(impact.sourceGaps),
    ].join('\n');
  const sections = [
    formatDatasets(target, datasets),
    ...(isData
      ? [
          formatRecords('learned from it', records, 'learned'),
          formatRecords(
            'chosen by it (checkpoint, calibration and thresholds; the weights did not learn it)',
            records,
            'chosen',
          ),
          formatRecords('only measured on it', records, 'measured'),
        ]
      : [formatRecords(`made of ${target}`, records, 'learned')]),
    formatEvaluations(impact),
    formatPredictions(isData, records, totals),
    formatOfArticle(totals),
    formatSourceGaps(impact.sourceGaps),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** What this answer does not cover. */
function formatSourceGaps({ withoutSource, otherSpellings }: SourceGaps = NO_GAPS): string[] {
  const gaps = withoutSource.map(
    ({ id, name, rows, ofRows }) =>
      `  ${id}  ${name}  ${rows === ofRows ? `all ${rows.toLocaleString('en')} rows` : `${rows.toLocaleString('en')} of ${ofRows.toLocaleString('en')} rows`}`,
  );
  return [
    ...(gaps.length === 0
      ? []
      : [
          'not covered: these dataset versions record no source for',
          ...gaps,
          '  Name the column (data.columns.source=COLUMN) and prepare again, or ask for the file: --impact FILE',
        ]),
    ...otherSpellings.map((one) => `another spelling is recorded: --source ${JSON.stringify(one)}`),
  ];
}

const NO_GAPS: SourceGaps = { withoutSource: [], otherSpellings: [] };

function formatDatasets(target: string, datasets: readonly AffectedDataset[]): string[] {
  const others = datasets.filter(({ id }) => id !== target);
  if (others.length === 0) return [];
  const isWhole = others.every(({ rows }) => rows === null);
  return [isWhole ? `made from ${target}` : `${target} is in`, ...others.flatMap(formatDataset)];
}

function formatDataset({ id, name, rows, found }: AffectedDataset): string[] {
  if (rows === null) return [`  ${id}  ${name}`];
  const parts = (['train', 'validation', 'test'] as const).flatMap((split) => {
    const { same, near } = rows[split];
    if (same + near === 0) return [];
    const more = near === 0 ? '' : `${near} near ${near === 1 ? 'duplicate' : 'duplicates'}`;
    const own = same === 0 ? '' : `${same.toLocaleString('en')} ${same === 1 ? 'row' : 'rows'}`;
    return [`${split}: ${[own, more].filter((part) => part !== '').join(' and ')}`];
  });
  const total = Object.values(rows).reduce((sum, { same, near }) => sum + same + near, 0);
  const named = found
    .slice(0, MAX_NAMED)
    .map((row) => `${row.id}${row.likeness === 'near' ? ' (near duplicate)' : ''}`);
  const more =
    total > named.length ? ` and ${(total - named.length).toLocaleString('en')} more (--json)` : '';
  return [`  ${id}  ${name}  ${parts.join(', ')}`, `      ${named.join(', ')}${more}`];
}

function formatRecords(heading: string, records: readonly AffectedRecord[], effect: Effect): string[] {
  const own = records.filter((record) => record.effect === effect);
  if (own.length === 0) return [];
  const width = Math.max(...own.map(({ id }) => id.length));
  return [
    heading,
    ...own.map(({ id, kind, about, nearOnly, through }) => {
      const more = [
        kind === 'model' ? about.map((stage) => `in ${stage}`).join(', ') : about.join(', '),
        through === null ? '' : `through ${through}`,
        nearOnly ? 'near duplicates only' : '',
      ].filter((part) => part !== '');
      return `  ${kind === 'model' ? 'version' : 'run    '}  ${id.padEnd(width)}  ${more.join('; ')}`.trimEnd();
    }),
  ];
}

function formatEvaluations({ evaluations }: Impact): string[] {
  if (evaluations.length === 0) return [];
  const line = ({ id, label }: Impact['evaluations'][number]): string => `  ${id}  ${label}`;
  return ['evaluations on it', ...evaluations.map(line)];
}

function formatPredictions(
  isData: boolean,
  records: readonly AffectedRecord[],
  { byModel, ...all }: PredictionTotals,
): string[] {
  const isAny = records.some(({ effect }) => effect !== 'measured');
  if (all.count === 0) return isAny ? ['predictions of these versions in the log of this home: none'] : [];
  const heading = isData
    ? 'predictions of versions that learned from it or were chosen by it'
    : 'predictions';
  const width = Math.max(...byModel.map(({ model }) => model.length));
  return [
    `${heading}: ${formatSpan(all)}`,
    ...byModel.map(({ model, ...counts }) => `  ${model.padEnd(width)}  ${formatSpan(counts)}`),
    '  list them with --json',
  ];
}

function formatOfArticle({ ofArticle }: PredictionTotals): string[] {
  return ofArticle.count === 0
    ? []
    : [`predictions of the very article, by any version: ${formatSpan(ofArticle)}`];
}

function formatSpan({ count, first, last }: PredictionCount): string {
  const minute = (at: string | null): string => (at ?? '').slice(0, 16).replace('T', ' ');
  const span = minute(first) === minute(last) ? minute(first) : `${minute(first)} to ${minute(last)}`;
  return `${count.toLocaleString('en')}, ${span}`;
}
