// Errors of Google Cloud Storage, and of its client, as errors of the catalogue.
import { appError, errorCodeOf, isAppError } from '../../foundation/core/index.ts';
import { explainNetwork, mayRecover, unexpectedAnswer } from './vendor-client.ts';

/** What an error is about. */
export interface GcsRequest {
  readonly url: string;
  readonly action: 'list' | 'read' | 'write' | 'delete';
  readonly key?: string;
  readonly version?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const REMEDY =
  'Sign in (gcloud auth application-default login), set GOOGLE_APPLICATION_CREDENTIALS to the JSON file of a service account, or name it: credentials_file in configs/remote, or dvc remote modify --local NAME credentialpath FILE.';

export function explainGcs(error: unknown, request: GcsRequest): unknown {
  const { url, action, key, version, signal } = request;
  if (signal?.aborted) return signal.reason;
  if (isAppError(error)) return error;
  const cause = { cause: error };
  const message = error instanceof Error ? error.message : '';
  const status = gcsStatusOf(error);
  const refusal = explainCredentials(message);
  if (refusal !== null) return appError('REMOTE_CREDENTIALS', { url, got: refusal, remedy: REMEDY }, cause);
  if (/invalid.?jwt/i.test(message) && /iat|exp|time/i.test(message))
    return appError(
      'REMOTE_CLOCK',
      { url, got: 'one that is minutes off, so that its sign-in is refused' },
      cause,
    );
  if (/invalid_grant|account_?not_?found|invalid_client|unauthorized_client/i.test(message)) {
    const got = 'those of an account or a key that was deleted, disabled or has expired';
    return appError('REMOTE_CREDENTIALS', { url, got, remedy: REMEDY }, cause);
  }
  const network = status === undefined ? explainNetwork(error) : null;
  if (network !== null) return appError('REMOTE_UNREACHABLE', { url, reason: network }, cause);
  if (status === 401)
    return appError(
      'REMOTE_CREDENTIALS',
      { url, got: 'none, or some that it does not know', remedy: REMEDY },
      cause,
    );
  if (status === 403) {
    const [, right] = /does not have (storage\.[\w.]+)/.exec(message) ?? [];
    return appError('REMOTE_FORBIDDEN', { url, action, reason: right ?? 'status 403' }, cause);
  }
  if (/bucket.*(does not|doesn't) exist/i.test(message))
    return appError('REMOTE_NOT_FOUND', { url, kind: 'bucket' }, cause);
  if (status === 404) {
    const shown = version === undefined ? key : `${key} in its version ${version}`;
    return key === undefined || action === 'write'
      ? appError('REMOTE_NOT_FOUND', { url, kind: 'bucket' }, cause)
      : appError('REMOTE_OBJECT_MISSING', { url, key: shown }, cause);
  }
  if (mayRecover(status))
    return appError('REMOTE_UNREACHABLE', { url, reason: `it answers ${status}` }, cause);
  return unexpectedAnswer(url, error, status);
}

/** The HTTP status of an answer; undefined if there was none. */
export function gcsStatusOf(error: unknown): number | undefined {
  const code = Number(errorCodeOf(error));
  if (code >= 100 && code < 600) return code;
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  return typeof error.status === 'number' ? error.status : undefined;
}

function explainCredentials(message: string): string | null {
  if (/could not load the default credentials|unable to detect a project id/i.test(message))
    return 'none: neither GOOGLE_APPLICATION_CREDENTIALS, nor a sign-in of gcloud, nor a role of this machine has any';
  if (/DECODER routines|PEM|private.?key|client_email|does not contain/i.test(message))
    return 'a credentials file that is incomplete or damaged';
  return null;
}
