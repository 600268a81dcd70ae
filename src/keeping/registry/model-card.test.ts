import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { modelFolderRecord } from '../../foundation/records/model-folder.ts';
import { runRecord } from '../../foundation/records/run.ts';
import { buildModelCard } from './model-card.ts';

const own = { ...evaluationReportRecord.example, collection: 'isot (test split)', synthetic: false, n: 400 };
const elsewhere = {
  ...own,
  collection: 'horne2017',
  testSet: 'horne2017',
  outOfSource: true,
  metrics: { ...own.metrics, accuracy: 0.574 },
  intervals: { ...own.intervals, accuracy: [0.51, 0.63] as [number, number] },
};
const version = {
  name: 'compact',
  version: 3,
  createdAt: '2026-01-02T00:00:00.000Z',
  evaluations: [own, elsewhere],
};
const info = { ...modelFolderRecord.example, synthetic: false, datasetName: 'isot' };

describe('model card', () => {
  it('begins with front matter that holds the figures', () => {
    const [, yaml] = buildModelCard(version, info).split('---\n');
    expect(parse(yaml!)).toMatchObject({
      pipeline_tag: 'text-classification',
      'model-index': [
        {
          name: 'compact@3',
          results: [
            { dataset: { name: 'isot (test split)' } },
            { dataset: { name: 'horne2017' }, metrics: [{ type: 'accuracy', value: 0.574 }, {}, {}, {}] },
          ],
        },
      ],
    });
  });

  it('shows figures of its own and of other sources side by side, with intervals', () => {
    const card = buildModelCard(version, info);
    expect(card).toContain('| | isot (test split) | horne2017, another source |');
    expect(card).toContain('| accuracy | 1.000 [1.000, 1.000] | 0.574 [0.510, 0.630] |');
  });

  it('calls invented articles synthetic in the head of their column', () => {
    const evaluations = [
      { ...own, synthetic: true },
      { ...elsewhere, synthetic: true },
    ];
    expect(buildModelCard({ ...version, evaluations }, info)).toContain(
      '| | isot (test split), synthetic | horne2017, another source, synthetic |',
    );
  });

  it('names the pretrained model it started from; for a folder only the last part of its path', () => {
    const sha256 = 'ab'.repeat(32);
    const card = (name: string, revision: string | null) =>
      buildModelCard(version, { ...info, pretrained: { name, revision, sha256 } });
    expect(card('someone/small', 'c0ffee')).toContain(
      `- pretrained from: \`someone/small\` at \`c0ffee\`, sha256 of its weights \`${sha256}\``,
    );
    expect(card('/home/ann/small', null)).toContain('- pretrained from: `small`, sha256');
    expect(card('/home/ann/small', null)).not.toContain('ann');
  });

  it('says of a compressed model what it was made from, and how far it agrees', () => {
    const compressed = {
      ...info,
      parents: ['compact@2', ...info.parents],
      precision: 'int8' as const,
      prunedHeads: [[1, 3], [0]],
      exportCheck: { articles: 218, maxLogitDifference: 0.16, agreement: 0.995 },
    };
    const card = buildModelCard(version, compressed);
    expect(card).toContain('- made from: compact@2, as int8');
    expect(card).toContain('- attention heads pruned: 3,');
    expect(card).toContain('(logits of 218 articles); same label as the original on 99.5%');
    expect(card).toContain('library_name: onnx');
    expect(buildModelCard(version, info)).not.toContain('made from');
  });

  it('says so where it was never measured elsewhere', () => {
    const card = buildModelCard({ ...version, evaluations: [own] }, info);
    expect(card).toContain('| | isot (test split) | other sources |');
    expect(card).toContain('| accuracy | 1.000 [1.000, 1.000] | not measured |');
    expect(card).toContain('not measured on articles from other sources');
  });

  it('says so if predictions on other sources are no better than guessing', () => {
    expect(buildModelCard(version, info)).not.toContain('not clearly better than always predicting');
    const even = {
      ...elsewhere,
      n: 100,
      perClass: own.perClass.map((figures) => ({ ...figures, support: 52 })),
    };
    expect(buildModelCard({ ...version, evaluations: [own, even] }, info)).toContain(
      'not clearly better than always predicting',
    );
  });

  it('mentions a drop on other sources only if it is more than chance', () => {
    const intervals = { ...own.intervals, accuracy: [0.5, 1] as [number, number] };
    const card = buildModelCard({ ...version, evaluations: [{ ...own, intervals }, elsewhere] }, info);
    expect(card).toContain('and on 57.4% of horne2017');
    expect(buildModelCard(version, info)).toContain('but only on 57.4% of horne2017');
  });

  it('names every class and, for a linear model, the unit it counts', () => {
    const linear = {
      ...info,
      family: 'linear',
      traits: { unit: 'features' as const, tokenizerFile: 'hashing.json', library: 'veracity' },
      maxTokens: 4099,
      classNames: ['FAKE', 'REAL', 'SATIRE'],
    };
    const card = buildModelCard(version, linear);
    expect(card).toContain('into FAKE, REAL, and SATIRE');
    const withComma = buildModelCard(version, { ...info, classNames: ['Frage, offen', 'Lob'] });
    expect(withComma).toContain('into "Frage, offen" and Lob');
    expect(card).toContain('reads up to 4,099 words and word groups');
    expect(card).toContain('of a long article (4,099 words and word groups)');
  });

  it('says how Python must be called so that it cuts articles as the model does', () => {
    const card = buildModelCard(version, { ...info, maxTokens: 128 });
    expect(card).toContain('truncation=True, max_length=128)');
    expect(card).toContain('transformers.js gives the same logits for articles of at most 128 tokens');
    expect(card).not.toContain('the beginning and the end');
    expect(buildModelCard(version, { ...info, truncation: 'head+tail' })).toContain(
      'the beginning and the end',
    );
    const traits = { ...info.traits, library: 'veracity' };
    expect(buildModelCard(version, { ...info, traits })).not.toContain('transformers.js');
  });

  it('shows markup in names as text', () => {
    const hostile = { ...elsewhere, collection: '<img src=x onerror=alert(1)>|' };
    const [, , body] = buildModelCard({ ...version, evaluations: [own, hostile] }, info).split('---\n', 3);
    expect(body).not.toContain('<img');
    expect(body).toContain('&lt;img src=x onerror=alert(1)>\\|, another source');
  });

  it('names invented data before anything else', () => {
    expect(buildModelCard(version, { ...info, synthetic: true })).toMatch(
      /# compact@3\n\n> \*\*Trained on invented articles/,
    );
    expect(buildModelCard(version, info)).not.toContain('invented');
  });

  it('names run, commit and dataset version, and how to cite', () => {
    const card = buildModelCard(version, info, { ...runRecord.example, commit: 'abc1234' });
    for (const part of [
      info.runId,
      info.datasetVersion,
      'abc1234',
      '@misc{veracity-compact-3,',
      'year = {2026}',
    ]) {
      expect(card).toContain(part);
    }
  });
});
