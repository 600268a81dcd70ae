// The room's door: what other rooms may use.
export { formatDifferenceHtml, formatDifferenceText } from '../../learning/inspect/index.ts';
export { compareDataStates } from './data-comparison.ts';
