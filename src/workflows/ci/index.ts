// The room's door: what other rooms may use.
export { formatSecretPlace } from '../../foundation/secrets/index.ts';
export { type CheckReport, formatReportMarkdown, formatReportText } from './check-report.ts';
export { checkData } from './data-check.ts';
export { checkSecrets } from './secrets-check.ts';
export { checkVersion, readRegistryEvent } from './version-check.ts';
export { writeWorkflows } from './workflow-files.ts';
