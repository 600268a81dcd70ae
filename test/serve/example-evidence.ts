// Evidence that always gives the documented example: for tests of the HTTP layer.

import { explanationRecord } from '../../src/foundation/records/explanation.ts';
import type { Evidence } from '../../src/judging/explain/evidence.ts';

export function createExampleEvidence(overrides: Partial<Evidence> = {}): Evidence {
  return {
    explain: async () => explanationRecord.example,
    findSimilar: async (_version, _article, k) =>
      [{ title: 'Ferry to Port Aldane resumes', source: null, label: 'REAL', similarity: 0.93 }].slice(0, k),
    close: async () => {},
    ...overrides,
  };
}
