// The room's door: what other rooms may use.
export {
  type ArticleTable,
  openFileTable,
  openVersionTable,
  type TableFile,
  type TableOptions,
} from './article-table.ts';
export { compareTables, type DataDifference, type DifferenceOptions } from './data-difference.ts';
export { formatDifferenceHtml } from './difference-html.ts';
export { formatDifferenceMarkdown, formatDifferenceText } from './difference-text.ts';
