// The room's door: what other rooms may use.
export {
  formatDifferenceHtml,
  formatDifferenceText,
  formatStatisticsHtml,
  formatStatisticsText,
} from '../../learning/inspect/index.ts';
export { compareDataStates } from './data-comparison.ts';
export { describeData } from './data-description.ts';
