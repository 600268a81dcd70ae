// Errors of S3 and of servers that speak its language, as errors of the catalogue.
import { appError, isAppError } from '../../foundation/core/index.ts';
import { explainNetwork, mayRecover, unexpectedAnswer } from './vendor-client.ts';

export type S3Action = 'list' | 'read' | 'write' | 'delete';

/** What an error is about. */
export interface S3Request {
  readonly url: string;
  readonly action: S3Action;
  readonly key?: string;
  readonly version?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const BAD_CREDENTIALS: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'an access key id that it does not know',
  SignatureDoesNotMatch: 'a secret access key that does not belong to the access key id',
  ExpiredToken: 'a session token that has expired',
  ExpiredTokenException: 'a session token that has expired',
  TokenRefreshRequired: 'a session token that has expired',
  InvalidToken: 'a session token that it does not know',
  InvalidClientTokenId: 'an access key id that it does not know',
  UnrecognizedClientException: 'an access key id that it does not know',
};

const REMEDY =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, sign in (aws sso login), or name a profile of ~/.aws: profile in configs/remote, or dvc remote modify --local NAME profile PROFILE.';

/** The code that the server names, such as NoSuchKey. */
export function s3CodeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return 'Code' in error && typeof error.Code === 'string' ? error.Code : error.name;
}

export function s3StatusOf(error: unknown): number | undefined {
  const metadata: unknown = error instanceof Error && '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

export function explainS3(error: unknown, request: S3Request): unknown {
  const { url, action, key, version, signal } = request;
  if (signal?.aborted) return signal.reason;
  if (isAppError(error)) return error;
  const [code, status, cause] = [s3CodeOf(error), s3StatusOf(error), { cause: error }];
  const network = status === undefined || status === 200 ? explainNetwork(error) : null;
  if (network !== null) return appError('REMOTE_UNREACHABLE', { url, reason: network }, cause);
  if (code === 'CredentialsProviderError' || code === 'TokenProviderError') {
    const got = 'none: neither variables, nor a profile, nor a role of this machine has any';
    return appError('REMOTE_CREDENTIALS', { url, got, remedy: REMEDY }, cause);
  }
  if (Object.hasOwn(BAD_CREDENTIALS, code) || status === 401)
    return appError('REMOTE_CREDENTIALS', { url, got: BAD_CREDENTIALS[code] ?? code, remedy: REMEDY }, cause);
  if (code === 'RequestTimeTooSkewed')
    return appError('REMOTE_CLOCK', { url, got: 'one that is more than 15 minutes off' }, cause);
  if (code === 'NoSuchBucket' || code === 'InvalidBucketName')
    return appError('REMOTE_NOT_FOUND', { url, kind: 'bucket' }, cause);
  if (
    code === 'PermanentRedirect' ||
    code === 'AuthorizationHeaderMalformed' ||
    code === 'IllegalLocationConstraintException'
  )
    return appError(
      'REMOTE_UNSUPPORTED',
      {
        url,
        expected: 'the region of the bucket',
        got: 'another one',
        remedy: 'Set region of the remote, or AWS_REGION.',
      },
      cause,
    );
  if (status === 404 || code === 'NoSuchKey' || code === 'NoSuchVersion' || isBadVersion(code, version)) {
    const shown = version === undefined ? key : `${key} in its version ${version}`;
    return key === undefined
      ? appError('REMOTE_NOT_FOUND', { url, kind: 'bucket' }, cause)
      : appError('REMOTE_OBJECT_MISSING', { url, key: shown }, cause);
  }
  if (status === 403)
    return appError('REMOTE_FORBIDDEN', { url, action, reason: `${code || 'status 403'}` }, cause);
  if (
    mayRecover(status) ||
    /^(SlowDown|Throttling|RequestTimeout|InternalError|ServiceUnavailable)/.test(code)
  )
    return appError('REMOTE_UNREACHABLE', { url, reason: `it answers ${status ?? ''} ${code}` }, cause);
  return unexpectedAnswer(url, error, status);
}

/** A version id that is not of the server's form is one that it does not have. */
function isBadVersion(code: string, version: string | undefined): boolean {
  return (
    version !== undefined &&
    (code === 'InvalidArgument' || code === 'MethodNotAllowed' || code === 'BadRequest')
  );
}
