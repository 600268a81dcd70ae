// The room's door: what other rooms may use.
export { type IncidentFacts, Incidents, incidentSchema } from './incidents.ts';
