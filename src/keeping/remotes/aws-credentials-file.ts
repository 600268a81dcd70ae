// Keys from a file in the form of ~/.aws/credentials that a remote names.
import { readFileSync } from 'node:fs';
import { appError, asSystemError, errorCodeOf } from '../../foundation/core/index.ts';
import { parseIni } from './ini-file.ts';

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** @throws FILE_NOT_FOUND, SYSTEM_REFUSED, REMOTE_CREDENTIALS if the profile is not in the file */
export function readAwsKeys(path: string, profile: string, url: string): AwsKeys {
  const sections = parseIni(readText(path));
  const section = sections.get(profile) ?? sections.get(`profile ${profile}`);
  const [accessKeyId, secretAccessKey, sessionToken] = [
    section?.get('aws_access_key_id'),
    section?.get('aws_secret_access_key'),
    section?.get('aws_session_token'),
  ];
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  throw appError('REMOTE_CREDENTIALS', {
    url,
    got: `none: ${path} has no keys for the profile ${profile}`,
    remedy: 'Correct the profile or the credentials file of the remote.',
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') throw appError('FILE_NOT_FOUND', { path, kind: 'credentials file' });
    throw asSystemError(error, path, 'read');
  }
}
