// The room's door: what other rooms may use.
export { addBodyParser, parseJsonBody } from './body-parser.ts';
export { addBodyLimits, hasBody, readUpload, withinMs } from './body-stream.ts';
export { formatJson } from './json-format.ts';
export { convertToUtf8, createCharsetDecoder, nameMediaType, readMediaType } from './media-type.ts';
export { createOpenApiDocument } from './openapi-document.ts';
export { addPage, addStudioPage, locatePage } from './page.ts';
export {
  asRequestError,
  buildFailureTrace,
  createBodyError,
  createErrorBody,
  createProblem,
  problemSchema,
  sendProblem,
  TITLES,
} from './problem.ts';
export { addRoute, type RouteAccess, type RouteDefinition } from './route.ts';
export { formatAllow, RouteTable } from './route-table.ts';
export { SECURITY_HEADERS } from './security-headers.ts';
