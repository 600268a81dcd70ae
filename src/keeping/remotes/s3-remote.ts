// A remote in a bucket of S3, or of a server that speaks its language. Amazon's client loads when the first one is opened.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type * as S3 from '@aws-sdk/client-s3';
import { appError, hideLogin, isAppError } from '../../foundation/core/index.ts';
import { type AwsKeys, readAwsKeys } from './aws-credentials-file.ts';
import { PartBuffers } from './part-buffers.ts';
import type {
  ObjectReadOptions,
  ObjectSource,
  ObjectWriteOptions,
  Remote,
  RemoteObject,
  RemoteSettings,
} from './remote.ts';
import { checkKey } from './remote-key.ts';
import { explainS3, type S3Action, type S3Request, s3StatusOf } from './s3-errors.ts';
import { PART_BYTES, type S3Place, type UploadOutcome, uploadInParts, uploadWhole } from './s3-upload.ts';
import { askClock, explainStream, loadClient, parseBucketAddress } from './vendor-client.ts';

const PACKAGE = '@aws-sdk/client-s3';
/** Where no region is set: S3 then names the right one, and the client follows. */
const ANY_REGION = 'us-east-1';
/** Parts in memory at once: 16 of 8 MiB. */
const PARTS_IN_MEMORY = 16;
const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_MS = 60_000;

/** @throws REMOTE_CLIENT_MISSING, REMOTE_UNSUPPORTED */
export async function openS3Remote(settings: RemoteSettings): Promise<Remote> {
  const { bucket, prefix } = parseBucketAddress(settings.url);
  // The client warns of versions of itself to come that need a newer Node.js; the version here is chosen to suit.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const commands = await loadClient(settings.url, PACKAGE, () => import('@aws-sdk/client-s3'));
  const client = await createClient(commands, settings);
  const buffers = new PartBuffers(PARTS_IN_MEMORY);
  const url = `s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`;
  return new S3Remote({ url, client, commands, bucket, buffers, knowsConditions: true }, prefix, settings);
}

/** A client whose region is that of the settings, of variables or of a profile. */
async function createClient(commands: typeof S3, settings: RemoteSettings): Promise<S3.S3Client> {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = settings.region ?? AWS_REGION ?? AWS_DEFAULT_REGION;
  const client = new commands.S3Client(clientSettings(settings, region));
  try {
    await client.config.region();
    return client;
  } catch {
    return new commands.S3Client(clientSettings(settings, ANY_REGION)); // no profile has one
  }
}

function clientSettings(settings: RemoteSettings, region: string | undefined): S3.S3ClientConfig {
  const { endpoint, profile, isAnonymous = false } = settings;
  const keys = keysOf(settings);
  return {
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    ...(keys !== null && { credentials: keys }),
    ...(isAnonymous && { signer: { sign: async (request) => request } }),
    followRegionRedirects: true,
    // Every upload has its md5. Checksums of newer kinds are unknown to many servers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SILENCE_MS },
  };
}

/** Keys that are set; null: the client looks for them in variables, profiles and roles. */
function keysOf(settings: RemoteSettings): AwsKeys | null {
  const { accessKeyId, secretAccessKey, sessionToken, credentialsFile, profile, url } = settings;
  if (credentialsFile !== undefined)
    return readAwsKeys(credentialsFile, profile ?? 'default', hideLogin(url));
  if (accessKeyId === undefined || secretAccessKey === undefined) return null;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

class S3Remote implements Remote {
  readonly kind = 's3';
  readonly isReadOnly = false;
  readonly url: string;
  readonly #place: S3Place;
  readonly #prefix: string;
  readonly #settings: RemoteSettings;

  constructor(place: S3Place, prefix: string, settings: RemoteSettings) {
    this.url = place.url;
    this.#place = place;
    this.#prefix = prefix;
    this.#settings = settings;
  }

  async *list(
    prefix: string,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<RemoteObject> {
    const { client, commands, bucket } = this.#place;
    for (let token: string | undefined; ; ) {
      const command = new commands.ListObjectsV2Command({
        Bucket: bucket,
        Prefix: this.#prefix + prefix,
        ...(token !== undefined && { ContinuationToken: token }),
      });
      const page = await this.#send('list', { signal }, (options) => client.send(command, options));
      for (const { Key, Size = 0 } of page.Contents ?? []) {
        // Consoles make empty objects that stand for folders.
        if (Key === undefined || Key.endsWith('/')) continue;
        yield { key: Key.slice(this.#prefix.length), sizeBytes: Size, md5: null };
      }
      if (page.IsTruncated !== true) return;
      token = page.NextContinuationToken;
    }
  }

  async stat(
    key: string,
    {
      version,
      signal,
    }: { readonly version?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<RemoteObject | null> {
    const { client, commands, bucket } = this.#place;
    const command = new commands.HeadObjectCommand({
      Bucket: bucket,
      Key: this.#locate(key),
      ...(version !== undefined && { VersionId: version }),
    });
    try {
      const head = await this.#send('read', { key, version, signal }, (options) =>
        client.send(command, options),
      );
      return { key, sizeBytes: head.ContentLength ?? 0, md5: null };
    } catch (error) {
      if (isAppError(error) && error.code === 'REMOTE_OBJECT_MISSING') return null;
      throw await this.#explainHead(error, signal);
    }
  }

  async read(key: string, { startByte = 0, version, signal }: ObjectReadOptions = {}): Promise<Readable> {
    const { client, commands, bucket } = this.#place;
    const command = new commands.GetObjectCommand({
      Bucket: bucket,
      Key: this.#locate(key),
      ...(startByte > 0 && { Range: `bytes=${startByte}-` }),
      ...(version !== undefined && { VersionId: version }),
    });
    const { Body } = await this.#send('read', { key, version, signal }, (options) =>
      client.send(command, options).catch((error: unknown) => {
        if (startByte > 0 && s3StatusOf(error) === 416) return { Body: undefined }; // it ends before
        throw error;
      }),
    );
    if (!(Body instanceof Readable)) return Readable.from([]);
    return explainStream(Body, (error) => explainS3(error, { url: this.url, action: 'read', key, signal }));
  }

  async write(
    key: string,
    source: ObjectSource,
    options: ObjectWriteOptions = {},
  ): Promise<'written' | 'exists'> {
    const { signal, replaces = false } = options;
    const target = { key: this.#locate(key), source, options };
    const isSmall = source.sizeBytes <= PART_BYTES;
    // Amazon knows If-None-Match. Another server may ignore it and replace the object: with the same bytes, as its key
    // says, and at once, so that no reader notices. It is asked first, and so is Amazon before much is sent for nothing.
    const asksFirst = !replaces && (this.#settings.endpoint !== undefined || !isSmall);
    if (asksFirst && (await this.stat(key, { signal })) !== null) return 'exists';
    const upload = isSmall ? uploadWhole : uploadInParts;
    const outcome = await this.#send('write', { key, signal }, () => upload(this.#place, target));
    if (outcome === 'exists') return 'exists';
    await this.#checkArrival(key, source, outcome, signal);
    return 'written';
  }

  async delete(key: string, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const { client, commands, bucket } = this.#place;
    const command = new commands.DeleteObjectCommand({ Bucket: bucket, Key: this.#locate(key) });
    try {
      await this.#send('delete', { key, signal }, (options) => client.send(command, options));
    } catch (error) {
      if (!isAppError(error) || error.code !== 'REMOTE_OBJECT_MISSING') throw error;
    }
  }

  async measureClock({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<number | null> {
    const region = await this.#place.client.config.region();
    return askClock(this.#settings.endpoint ?? `https://s3.${region}.amazonaws.com`, this.url, signal);
  }

  /**
   * The server has compared each request with its md5. That of the whole is its ETag, unless the server encrypts or has a
   * way of its own: then the object is read back.
   */
  async #checkArrival(
    key: string,
    source: ObjectSource,
    { etag, expectedEtag }: Exclude<UploadOutcome, 'exists'>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (etag?.replaceAll('"', '') === expectedEtag) return;
    const hash = createHash('md5');
    for await (const piece of await this.read(key, { signal })) hash.update(piece as Buffer);
    const md5 = hash.digest('hex');
    if (md5 === source.md5) return;
    await this.delete(key);
    const reason = 'other bytes arrived than were sent, and were removed';
    throw appError('REMOTE_UNREACHABLE', { url: this.url, reason });
  }

  /** The answer to HEAD has no body: the reason of a refusal is asked for with another request. */
  async #explainHead(error: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    if (!isAppError(error) || error.code !== 'REMOTE_FORBIDDEN') return error;
    try {
      for await (const _ of this.list('', { signal })) break;
    } catch (reason) {
      if (isAppError(reason) && reason.code !== 'REMOTE_FORBIDDEN') return reason;
    }
    return error;
  }

  async #send<T>(
    action: S3Action,
    about: Pick<S3Request, 'key' | 'version' | 'signal'>,
    send: (options: { readonly abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    about.signal?.throwIfAborted();
    try {
      return await send(about.signal === undefined ? {} : { abortSignal: about.signal });
    } catch (error) {
      throw explainS3(error, { ...about, url: this.url, action });
    }
  }

  #locate(key: string): string {
    return this.#prefix + checkKey(key, this.url);
  }
}
