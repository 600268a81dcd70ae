// Measures lengths and finds repeated titles and texts; it keeps a few numbers for each row.
import { createColumn, forEachRepeat } from '../row-table.ts';
import { createWordHashes, fillWordHashes, hashSequence } from '../word-hashes.ts';
import type { AuditReport, Quantiles } from './report.ts';

/** Shorter titles are too generic to identify an article. */
const MIN_TITLE_WORDS = 3;

export interface RowAudit {
  add(article: { readonly title: string; readonly text: string }, label: number): void;
  /** The number of articles of each label. */
  countLabels(labels: number): number[];
  measureLengths(label: number): { titleWords: Quantiles; textWords: Quantiles };
  countCopies(order: readonly number[]): AuditReport['copies'];
}

export function createRowAudit(): RowAudit {
  const labels = createColumn('u8');
  const lengths = { title: createColumn('u32'), text: createColumn('u32') };
  const keys = {
    title: { high: createColumn('u32'), low: createColumn('u32') },
    text: { high: createColumn('u32'), low: createColumn('u32') },
  };
  const words = createWordHashes();
  const addField = (field: 'title' | 'text', value: string, minWords: number): void => {
    fillWordHashes(value, words);
    lengths[field].push(words.count);
    const [high, low] = words.count < minWords ? [0, 0] : hashSequence(words);
    keys[field].high.push(high);
    keys[field].low.push(low);
  };
  const quantilesOf = (field: 'title' | 'text', label: number): Quantiles => {
    const sorted = lengths[field].values.filter((_, row) => labels.values[row] === label).sort();
    const at = (q: number): number => sorted[Math.round(q * (sorted.length - 1))] ?? 0;
    return [at(0), at(0.05), at(0.5), at(0.95), at(1)];
  };
  const keysOf = (field: 'title' | 'text') => ({
    high: keys[field].high.values,
    low: keys[field].low.values,
  });
  return {
    add: ({ title, text }, label) => {
      labels.push(label);
      addField('title', title, MIN_TITLE_WORDS);
      addField('text', text, 1);
    },
    countLabels: (count) => {
      const totals = Array.from({ length: count }, () => 0);
      for (const label of labels.values) totals[label] = (totals[label] as number) + 1;
      return totals;
    },
    measureLengths: (label) => ({
      titleWords: quantilesOf('title', label),
      textWords: quantilesOf('text', label),
    }),
    countCopies: (order) => {
      const repeatedTitles = order.map(() => 0);
      const repeatedTexts = order.map(() => 0);
      let contradictingTitles = 0;
      const row = labels.values;
      const bump = (counts: number[], label: number): void => {
        const i = order.indexOf(label);
        counts[i] = (counts[i] as number) + 1;
      };
      forEachRepeat(keysOf('title'), (repeat, first) => {
        bump(repeatedTitles, row[repeat] as number);
        if (row[repeat] !== row[first]) contradictingTitles++;
      });
      forEachRepeat(keysOf('text'), (repeat) => bump(repeatedTexts, row[repeat] as number));
      return { repeatedTitles, contradictingTitles, repeatedTexts };
    },
  };
}
