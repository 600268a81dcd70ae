// The room's door: what other rooms may use.
export { openStudio } from './studio-thread.ts';
