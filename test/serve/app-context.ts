// The context of routes, around a classifier that follows a rule: for tests of the route definitions themselves.
import { systemClock } from '../../src/foundation/core/clock.ts';
import { silentLogger } from '../../src/foundation/core/logger.ts';
import { Incidents } from '../../src/serving/incidents/index.ts';
import { silentIncidentMetrics } from '../../src/serving/metrics/incident-metrics.ts';
import { createRequestMetrics } from '../../src/serving/metrics/request-metrics.ts';
import { type AppContext, defaultLimits } from '../../src/serving/routes/app-context.ts';
import { createExampleEvidence } from './example-evidence.ts';
import { createExampleFeedback, createExampleJournal } from './example-journal.ts';
import { createExampleStudioContext } from './example-studio.ts';
import { createRuleClassifier } from './rule-classifier.ts';

export function createAppContext(): AppContext {
  const classifier = createRuleClassifier();
  const metrics = createRequestMetrics(classifier);
  return {
    classifier,
    evaluations: [],
    live: null,
    examples: [],
    sampleExamples: [],
    keptExamples: () => [],
    listVersions: async () => [],
    limits: defaultLimits,
    metrics,
    incidents: new Incidents({ logger: silentLogger, clock: systemClock, metrics: silentIncidentMetrics }),
    evidence: createExampleEvidence(),
    journal: createExampleJournal(),
    feedback: createExampleFeedback(),
    logger: silentLogger,
    clock: systemClock,
    health: { failed: false },
    isReady: () => true,
    studio: createExampleStudioContext(),
  };
}
