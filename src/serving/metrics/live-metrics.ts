// Prometheus metrics of model versions: changes of the live one, canaries and shadows.
import type { Registry } from 'prom-client';
import { Collectors } from './collectors.ts';

/** Why a canary was withdrawn. */
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
  /** The wanted canary that was withdrawn, perhaps before this server was started; null: none. */
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
  const collectors = new Collectors(registry);
  const versions = createVersionCollectors(collectors);
  const canary = createCanaryCollectors(collectors);
  const shadow = createShadowCollectors(collectors);
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

function createVersionCollectors(collectors: Collectors) {
  return {
    changes: collectors.counter(
      'veracity_model_changes_total',
      'Model versions that the server tried to switch to, by outcome.',
      ['outcome'],
    ),
    changeSeconds: collectors.histogram(
      'veracity_model_change_seconds',
      'Time to find, load and check a model version before the switch.',
      [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    ),
    loaded: collectors.gauge(
      'veracity_model_versions_loaded',
      'Model versions in memory, including those that finish their last articles.',
    ),
    answers: collectors.counter(
      'veracity_version_answers_total',
      'Articles predicted, by version and by its role.',
      ['version', 'role'],
    ),
  };
}

function createCanaryCollectors(collectors: Collectors) {
  return {
    share: collectors.gauge(
      'veracity_canary_share',
      'Share of the clients that a canary predicts for; 0: there is none.',
    ),
    requests: collectors.counter(
      'veracity_canary_requests_total',
      'Requests given to a canary; failed ones were given to the live version.',
      ['result'],
    ),
    returns: collectors.counter('veracity_canary_returns_total', 'Canaries that were withdrawn, by reason.', [
      'reason',
    ]),
    returned: collectors.gauge(
      'veracity_canary_returned',
      'The canary that was withdrawn and is not tried again; 1 while it stays so, over restarts too.',
      ['version', 'reason'],
    ),
  };
}

function createShadowCollectors(collectors: Collectors) {
  return {
    articles: collectors.counter(
      'veracity_shadow_articles_total',
      'Articles for the shadow version, by result.',
      ['result'],
    ),
    difference: collectors.histogram(
      'veracity_shadow_probability_difference',
      'Difference between the probabilities that shadow and live version give to the label of the live version.',
      [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1],
    ),
  };
}
