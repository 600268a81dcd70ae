// Warnings of a load test and the sureness of a found rate as English sentences. Only the edges use them: the report on a
// terminal, its page, and the messages in its JSON.
import type { LoadWarning, RateSureness } from './load-warning.ts';

/** The sentence of one warning. */
export function formatLoadWarning(warning: LoadWarning): string {
  switch (warning.code) {
    case 'GENERATOR_BUSY':
      return `the load generator used ${Math.round(warning.cpuShare * 100)}% of a core: it may be the bottleneck`;
    case 'GENERATOR_LATE':
      return `the load generator's timers were up to ${Math.round(warning.lagP99Ms)} ms late (p99): latencies include this delay; run it on a core of its own`;
    case 'REQUESTS_FEW':
      return `p99 of ${warning.due} requests depends on a few of the slowest: test longer`;
    case 'REQUESTS_UNSENT':
      return `${warning.unsent} requests were due but never sent: ${warning.loop === 'open' ? `${warning.maxInFlight} were already in progress` : 'no user was free'}`;
    case 'ARTICLES_REPEATED':
      return "articles were sent unchanged, again and again: some answers may come from the server's cache";
  }
}

const CONCLUSIONS = {
  RATE_SURE: 'sure',
  RATE_LIKELY: 'likely, but the interval reaches over what is allowed: run longer probes to be sure',
  RATE_DOUBTFUL: 'doubtful',
  RATE_REQUESTS_FEW: 'too few requests to be sure: run longer probes',
} as const;

/** The sentence that says how sure a found rate is. */
export function formatRateSureness(sureness: RateSureness): string {
  if (sureness.code === 'RATE_NOT_FOUND') return 'no rate that was tried met the limits';
  if (sureness.code === 'RATE_SEARCH_STOPPED') return 'stopped before a rate was met';
  const times = `met in ${sureness.met} of ${sureness.probes} probes`;
  if (sureness.code === 'RATE_MET') return times;
  const percent = (share: number): string => `${Number((share * 100).toPrecision(2))}%`;
  const { over, requests, lowestShare, highestShare, allowedShare, complete } = sureness;
  return `${times}; ${over} of ${requests.toLocaleString('en')} requests took longer (95% interval of the share ${percent(lowestShare)} to ${percent(highestShare)}, allowed ${percent(allowedShare)}): ${CONCLUSIONS[sureness.code]}${complete ? '' : '; stopped early'}`;
}
