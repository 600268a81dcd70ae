// What looks like a secret: keys whose form gives them away, passwords in addresses, and random values that are assigned to
// a name such as DB_PASSWORD. Forms: the public documentation of each service.

export interface SecretKind {
  /** Stable, for JSON. */
  readonly kind: string;
  /** For people: "an AWS access key". */
  readonly words: string;
}

interface KeyForm extends SecretKind {
  readonly form: RegExp;
}

/** A key starts and ends where no letter or digit is beside it. */
const START = '(?<![A-Za-z0-9_-])';
const END = '(?![A-Za-z0-9_-])';
const key = (pattern: string): RegExp => new RegExp(`${START}(?:${pattern})`);

/** Keys that their form gives away; each holds at least 16 characters without a break. */
const KEY_FORMS: readonly KeyForm[] = [
  { kind: 'aws-key', words: 'an AWS access key', form: key(`(?:AKIA|ASIA)[A-Z0-9]{16}${END}`) },
  { kind: 'google-key', words: 'a Google API key', form: key(`AIza[A-Za-z0-9_-]{35}${END}`) },
  { kind: 'google-secret', words: 'a Google client secret', form: key(`GOCSPX-[A-Za-z0-9_-]{28}${END}`) },
  {
    kind: 'github-token',
    words: 'a GitHub token',
    form: key('gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}'),
  },
  {
    kind: 'gitlab-token',
    words: 'a GitLab token',
    form: key('gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[A-Za-z0-9_-]{20,}'),
  },
  { kind: 'hugging-face-token', words: 'a Hugging Face token', form: key(`hf_[A-Za-z0-9]{30,}${END}`) },
  {
    kind: 'openai-key',
    words: 'an OpenAI key',
    form: key(
      'sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,}|sk-(?=[A-Za-z]*[0-9])(?=[0-9a-z]*[A-Z])[A-Za-z0-9]{32,}',
    ),
  },
  { kind: 'anthropic-key', words: 'an Anthropic key', form: key('sk-ant-[A-Za-z0-9_-]{20,}') },
  {
    kind: 'slack-token',
    words: 'a Slack token',
    form: key('xox[abeoprs]-(?=[A-Za-z-]*[0-9])[A-Za-z0-9-]{12,}|xapp-[0-9]-[A-Za-z0-9-]{12,}'),
  },
  {
    kind: 'slack-webhook',
    words: 'a Slack webhook',
    form: /hooks\.slack\.com\/services\/T[A-Z0-9]{6,}\/B[A-Z0-9]{6,}\/[A-Za-z0-9]{16,}/,
  },
  { kind: 'stripe-key', words: 'a Stripe key', form: key('[sr]k_live_[A-Za-z0-9]{16,}') },
  { kind: 'npm-token', words: 'an npm token', form: key(`npm_[A-Za-z0-9]{36}${END}`) },
  { kind: 'pypi-token', words: 'a PyPI token', form: key('pypi-AgE[A-Za-z0-9_-]{40,}') },
  { kind: 'sendgrid-key', words: 'a SendGrid key', form: key(String.raw`SG\.[\w-]{20,24}\.[\w-]{40,}`) },
  {
    kind: 'veracity-key',
    words: 'an API key of Veracity',
    form: key(`vk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}${END}`),
  },
];

export const PRIVATE_KEY: SecretKind = { kind: 'private-key', words: 'a private key' };
export const SERVICE_ACCOUNT: SecretKind = {
  kind: 'gcp-service-account',
  words: 'the private key of a Google Cloud service account',
};
const KAGGLE_KEY: SecretKind = { kind: 'kaggle-key', words: 'a Kaggle key' };
const ADDRESS: SecretKind = { kind: 'password-in-address', words: 'a password in an address' };
const ASSIGNMENT: SecretKind = { kind: 'assigned-secret', words: 'a secret that is assigned to a name' };

/** scheme://user:password@host. No part holds a slash, so that a search reads a run once. */
const PASSWORD_ADDRESS = /(?<=[A-Za-z0-9+.-]):\/\/([^\s:/@]*):([^\s/@]+)@[A-Za-z0-9[]/g;
/** Names of secrets, as the last part of a name; then = or : and perhaps a quote. */
const SECRET_NAME =
  'secret(?:[_-]?(?:access)?[_-]?key)?|token|passw(?:or)?d|passphrase|pwd|(?:api|access|private|account|encryption|signing|auth)[_-]?key|credentials?|(?<![A-Za-z])_?auth';
const ASSIGNED = new RegExp(
  String.raw`(?:${SECRET_NAME})(?:_?(?:base64|b64))?\\?["'\`]?\s{0,4}(?:=>|:=|=|:)\s{0,4}\\?["'\`]?$`,
  'i',
);
/** SOME_KEY=VALUE, as in files of environment variables. */
const ASSIGNED_KEY = /(?<![a-z])_KEY["']?\s{0,2}=\s{0,2}["']?$/;
const AUTHORIZATION = /authorization\\?["'`]?\s{0,4}[:=,]\s{0,4}\\?["'`]?(?:bearer|basic|token)\s+$/i;
const IN_RUN = new RegExp(
  `^(.*?(?:${SECRET_NAME})(?:_?(?:base64|b64))?|[A-Z0-9_]*_KEY)(:=|=>|=|:)(.+)$`,
  'i',
);
const KAGGLE = /"username"\s*:\s*"[^"]*"\s*,\s*"key"\s*:\s*"$/;
const PLACEHOLDER =
  /^(?:\*+|x+|\.+|pass(?:word|wd|wort|e)?|pw|pwd|secret|changeme|change[-_]me|user(?:name)?|example|redacted|hidden|none|null|undefined|true|false)$/i;
const TEMPLATE =
  /\$\{|\{\{|\$\(|%\(|^\$[A-Za-z_({]|^%[A-Za-z_]+%$|^@[A-Za-z]|your[-_ ]?|placeholder|x{6,}|\*{3,}|\.{3}|…/i;

/**
 * Examines a run of characters without a break.
 * @param run  at least 12 characters without space, quote, comma or bracket
 * @param before  what stands before it on its line
 * @param after  the character that follows
 */
export function recogniseSecret(run: string, before: string, after: string): SecretKind | undefined {
  const known = KEY_FORMS.find(({ form }) => form.test(run));
  if (known !== undefined) return { kind: known.kind, words: known.words };
  if (run.includes('@') && hasPassword(run)) return ADDRESS;
  if (AUTHORIZATION.test(before) && looksRandom(run)) return ASSIGNMENT;
  if (/^[0-9a-f]{32}$/.test(run) && KAGGLE.test(before)) return KAGGLE_KEY;
  if (after === '(' || after === '[') return undefined; // code: a call, an index
  if ((ASSIGNED.test(before) || ASSIGNED_KEY.test(before)) && looksRandom(run)) return ASSIGNMENT;
  return assignsSecret(run) ? ASSIGNMENT : undefined;
}

/**
 * Examines a line of a file that holds settings, such as `.env`: any value of a secret's name counts, random or not.
 */
export function recogniseSetting(line: string): SecretKind | undefined {
  const [, value] =
    /^\s*(?:export\s+)?["']?[\w.-]*(?:secret|token|passw(?:or)?d|passphrase|pwd|api[_-]?key|(?:access|private|account|secret)[_-]?key|credentials?|_key)["']?\s*[=:]\s*(\S[\s\S]*)$/i.exec(
      line,
    ) ?? [];
  if (value === undefined) return undefined;
  const bare = value
    .trimEnd()
    .replace(/^(["'])(.*)\1.*$/, '$2')
    .replace(/\s#.*$/, '')
    .trimEnd();
  const isSecret =
    bare.length >= 6 &&
    !/[\s<>]/.test(bare) &&
    !PLACEHOLDER.test(bare) &&
    !TEMPLATE.test(bare) &&
    !isPlace(bare);
  return isSecret ? ASSIGNMENT : undefined;
}

function hasPassword(run: string): boolean {
  return [...run.matchAll(PASSWORD_ADDRESS)].some(
    ([, user, password = '']) =>
      password.length >= 4 && // shorter ones stand in examples
      password !== user &&
      !PLACEHOLDER.test(password) &&
      !TEMPLATE.test(password),
  );
}

/** NAME=VALUE within the run. Parameters of web addresses are public more often than not. */
function assignsSecret(run: string): boolean {
  const [, name = '', sign, value = ''] = IN_RUN.exec(run) ?? [];
  if (sign === undefined || name.includes('://') || name.includes('?') || name.includes('&')) return false;
  if (sign === ':' && value.startsWith('/')) return false;
  return looksRandom(value);
}

const MIN_LENGTH = 12;
/** Bits for each character: 16 random hex digits have about 3.3, words about 3. */
const MIN_ENTROPY = 3;
/** Share of places where letters, capitals and digits alternate: 0.45 in random text, below 0.2 in most names and words. */
const MIN_CHANGES = 0.2;

/** Whether a value is random as a generated key is, and no hash with its name, no UUID, no place, no placeholder. */
function looksRandom(text: string): boolean {
  let end = text.length;
  while (end > 0 && '.,;:!?\'"'.includes(text[end - 1]!)) end--;
  const value = text.slice(0, end);
  if (value.length < MIN_LENGTH || !/[0-9]/.test(value) || !/[A-Za-z]/.test(value)) return false;
  if (TEMPLATE.test(value) || isPlace(value)) return false;
  if (/^(?:md5|sha\d+)[-:]/i.test(value)) return false;
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value)) return false;
  return measureEntropy(value) >= MIN_ENTROPY && countChanges(value) >= MIN_CHANGES * (value.length - 1);
}

/** A path or an address. */
function isPlace(value: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/|\.{0,2}\/|~\/|[A-Za-z]:\\)/.test(value);
}

function measureEntropy(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Places where a digit and a letter meet, or a small letter precedes a capital. */
function countChanges(text: string): number {
  return (text.match(/(?<=[0-9])[A-Za-z]|(?<=[A-Za-z])[0-9]|(?<=[a-z])[A-Z]/g) ?? []).length;
}
