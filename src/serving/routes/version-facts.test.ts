import { expect, test } from 'vitest';
import { evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { modelVersionRecord } from '../../foundation/records/model-version.ts';
import { buildVersionFacts } from './version-facts.ts';

const report = (accuracy: number, outOfSource: boolean) => ({
  ...evaluationReportRecord.example,
  outOfSource,
  metrics: { ...evaluationReportRecord.example.metrics, accuracy },
});
const model = (version: number, evaluations: ReturnType<typeof report>[]) => ({
  reference: `compact@${version}`,
  version,
  record: modelVersionRecord.example,
  stages: version === 1 ? (['production'] as const).slice() : [],
  evaluations,
});

test('buildVersionFacts gives the newest first, with both figures or none', () => {
  const facts = buildVersionFacts([
    model(1, [report(0.9, false), report(0.5, true), report(0.6, true)]),
    model(2, []),
  ]);
  expect(facts.map(({ createdAt: _at, ...rest }) => rest)).toEqual([
    { modelVersion: 'compact@2', stages: [], inSource: null, outOfSource: null },
    { modelVersion: 'compact@1', stages: ['production'], inSource: 0.9, outOfSource: 0.55 },
  ]);
});

test('buildVersionFacts stops at twenty', () => {
  expect(buildVersionFacts(Array.from({ length: 30 }, (_, at) => model(at + 1, [])))).toHaveLength(20);
});
