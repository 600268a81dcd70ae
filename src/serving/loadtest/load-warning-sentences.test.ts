import { describe, expect, it } from 'vitest';
import type { LoadWarning, RateSureness } from './load-warning.ts';
import { formatLoadWarning, formatRateSureness } from './load-warning-sentences.ts';

describe('the sentence of a warning', () => {
  const cases: readonly (readonly [LoadWarning, string])[] = [
    [
      { code: 'GENERATOR_BUSY', cpuShare: 0.934, highestShare: 0.8 },
      'the load generator used 93% of a core: it may be the bottleneck',
    ],
    [
      { code: 'GENERATOR_LATE', lagP99Ms: 41.6, highestMs: 20 },
      "the load generator's timers were up to 42 ms late (p99): latencies include this delay; run it on a core of its own",
    ],
    [
      { code: 'REQUESTS_FEW', due: 40, enough: 200 },
      'p99 of 40 requests depends on a few of the slowest: test longer',
    ],
    [
      { code: 'REQUESTS_UNSENT', due: 160, unsent: 79, loop: 'open', maxInFlight: 2 },
      '79 requests were due but never sent: 2 were already in progress',
    ],
    [
      { code: 'REQUESTS_UNSENT', due: 160, unsent: 79, loop: 'closed' },
      '79 requests were due but never sent: no user was free',
    ],
    [
      { code: 'ARTICLES_REPEATED', articles: 3 },
      "articles were sent unchanged, again and again: some answers may come from the server's cache",
    ],
  ];

  it.each(cases)('names the numbers of %o', (warning, sentence) => {
    expect(formatLoadWarning(warning)).toBe(sentence);
  });
});

describe('the sentence of a rate’s sureness', () => {
  const measured = {
    probes: 4,
    met: 3,
    complete: true,
    requests: 1200,
    over: 6,
    lowestShare: 0.0023,
    highestShare: 0.0109,
    allowedShare: 0.01,
  };
  const figures =
    'met in 3 of 4 probes; 6 of 1,200 requests took longer (95% interval of the share 0.23% to 1.1%, allowed 1%): ';
  const cases: readonly (readonly [RateSureness, string])[] = [
    [{ code: 'RATE_NOT_FOUND' }, 'no rate that was tried met the limits'],
    [{ code: 'RATE_SEARCH_STOPPED' }, 'stopped before a rate was met'],
    [{ code: 'RATE_MET', probes: 3, met: 3, complete: true }, 'met in 3 of 3 probes'],
    [{ code: 'RATE_SURE', ...measured }, `${figures}sure`],
    [{ code: 'RATE_SURE', ...measured, complete: false }, `${figures}sure; stopped early`],
    [
      { code: 'RATE_LIKELY', ...measured },
      `${figures}likely, but the interval reaches over what is allowed: run longer probes to be sure`,
    ],
    [{ code: 'RATE_DOUBTFUL', ...measured }, `${figures}doubtful`],
    [{ code: 'RATE_REQUESTS_FEW', ...measured }, `${figures}too few requests to be sure: run longer probes`],
  ];

  it.each(cases)('names the numbers of %o', (sureness, sentence) => {
    expect(formatRateSureness(sureness)).toBe(sentence);
  });
});
