// POST /v1/batch: a CSV, JSON Lines or Parquet file, plain or in gzip or zip. Each row's prediction is sent while the file is still being received. Lines
// wait in memory for clients that read only after they have sent everything, as browsers do.
import { Readable } from 'node:stream';
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';
import { parseColumnRequest } from '../../learning/data/index.ts';
import type { RouteDefinition } from '../http/index.ts';
import { createProblem, formatJson } from '../http/index.ts';
import type { AppContext } from './app-context.ts';
import { predictUpload, type UploadLine, type UploadRequest, uploadLineSchema } from './predict-upload.ts';
import { buildRequestOrigin } from './receipts.ts';
import { openUpload, readUploadFile } from './upload-file.ts';

/** About 50,000 lines. */
const WAITING_BYTES = 16 * 1024 * 1024;

/** Tools make files after this pattern, so it is narrower than what is read. */
const csvSchema = z.string().meta({
  pattern:
    '^(text\\r?\\n|[a-z]{1,9},text\\r?\\n[^,"\\r\\n]*,|[a-z]{1,9},[a-z]{1,9},text\\r?\\n[^,"\\r\\n]*,[^,"\\r\\n]*,)[^,"\\r\\n]*[A-Za-z]{2,} [A-Za-z]{2,}[^,"\\r\\n]*(\\r?\\n|$)',
  description: 'A plain file. Other columns, separators and quotes are read too.',
});

export function createBatchRoute(context: AppContext): RouteDefinition {
  const { limits } = context;
  let underWay = 0;
  return {
    method: 'POST',
    url: '/v1/batch',
    operationId: 'predictFile',
    summary: 'Predict for a CSV, JSON Lines or Parquet file',
    // which columns and which format are right depends on the file: tools that try every parameter by itself would only fail
    description: `The file may be in gzip or zip, with several files in it. ?format=csv or jsonl, if neither the media type nor the file name tells. ?columns=title=NAME,text=NAME,id=NAME names the columns, one of title and text is enough: a name with a comma, or with a quote at its start, stands in quotes, and the quotes in it are doubled; an empty name: no such column. Without it: the columns of the model's training file (GET /v1/model), else title and text, and id if there is one; all other columns are repeated in the answer. ?separator=semicolon (comma, tab, pipe or one character) and ?quotes=false (a quote is an ordinary character) say how a CSV file is written; without them it is found from the file. As the body or as the one file in multipart/form-data, in UTF-8, UTF-16 or the charset that its content-type declares; at most ${limits.maxUploadBytes} bytes, ${limits.maxBodyBytes} a row. A line of JSON Lines is {"id": "a1", "title": "…", "text": "…"}. The answer is one JSON object a line: a prediction (type verdict) or a rejection for each row in order, progress in between, at the end done, or failed: the file could not be read on, or held no article.`,
    tag: 'prediction',
    access: 'predict',
    queryParameters: {
      line_offset: {
        description: 'Added to each line number of the answer, for a client that sends a long file in parts.',
        pattern: '^[0-9]{1,12}$',
      },
    },
    body: { 'text/csv': csvSchema, 'application/x-ndjson': undefined },
    streamsBody: true,
    answers: {
      200: { description: 'One object a line', content: { 'application/x-ndjson': uploadLineSchema } },
    },
    errors: [
      'COLUMNS_INVALID',
      'SEPARATOR_UNKNOWN',
      'QUERY_INVALID',
      'ARTICLE_COLUMNS_MISSING',
      'DATA_FILE_INVALID',
      'NOTHING_PREDICTED',
      'UPLOAD_EMPTY',
      'UPLOAD_TYPE_UNSUPPORTED',
      'UPLOAD_SEVERAL_FILES',
      'SERVER_BUSY',
    ],
    examples: EXAMPLES,
    handle: async (request, reply) => {
      if (underWay >= limits.maxUploads) throw appError('SERVER_BUSY', { max: limits.maxUploads });
      underWay++;
      const disconnected = new AbortController();
      let streaming = false;
      let finished = false;
      const finish = (): void => {
        if (!finished) underWay--;
        finished = true;
        disconnected.abort();
      };
      reply.raw.once('close', finish); // also when no line was sent
      try {
        const query = readQuery(request.query);
        const file = await openUpload(request, limits.bodySeconds);
        const lines = predictUpload(context, {
          format: file.format,
          ...query,
          // a declared charset is decoded before the file is read
          reading: file.charset === undefined ? query.reading : { ...query.reading, encoding: 'utf-8' },
          chunks: readUploadFile(file, limits),
          ...buildRequestOrigin(request),
          signal: disconnected.signal,
        });
        const first = await lines.next(); // a file that cannot be read gets a problem document
        streaming = true;
        const text = Readable.from(formatLines(first, lines, finish), {
          objectMode: false,
          highWaterMark: WAITING_BYTES,
        });
        // nginx would buffer the lines
        return reply.type('application/x-ndjson').header('x-accel-buffering', 'no').send(text);
      } finally {
        if (!streaming) finish();
      }
    },
  };
}

/** @throws COLUMNS_INVALID, SEPARATOR_UNKNOWN, QUERY_INVALID */
function readQuery(query: unknown): Pick<UploadRequest, 'columns' | 'lineOffset' | 'reading'> {
  const {
    columns,
    line_offset: offset = '0',
    separator = null,
    quotes = null,
  } = query as Readonly<Record<string, unknown>>;
  if (separator !== null && typeof separator !== 'string')
    throw appError('SEPARATOR_UNKNOWN', { got: 'two' });
  if (quotes !== null && quotes !== 'true' && quotes !== 'false')
    throw appError('QUERY_INVALID', { parameter: 'quotes', expected: 'true or false' });
  const reading = { encoding: null, separator, quotes: quotes === null ? null : quotes === 'true' };
  if (typeof offset !== 'string' || !/^\d{1,12}$/.test(offset))
    throw appError('QUERY_INVALID', { parameter: 'line_offset', expected: 'a whole number' });
  const about = { lineOffset: Number(offset), reading };
  if (columns === undefined) return { columns: {}, ...about };
  if (typeof columns !== 'string') throw appError('COLUMNS_INVALID', { where: 'columns', got: 'two lists' });
  return { columns: parseColumnRequest(columns, 'columns'), ...about };
}

async function* formatLines(
  first: IteratorResult<UploadLine, void>,
  rest: AsyncGenerator<UploadLine>,
  finish: () => void,
): AsyncGenerator<string> {
  try {
    if (first.done !== true) yield `${formatJson(first.value)}\n`;
    for await (const line of rest) yield `${formatJson(line)}\n`;
  } finally {
    await rest.return(undefined);
    finish();
  }
}

const problem = createProblem(
  appError('ARTICLE_COLUMNS_MISSING', {
    where: 'upload',
    expected: 'a header line with title or text',
    got: '2 other columns',
    argument: '?columns=',
  }),
  '7f8c5f6e-2d3b-4c1a-9e57-0a1b2c3d4e5f',
);

const EXAMPLES: RouteDefinition['examples'] = [
  {
    name: 'a CSV file',
    contentType: 'text/csv',
    body: 'id,title,text\na1,Ferry resumes,It sailed on Tuesday.\na2,,\n',
    status: 200,
    answer: [
      '{"type":"verdict","line":2,"id":"a1","label":"REAL","probability":0.91,"probabilities":{"FAKE":0.09,"REAL":0.91},"abstained":false,"modelVersion":"compact@1","predictionId":"0mjv6k2g0abcdefghijklmnop","warnings":[],"warningFacts":[]}',
      '{"type":"rejected","line":3,"id":"a2","error":{"code":"ARTICLE_ROW_INVALID","message":"upload:3: expected a title or a text, got empty ones"}}',
      '{"type":"progress","rows":2,"judged":1,"rejected":1,"bytes":72}',
      '{"type":"done","rows":2,"judged":1,"rejected":1,"seconds":0.01,"columns":{"title":"title","text":"text","id":"id"},"columnNotes":[],"fileNotes":[],"modelVersion":"compact@1","requestId":"7f8c5f6e-2d3b-4c1a-9e57-0a1b2c3d4e5f"}',
      '',
    ].join('\n'),
  },
  {
    name: 'columns of other names, and one that is passed through',
    query: { columns: 'title=Betreff,text=Nachricht' },
    contentType: 'text/csv',
    body: 'Betreff;Nachricht;Kategorie\nFahrplan;Die Fähre fährt wieder.;Verkehr\n',
    status: 200,
  },
  {
    name: 'JSON Lines',
    contentType: 'application/x-ndjson',
    body: '{"title":"Moon sold!","text":"A council sold the moon."}\n',
    status: 200,
  },
  {
    name: 'a file in a form',
    contentType: 'multipart/form-data; boundary=frontier',
    body: '--frontier\r\ncontent-disposition: form-data; name="file"; filename="articles.csv"\r\ncontent-type: text/csv\r\n\r\ntitle,text\r\nFerry resumes,It sailed.\r\n\r\n--frontier--\r\n',
    status: 200,
  },
  {
    name: 'other columns',
    contentType: 'text/csv',
    body: 'headline,body\na,b\n',
    status: 400,
    answer: problem,
  },
];
