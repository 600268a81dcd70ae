// What routes are given, around a classifier that follows a rule: for tests that look at the definitions themselves.
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { type AppContext, defaultLimits } from '../../src/serve/app-context.ts';
import { createRequestMetrics } from '../../src/serve/request-metrics.ts';
import { createExampleEvidence } from './example-evidence.ts';
import { createExampleFeedback, createExampleJournal } from './example-journal.ts';
import { createRuleClassifier } from './rule-classifier.ts';

export function createAppContext(): AppContext {
  const classifier = createRuleClassifier();
  return {
    classifier,
    evaluations: [],
    live: null,
    examples: [],
    listVersions: () => [],
    limits: defaultLimits,
    metrics: createRequestMetrics(classifier),
    evidence: createExampleEvidence(),
    journal: createExampleJournal(),
    feedback: createExampleFeedback(),
    logger: silentLogger,
    clock: systemClock,
    health: { failed: false },
    isReady: () => true,
  };
}
