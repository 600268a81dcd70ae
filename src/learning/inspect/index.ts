// The room's door: what other rooms may use.
export {
  type ArticleTable,
  openFileTable,
  openVersionTable,
  type TableFile,
  type TableOptions,
} from './article-table.ts';
export { compareTables, type DataDifference, type DifferenceOptions } from './data-difference.ts';
export { type DataStatistics, describeTable, type StatisticsOptions } from './data-statistics.ts';
export { formatDifferenceHtml } from './difference-html.ts';
export { formatDifferenceMarkdown, formatDifferenceText } from './difference-text.ts';
export { formatStatisticsHtml } from './statistics-html.ts';
export { formatStatisticsMarkdown, formatStatisticsText } from './statistics-text.ts';
