// The room's door: what other rooms may use.
export { formatChromeTrace, type TraceSpan, type TraceThread } from './chrome-trace.ts';
export { type FunctionTime, startFunctionProfile, summarizeFunctions } from './function-profile.ts';
export { type GraphRun, NODE_KINDS, type NodeKind, parseNodeTimes } from './node-times.ts';
