// The room's door: what other rooms may use.
export { auditArticles, prepareDatasetVersion } from './prepared-data.ts';
