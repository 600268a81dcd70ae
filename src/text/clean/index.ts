// The room's door: what other rooms may use.
export { type CleanedArticle, cleanArticle, cleanArticleWith } from './clean-article.ts';
export { findMissingText, type MissingText, type TextNeeds } from './missing-text.ts';
export type { CleaningRule } from './rule.ts';
export { CLEANING_VERSION, cleaningRules } from './rules.ts';
export type { TextMap } from './text-map.ts';
export { type TracedArticle, traceCleaning } from './trace-cleaning.ts';
