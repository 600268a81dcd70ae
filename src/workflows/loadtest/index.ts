// The room's door: what other rooms may use.

export { isRoute, type Route } from './load-target.ts';
export { type LoadTestRequest, type RateSearchRequest, runLoadTest } from './load-test.ts';
