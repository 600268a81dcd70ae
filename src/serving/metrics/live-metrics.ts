// What is counted of versions that come and go.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Why a canary was taken back. */
export type ReturnReason = 'errors' | 'latency';
export type ShadowResult = 'agreed' | 'disagreed' | 'dropped' | 'failed';

export interface LiveMetrics {
  countChange(outcome: 'switched' | 'failed', seconds: number): void;
  /** Versions in memory, those that end their last parts included. */
  setLoaded(versions: number): void;
  countAnswers(version: string, role: 'live' | 'canary', articles: number): void;
  setCanaryShare(share: number): void;
  countCanary(result: 'answered' | 'failed'): void;
  countReturn(reason: ReturnReason): void;
  /** The version that is wanted as a canary but was taken back, perhaps before this server was started; null: none. */
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
  const registers = [registry];
  const changes = new Counter({
    name: 'veracity_model_changes_total',
    help: 'Versions that were to take over, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const changeSeconds = new Histogram({
    name: 'veracity_model_change_seconds',
    help: 'Time to find, load and check a version that was to take over.',
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    registers,
  });
  const loaded = new Gauge({
    name: 'veracity_model_versions_loaded',
    help: 'Versions in memory, with those that end their last articles.',
    registers,
  });
  const answers = new Counter({
    name: 'veracity_version_answers_total',
    help: 'Articles answered, by version and by why it was asked.',
    labelNames: ['version', 'role'],
    registers,
  });
  const share = new Gauge({
    name: 'veracity_canary_share',
    help: 'Share of the clients whom a canary answers; 0: there is none.',
    registers,
  });
  const canary = new Counter({
    name: 'veracity_canary_requests_total',
    help: 'Requests given to a canary; those that failed were answered by the live version.',
    labelNames: ['result'],
    registers,
  });
  const returns = new Counter({
    name: 'veracity_canary_returns_total',
    help: 'Canaries that were taken back, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const returned = new Gauge({
    name: 'veracity_canary_returned',
    help: 'The canary that was taken back and is not tried again; 1 while it stays so, over restarts too.',
    labelNames: ['version', 'reason'],
    registers,
  });
  const shadow = new Counter({
    name: 'veracity_shadow_articles_total',
    help: 'Articles for the shadow version, by what came of it.',
    labelNames: ['result'],
    registers,
  });
  const difference = new Histogram({
    name: 'veracity_shadow_probability_difference',
    help: 'How far the probability that the shadow gives to the label of the live version is from its own.',
    buckets: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1],
    registers,
  });
  for (const outcome of ['switched', 'failed']) changes.inc({ outcome }, 0);
  for (const reason of ['errors', 'latency']) returns.inc({ reason }, 0);
  return {
    countChange: (outcome, seconds) => {
      changes.inc({ outcome });
      changeSeconds.observe(seconds);
    },
    setLoaded: (versions) => loaded.set(versions),
    countAnswers: (version, role, articles) => answers.inc({ version, role }, articles),
    setCanaryShare: (value) => share.set(value),
    countCanary: (result) => canary.inc({ result }),
    countReturn: (reason) => returns.inc({ reason }),
    setReturned: (found) => {
      returned.reset();
      if (found !== null) returned.set({ version: found.version, reason: found.reason }, 1);
    },
    countShadow: (result, articles) => shadow.inc({ result }, articles),
    observeDifference: (probability) => difference.observe(probability),
  };
}
