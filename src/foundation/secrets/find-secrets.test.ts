import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findSecrets } from './find-secrets.ts';

/** Letters and digits as a generator of keys makes them; the same for the same seed, and in no file of this repository. */
function invent(length: number, alphabet = 'aZ3bY7cX1dW9eV5fU0gT2hS8iR4jQ6kPlOmN', seed = 'seed'): string {
  const bytes = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(`${seed}${i}`).digest(),
  );
  return [...Buffer.concat(bytes)]
    .slice(0, length)
    .map((byte) => alphabet[byte % alphabet.length])
    .join('');
}
const CAPITALS = 'A2B3C4D5E6F7GHIJKLMNOPQRSTUVWXYZ';
const HEX = '0123456789abcdef';
const PEM = ['-----BEGIN RSA PRIVATE', ' KEY-----'].join('');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function find(content: string | Buffer, name = 'notes.txt') {
  const path = join(folder, name);
  writeFileSync(path, content);
  return (await findSecrets(path)).map(({ line, kind }) => `${line} ${kind}`);
}

describe('findSecrets', () => {
  it.each([
    ['aws-key', `AKIA${invent(16, CAPITALS)}`],
    ['google-key', `AIza${invent(35)}`],
    ['github-token', `ghp_${invent(36)}`],
    ['github-token', `github_pat_${invent(22)}_${invent(59)}`],
    ['gitlab-token', `glpat-${invent(20)}`],
    ['hugging-face-token', `hf_${invent(34)}`],
    ['openai-key', `sk-proj-${invent(48)}`],
    ['openai-key', `sk-${invent(48)}`],
    ['anthropic-key', `sk-ant-${invent(40)}`],
    ['slack-token', `xoxb-${invent(12, '0123456789')}-${invent(24)}`],
    [
      'slack-webhook',
      `https://hooks.slack.com/services/T${invent(8, CAPITALS)}/B${invent(8, CAPITALS)}/${invent(24)}`,
    ],
    ['stripe-key', `sk_live_${invent(24)}`],
    ['npm-token', `npm_${invent(36)}`],
    ['pypi-token', `pypi-AgE${invent(60)}`],
    ['veracity-key', `vk_${invent(8, HEX)}_${invent(43)}`],
    ['password-in-address', `postgres://reader:${invent(9)}@db.example.org:5432/team`],
    ['password-in-address', `https://bot:${invent(9)}@git.example.org/data.git`],
  ])('finds %s wherever it stands on its line', async (kind, secret) => {
    const filler = 'The harbour office moved the last ferry to nine. ';
    const lines = [
      filler,
      secret,
      `${filler}${secret} ${filler}`,
      `12,"${filler}",REAL,${secret},2020-01-01`,
      `{"title": "${filler}", "extra": "${secret}"}`,
      `{"text": "first line\\n${secret}\\nlast line"}`,
      `KEY=${secret}`,
    ];
    const found = await find(lines.join('\n'));
    expect(found).toEqual([2, 3, 4, 5, 6, 7].map((line) => `${line} ${kind}`));
  });

  it.each([
    ['the line of an .env file', `export DB_PASSWORD='${invent(18)}'`],
    ['capitals and an equals sign', `AWS_SECRET_ACCESS_KEY=${invent(40)}`],
    ['a name in JSON', `{"id": 3, "clientSecret": "${invent(24)}"}`],
    ['a name in YAML', `api_key: ${invent(24)}`],
    ['hex digits', `WANDB_API_KEY=${invent(40, HEX)}`],
    ['spaces around the sign, in code', `const apiKey = "${invent(28)}";`],
    ['a header of a request', `"Authorization": "Bearer ${invent(40)}"`],
    ['part of a connection string', `Server=db;User=sa;Password=${invent(20)};Encrypt=true`],
    ['a password of 14 characters', `Server=db;Password=${invent(14)};Encrypt=true`],
    ['a password of 12 characters in JSON', `{"password": "${invent(12)}"}`],
    ['a password of 13 characters in YAML', `  db_password: '${invent(13)}'`],
    ['a token of 15 characters in code', `const token = "${invent(15)}";`],
    ['a key of another name', `DEPLOY_KEY = '${invent(12)}'`],
    ['a storage account', `AccountName=x;AccountKey=${invent(86)}==;`],
    ['the settings of DVC', `    secret_access_key = ${invent(40)}`],
  ])('finds a random value that is assigned to the name of a secret: %s', async (_, line) => {
    expect(await find(`first\n${line}\nlast`)).toEqual(['2 assigned-secret']);
  });

  it('finds a private key by its header and its body, also in JSON and PGP, and calls that of a service account so', async () => {
    const body = `${invent(64)}\n${invent(64)}\n`;
    expect(await find(`a\n${PEM}\n${body}`)).toEqual(['2 private-key']);
    expect(await find(`${PEM}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0F\n\n${body}`)).toEqual([
      '1 private-key',
    ]);
    expect(await find(`${PEM.replace('RSA ', 'PGP ').replace('KEY', 'KEY BLOCK')}\n\n${body}`)).toEqual([
      '1 private-key',
    ]);
    const account = {
      type: 'service_account',
      private_key_id: invent(40, HEX),
      private_key: `${PEM.replace('RSA ', '')}\n${body}`,
    };
    expect(await find(JSON.stringify(account, null, 2))).toEqual(['4 gcp-service-account']);
    expect(await find(JSON.stringify(account))).toEqual(['1 gcp-service-account']);
    const short = JSON.stringify({ ...account, private_key: `${PEM.replace('RSA ', '')}\nabcd\n` });
    expect(await find(short)).toEqual(['1 gcp-service-account']);
  });

  it('finds any password in a file of settings, but not in an example of one', async () => {
    const lines =
      '# settings\nDB_PASSWORD=hunter2hunter\nPORT=8000\nTOKEN=\nAPI_KEY=changeme\nSECRET=$FROM_ELSEWHERE\n';
    expect(await find(lines, '.env')).toEqual(['2 assigned-secret']);
    expect(await find(lines, '.env.production')).toEqual(['2 assigned-secret']);
    expect(await find(lines, '.env.example')).toEqual([]);
    expect(await find(lines, 'notes.txt')).toEqual([]);
  });

  it('finds the key file of Kaggle', async () => {
    expect(await find(`{"username":"reader","key":"${invent(32, HEX)}"}`)).toEqual(['1 kaggle-key']);
  });

  it.each([
    ['hashes', `md5: ${invent(32, HEX)}\nsha256:${invent(64, HEX)}\n"integrity": "sha512-${invent(86)}=="`],
    [
      'identifiers',
      'id 3f0c7a52-9d1e-4b6f-8a27-1c5e9b3d7f60, request_token: 3f0c7a52-9d1e-4b6f-8a27-1c5e9b3d7f60',
    ],
    ['a picture in base64', `<img src="data:image/png;base64,${randomBytes(200_000).toString('base64')}">`],
    ['a URL-safe text in base64', randomBytes(200_000).toString('base64url')],
    [
      'an article about keys',
      'An AWS access key starts with AKIA, a token of GitHub with ghp_ and a key file with -----BEGIN RSA PRIVATE KEY----- on its first line. Password: choose a good one.',
    ],
    [
      'placeholders',
      'postgres://user:password@host/db postgres://app:$DB_PASSWORD@host API_KEY=your-api-key-goes-here-123 TOKEN={{ secrets.TOKEN_1234567890 }} https://reader:reader@host/x',
    ],
    [
      'code',
      'const token = tokenizer.nextToken2(input);\nconst secret = createSecretFromBuffer3;\napiKey: options.apiKeys[0]\npassword = os.environ["DB_PASSWORD_2"]',
    ],
    [
      'links with parameters',
      `https://cdn.example.org/a.jpg?token=${invent(40)}&key=${invent(32)} mailto:a.reader@example.org https://example.org/@reader:2020/page`,
    ],
    [
      'names of things',
      'risk-assessment-of-the-harbour-office-2020 task-force-of-nine-countries-1234567890123 disk-image-1234567890123456789012345',
    ],
    [
      'special tokens of a tokenizer',
      '{"unk_token": "[UNK]", "pad_token": "<|endoftext|>", "token": "##ization2020abcdef"}',
    ],
  ])('finds nothing in %s', async (_, text) => {
    expect(await find(`${text}\n`)).toEqual([]);
  });

  it('reads UTF-16, gzip, and the ends of binary files', async () => {
    const secret = `ghp_${invent(36)}`;
    const text = `first\nsecond ${secret}\n`;
    expect(await find(Buffer.from(`\ufeff${text}`, 'utf16le'))).toEqual(['2 github-token']);
    expect(await find(gzipSync(text))).toEqual(['2 github-token']);
    expect(await find(gzipSync(text).subarray(0, -9))).toEqual(['2 github-token']);
    const zeros = Buffer.alloc(3 << 20);
    expect(await find(Buffer.concat([zeros, Buffer.from(text)]))).toEqual(['null github-token']);
    expect(await find(Buffer.concat([Buffer.from(`{"a":"${secret}"}\0`), zeros]))).toEqual([
      'null github-token',
    ]);
  });

  it('finds a secret at every distance from the end of a piece of the stream', async () => {
    const secret = `DB_PASSWORD=${invent(40)}`;
    const key = `${PEM}\n${invent(64)}\n`;
    for (const shift of [0, 11, 15, 16, 40, 53, 100]) {
      const before = `${'harbour '.repeat((1 << 17) + 10)}`.slice(0, (1 << 20) - shift - 1);
      expect(await find(`${before}\n${secret}\nend`)).toEqual(['2 assigned-secret']);
      expect(await find(`${before}\n${key}`)).toEqual(['2 private-key']);
    }
  });

  it('finds a password in any of the addresses of a run', async () => {
    const run = `see:https://user:password@host/x;https://reader@host,https://user:secret@a/https://bot:${invent(9)}@b/`;
    expect(await find(run)).toEqual(['1 password-in-address']);
  });

  it.each([
    ['an address without an end', `${'a'.repeat(60_000)}@`, 'a.txt'],
    ['schemes', 'a://', 'a.txt'],
    ['addresses', `a://${'b'.repeat(30_000)}:${'c'.repeat(30_000)}@`, 'a.txt'],
    ['marks at the end of a value', `password=${'!'.repeat(60_000)}a `, 'a.txt'],
    ['names of keys', `${'_'.repeat(140)} abcdefghij12 `, 'a.txt'],
    ['headers with spaces', `${PEM}${' '.repeat(370)}`, 'a.txt'],
    ['headers with line breaks', `${PEM}${'\\n'.repeat(185)}`, 'a.txt'],
    ['spaces in a setting', `password=a${' '.repeat((1 << 20) - 20)}b`, '.env'],
    ['spaces before a comment', `password=${' #'.repeat(1 << 18)}`, '.env'],
  ])('reads a megabyte of %s without trying it again from each place', async (_, unit, name) => {
    const start = process.cpuUsage();
    await find(unit.repeat(Math.ceil((1 << 20) / unit.length)), name);
    const { user } = process.cpuUsage(start);
    expect(user / 1e6).toBeLessThan(2); // a tenth of a second in fact; ten and more where it is tried again
  });

  it('finds a secret within a megabyte without a break', async () => {
    const long = 'abcdefghij'.repeat(100_000);
    expect(await find(`${long}.ghp_${invent(36)}.${long}`)).toEqual(['1 github-token']);
  });

  it('lists at most 100', async () => {
    expect(await find(`AKIA${invent(16, CAPITALS)}\n`.repeat(500))).toHaveLength(100);
  });

  it('names a file that cannot be read', async () => {
    await expect(findSecrets(join(folder, 'missing'))).rejects.toMatchObject({ code: 'SYSTEM_REFUSED' });
  });
});
