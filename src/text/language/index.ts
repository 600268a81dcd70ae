// The room's door: what other rooms may use.
export { detectLanguage } from './detect-language.ts';
