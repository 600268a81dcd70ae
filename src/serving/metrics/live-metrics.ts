// Prometheus metrics of model versions: changes of the live one, canaries and shadows.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Why a canary was taken back. */
export type ReturnReason = 'errors' | 'latency';
export type ShadowResult = 'agreed' | 'disagreed' | 'dropped' | 'failed';

export interface LiveMetrics {
  countChange(outcome: 'switched' | 'failed', seconds: number): void;
  /** Versions in memory, including those that finish their last batches. */
  setLoaded(versions: number): void;
  countAnswers(version: string, role: 'live' | 'canary', articles: number): void;
  setCanaryShare(share: number): void;
  countCanary(result: 'answered' | 'failed'): void;
  countReturn(reason: ReturnReason): void;
  /** The wanted canary that was taken back, perhaps before this server was started; null: none. */
  setReturned(canary: { readonly version: string; readonly reason: ReturnReason } | null): void;
  countShadow(result: ShadowResult, articles: number): void;
  observeDifference(probability: number): void;
}

export const silentLiveMetrics: LiveMetrics = {
  countChange: () => {},
  setLoaded: () => {},
  countAnswers: () => {},
  setCanaryShare: () => {},
  countCanary: () => {},
  countReturn: () => {},
  setReturned: () => {},
  countShadow: () => {},
  observeDifference: () => {},
};

export function createLiveMetrics(registry: Registry): LiveMetrics {
  const versions = createVersionCollectors([registry]);
  const canary = createCanaryCollectors([registry]);
  const shadow = createShadowCollectors([registry]);
  for (const outcome of ['switched', 'failed']) versions.changes.inc({ outcome }, 0);
  for (const reason of ['errors', 'latency']) canary.returns.inc({ reason }, 0);
  return {
    countChange: (outcome, seconds) => {
      versions.changes.inc({ outcome });
      versions.changeSeconds.observe(seconds);
    },
    setLoaded: (count) => versions.loaded.set(count),
    countAnswers: (version, role, articles) => versions.answers.inc({ version, role }, articles),
    setCanaryShare: (share) => canary.share.set(share),
    countCanary: (result) => canary.requests.inc({ result }),
    countReturn: (reason) => canary.returns.inc({ reason }),
    setReturned: (found) => {
      canary.returned.reset();
      if (found !== null) canary.returned.set({ version: found.version, reason: found.reason }, 1);
    },
    countShadow: (result, articles) => shadow.articles.inc({ result }, articles),
    observeDifference: (probability) => shadow.difference.observe(probability),
  };
}

function createVersionCollectors(registers: Registry[]) {
  return {
    changes: new Counter({
      name: 'veracity_model_changes_total',
      help: 'Versions that were to take over, by outcome.',
      labelNames: ['outcome'],
      registers,
    }),
    changeSeconds: new Histogram({
      name: 'veracity_model_change_seconds',
      help: 'Time to find, load and check a version that was to take over.',
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
      registers,
    }),
    loaded: new Gauge({
      name: 'veracity_model_versions_loaded',
      help: 'Versions in memory, including those that finish their last articles.',
      registers,
    }),
    answers: new Counter({
      name: 'veracity_version_answers_total',
      help: 'Articles predicted, by version and by its role.',
      labelNames: ['version', 'role'],
      registers,
    }),
  };
}

function createCanaryCollectors(registers: Registry[]) {
  return {
    share: new Gauge({
      name: 'veracity_canary_share',
      help: 'Share of the clients that a canary predicts for; 0: there is none.',
      registers,
    }),
    requests: new Counter({
      name: 'veracity_canary_requests_total',
      help: 'Requests given to a canary; failed ones were given to the live version.',
      labelNames: ['result'],
      registers,
    }),
    returns: new Counter({
      name: 'veracity_canary_returns_total',
      help: 'Canaries that were taken back, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    returned: new Gauge({
      name: 'veracity_canary_returned',
      help: 'The canary that was taken back and is not tried again; 1 while it stays so, over restarts too.',
      labelNames: ['version', 'reason'],
      registers,
    }),
  };
}

function createShadowCollectors(registers: Registry[]) {
  return {
    articles: new Counter({
      name: 'veracity_shadow_articles_total',
      help: 'Articles for the shadow version, by result.',
      labelNames: ['result'],
      registers,
    }),
    difference: new Histogram({
      name: 'veracity_shadow_probability_difference',
      help: 'Difference between the probabilities that shadow and live version give to the label of the live version.',
      buckets: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1],
      registers,
    }),
  };
}
