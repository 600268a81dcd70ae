// The schema of a server's configuration. It knows no model family, so that a server starts without loading their graphs.
import { z } from 'zod';
import { deviceSchema } from './device-schema.ts';

const count = z.int().min(1);

/** A share: 0 to 1, or a text such as 10%. */
const shareOrPercent = z
  .union([
    z.number().min(0).max(1),
    z
      .string()
      .regex(/^\d{1,3}(\.\d+)?%$/, 'expected a share such as 10%')
      .transform((text) => Number(text.slice(0, -1)) / 100)
      .pipe(z.number().max(1)),
  ])
  .meta({ description: '10% or 0.1' });

export const serveConfigSchema = z.strictObject({
  threads: z.int().min(0),
  device: deviceSchema.default('cpu'),
  serve: z.strictObject({
    host: z.string(),
    port: z.int().min(0).max(65535),
    /** NAME, NAME@VERSION, a run id or a model folder; null: the production version, else the newest. */
    model: z.string().nullable(),
    max_body_bytes: count,
    max_articles: count,
    /** Most bytes of a file sent to POST /v1/batch, and most files at the same time. */
    max_upload_bytes: count,
    max_uploads: count,
    /** Worker threads that each hold the model and share `threads`; 0: chosen by model size and memory. */
    workers: z.int().min(0).max(256),
    /** auto: an int8 version of the model if it is as accurate; fp32, int8: exactly this precision. */
    precision: z.enum(['auto', 'fp32', 'int8']),
    batch: z.strictObject({
      /** Most tokens of a batch, including padding; null: chosen by device. */
      max_tokens: count.nullable(),
      /** Longest time that a batch with room waits for articles that are being received. */
      max_wait_ms: z.number().min(0).max(1000),
      /** Shortest time on one batch after which a worker counts as hung. */
      hang_seconds: z.number().positive().max(3600),
    }),
    queue: z.strictObject({
      /** Requests are refused if their expected wait is longer. */
      max_wait_ms: z.number().positive().max(600_000),
    }),
    cache: z.strictObject({
      /** Predictions kept for exact duplicates; 0: none. */
      max_entries: z.int().min(0).max(10_000_000),
    }),
    /** Seconds between two checks of the registry for promotions and rollbacks; 0: never. */
    watch: z.strictObject({ seconds: z.number().min(0).max(86_400) }),
    /** NAME@VERSION that predicts too; its predictions are compared, not sent. */
    shadow: z.string().nullable(),
    /** Share of the clients that a candidate version serves; model null: the version in staging, else the newest. */
    canary: z
      .union([
        shareOrPercent,
        z.strictObject({ share: shareOrPercent, model: z.string().nullable().default(null) }),
      ])
      .nullable(),
    /** Limits beyond which a canary is withdrawn. */
    canary_limits: z.strictObject({
      window_seconds: z.number().positive().max(86_400),
      min_requests: count,
      errors: shareOrPercent,
      p99_ratio: z.number().min(1),
      p99_ms: z.number().min(0),
    }),
    /** auto: API keys are required if other machines can reach the server; keys: always; open: never. */
    access: z.enum(['auto', 'keys', 'open']),
    /** Origins whose web pages may send requests. */
    cors: z.array(
      z.string().regex(/^https?:\/\/[^/\s*]+$/, 'expected an origin such as https://news.example'),
    ),
    /** Proxies in front of the server, whose x-forwarded-for header is trusted. */
    proxies: z.int().min(0).max(10),
    /** Most requests per minute; null: unlimited. */
    rate_limit: z.strictObject({
      /** Per address of another machine, without a key. */
      address: count.nullable(),
      key: count.nullable(),
    }),
    /** Seconds within which a request's headers, and its body, must arrive. */
    timeout: z.strictObject({ headers: count.max(600), body: count.max(3600) }),
    /** Receipts of predictions in the home; the oldest are deleted beyond these bytes or days. */
    log: z.strictObject({
      predictions: z.boolean(),
      /** Keep the articles too, for `veracity replay` and the next dataset. */
      text: z.boolean(),
      max_bytes: count.min(65_536),
      max_days: count,
    }),
    log_level: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
  }),
});

export type ServeConfig = z.infer<typeof serveConfigSchema>;
