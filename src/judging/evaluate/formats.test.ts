import { describe, expect, it } from 'vitest';
import { type EvaluationReport, evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { formatEvaluationHtml } from './html/page.ts';
import { formatEvaluationText } from './text.ts';

function reportOf(changes: Partial<EvaluationReport> = {}): EvaluationReport {
  return { ...evaluationReportRecord.example, n: 200, synthetic: false, ...changes };
}

const { metrics, intervals } = evaluationReportRecord.example;
const own = reportOf({ collection: 'isot (test split)' });
const elsewhere = reportOf({
  collection: 'horne2017',
  testSet: 'horne2017',
  outOfSource: true,
  metrics: { ...metrics, accuracy: 0.55 },
  intervals: { ...intervals, accuracy: [0.48, 0.62] },
  perClass: evaluationReportRecord.example.perClass.map((figures) => ({ ...figures, support: 100 })),
});

describe.each([
  ['text', formatEvaluationText],
  ['page', formatEvaluationHtml],
])('evaluation as %s', (_, format) => {
  it('always has a column for other sources, measured or not', () => {
    expect(format({ model: 'compact@1', reports: [own] })).toContain('not measured');
    expect(format({ model: 'compact@1', reports: [elsewhere] })).toContain('not measured');
    expect(format({ model: 'compact@1', reports: [own, elsewhere] })).not.toContain('not measured');
  });

  it('puts its own source first, in whatever order the reports come', () => {
    const shown = format({ model: 'compact@1', reports: [elsewhere, own] });
    const columns = shown.slice(shown.search(/its own source|isot \(test split\) +horne/));
    expect(columns.indexOf('isot (test split)')).toBeLessThan(columns.indexOf('horne2017'));
  });

  it('says in words that elsewhere it is no better than guessing', () => {
    const shown = format({ model: 'compact@1', reports: [own, elsewhere] });
    expect(shown).toContain('Accuracy 100.0% on isot (test split), but 55.0% on horne2017');
    expect(shown).toContain('not clearly better than always predicting the largest class (50.0%)');
  });

  it('warns of invented articles, of articles seen in training, and of small collections', () => {
    const shown = format({
      model: 'compact@1',
      reports: [reportOf({ synthetic: true, seenInTraining: 7, n: 50 })],
    });
    expect(shown).toContain('Synthetic articles');
    expect(shown).toContain(', synthetic');
    expect(shown).toContain('trained on 7 of the 50 articles');
    expect(shown).toContain('has only 50 articles');
  });

  it('shows a report of one class only', () => {
    const shown = format({
      model: 'compact@1',
      reports: [
        reportOf({
          metrics: { ...metrics, rocAuc: null },
          intervals: { ...intervals, rocAuc: null },
          roc: [{ positive: 'REAL', points: [] }],
        }),
      ],
    });
    expect(shown).toContain('one class only');
    expect(shown).not.toContain('NaN');
  });
});

describe('the page', () => {
  const html = formatEvaluationHtml({
    model: '<img src=x>',
    reports: [
      own,
      {
        ...elsewhere,
        collection: 'a"b<c>',
        perSource: [{ source: '<script>', n: 1, accuracy: 1, macroF1: 1 }],
      },
    ],
  });

  it('shows markup in names as text', () => {
    expect(html).not.toMatch(/<img|<script|<c>/);
    expect(html).toContain('&lt;script&gt;');
  });

  it('sends no request', () => {
    expect(html).not.toMatch(/https?:|<link|url\(|@import|src=x"/);
  });

  it('describes every plot for readers who cannot see it', () => {
    const plots = html.match(/<svg[^>]*>/g) ?? [];
    expect(plots.length).toBe(4);
    for (const plot of plots) expect(plot).toMatch(/role="img" aria-label="[^"]{20,}"/);
  });

  it('has no coordinate that is not a number', () => {
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });
});
