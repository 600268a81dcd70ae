// The room's door: what other rooms may use.
export { createStudio } from './create-studio.ts';
