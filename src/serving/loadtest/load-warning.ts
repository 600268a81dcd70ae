// Warnings about a load test: what makes its figures or the found rate less certain, as facts: a code and the numbers behind
// it. Programs compare these; sentences are made from them where people read them (load-warning-sentences.ts).

/** With fewer requests a p99 is one of the few slowest. */
export const ENOUGH_REQUESTS = 200;

export type LoadWarning =
  /** The load generator used more of a core than `highestShare`, so it may limit the rate. */
  | { readonly code: 'GENERATOR_BUSY'; readonly cpuShare: number; readonly highestShare: number }
  /** The load generator's timers were later (p99) than `highestMs`, so latencies include its own delay. */
  | { readonly code: 'GENERATOR_LATE'; readonly lagP99Ms: number; readonly highestMs: number }
  /** Fewer requests were due than a p99 needs. */
  | { readonly code: 'REQUESTS_FEW'; readonly due: number; readonly enough: number }
  /** Some of the due requests were never sent: that many requests, or all users, were busy. */
  | {
      readonly code: 'REQUESTS_UNSENT';
      readonly due: number;
      readonly unsent: number;
      readonly loop: 'open';
      readonly maxInFlight: number;
    }
  | {
      readonly code: 'REQUESTS_UNSENT';
      readonly due: number;
      readonly unsent: number;
      readonly loop: 'closed';
    }
  /** The articles were sent unchanged, so the server's cache may have responded. */
  | { readonly code: 'ARTICLES_REPEATED'; readonly articles: number };

/** The probes at a found rate. */
interface RateProbes {
  readonly probes: number;
  /** The number of these that met the limits. */
  readonly met: number;
  /** false: the search was stopped, or ran out of probes. */
  readonly complete: boolean;
}

/** How sure it is that a server sustains the rate that a search found. */
export type RateSureness =
  /** The search came to its end without a rate that met the limits. */
  | { readonly code: 'RATE_NOT_FOUND' }
  /** The search was stopped, or ran out of probes, before a rate met the limits. */
  | { readonly code: 'RATE_SEARCH_STOPPED' }
  /** The limits name no percentile: the probes are all that is known. */
  | ({ readonly code: 'RATE_MET' } & RateProbes)
  /**
   * The share of slow requests lies within what the percentile allows (SURE), reaches over it (LIKELY), lies above it
   * (DOUBTFUL), or rests on too few requests.
   */
  | ({
      readonly code: 'RATE_SURE' | 'RATE_LIKELY' | 'RATE_DOUBTFUL' | 'RATE_REQUESTS_FEW';
      readonly requests: number;
      /** The number of requests that took longer than the percentile's limit. */
      readonly over: number;
      /** 95% interval of their share. */
      readonly lowestShare: number;
      readonly highestShare: number;
      readonly allowedShare: number;
    } & RateProbes);
