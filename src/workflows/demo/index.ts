// The room's door: what other rooms may use.
export { type DemoOutcome, runDemo } from './demo.ts';
