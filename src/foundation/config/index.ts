// The room's door: what other rooms may use.

export { findClosest, suggestPath } from './closest-name.ts';
export { type ComposedConfig, composeConfig, parseOverrides } from './config-compose.ts';
export { formatConfig, formatConfigWithOrigins, listOrigins } from './config-format.ts';
export {
  composeEntry,
  type LoadedConfig,
  type LoadOptions,
  listGroupChoices,
  listOwnFiles,
  listPaths,
  loadConfig,
  locateConfigs,
  type OwnFile,
} from './config-load.ts';
export { type PlainValue, toPlain } from './config-node.ts';
export { validateConfig } from './config-validate.ts';
export { isSweep, type Override, type OverrideSweep, type OverrideValue } from './override.ts';
export { parseOverride } from './override-parser.ts';
export { quoteText, toPlainValue } from './override-value.ts';
export { isSecretName, maskArgument, maskSecrets, maskText } from './secret-mask.ts';
export { readSettings, type Setting } from './settings-file.ts';
